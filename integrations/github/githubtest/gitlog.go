package githubtest

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
)

// resolve turns what people write (branch, tag, full ref, SHA or its first seven digits and more) into a commit's SHA, in
// the order GitHub looks: branches, tags, full names, SHAs. It returns "" when there is none.
func (g *git) resolve(ref string) string {
	for _, name := range []string{"refs/heads/" + ref, "refs/tags/" + ref, ref, "refs/" + ref} {
		if sha, ok := g.Refs[name]; ok {
			return g.peel(sha)
		}
	}
	if g.Commits[ref] != nil {
		return ref
	}
	if len(ref) < 7 || strings.Trim(ref, "0123456789abcdef") != "" {
		return ""
	}
	found := ""
	for sha := range g.Commits {
		if strings.HasPrefix(sha, ref) {
			if found != "" {
				return "" // ambiguous
			}
			found = sha
		}
	}
	return found
}

// peel follows a tag object to its commit.
func (g *git) peel(sha string) string {
	if t := g.Tags[sha]; t != nil {
		return t.Object
	}
	return sha
}

// ancestors are the commits reachable from sha, itself included.
func (g *git) ancestors(sha string) map[string]bool {
	seen := map[string]bool{}
	todo := []string{sha}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if c := g.Commits[at]; c != nil && !seen[at] {
			seen[at] = true
			todo = append(todo, c.Parents...)
		}
	}
	return seen
}

// newestFirst orders commits for a heap: by date, then by arrival.
type newestFirst []*gitCommit

func (h newestFirst) Len() int { return len(h) }
func (h newestFirst) Less(i, j int) bool {
	return cmp.Or(h[j].Committer.Date.Compare(h[i].Committer.Date), cmp.Compare(h[j].Seq, h[i].Seq)) < 0
}
func (h newestFirst) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *newestFirst) Push(x any)   { *h = append(*h, x.(*gitCommit)) }
func (h *newestFirst) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// log lists the commits of a set newest first, no parent before its child.
func (g *git) log(set map[string]bool) []*gitCommit {
	children := map[string]int{}
	for sha := range set {
		for _, p := range g.Commits[sha].Parents {
			children[p]++
		}
	}
	ready := &newestFirst{}
	for sha := range set {
		if children[sha] == 0 {
			heap.Push(ready, g.Commits[sha])
		}
	}
	var out []*gitCommit
	for ready.Len() > 0 {
		c := heap.Pop(ready).(*gitCommit)
		out = append(out, c)
		for _, p := range c.Parents {
			if children[p]--; children[p] == 0 && set[p] {
				heap.Push(ready, g.Commits[p])
			}
		}
	}
	return out
}

// mergeBase is the newest commit that both sides have and no other common commit descends from; "" without common history.
func (g *git) mergeBase(a, b string) string {
	ofA, common := g.ancestors(a), map[string]bool{}
	for sha := range g.ancestors(b) {
		if ofA[sha] {
			common[sha] = true
		}
	}
	if log := g.log(common); len(log) > 0 {
		return log[0].SHA
	}
	return ""
}

// only lists the commits of head that base lacks, oldest first as compare shows them.
func (g *git) only(head, base string) []*gitCommit {
	set, have := g.ancestors(head), g.ancestors(base)
	for sha := range have {
		delete(set, sha)
	}
	out := g.log(set)
	slices.Reverse(out)
	return out
}

// change is one file that differs between two trees.
type change struct {
	Path      string
	Status    string // added, removed, modified
	SHA       string // the blob; for removed files the old one
	Additions int
	Deletions int
}

// diff lists the files that differ between two trees, by path; an empty old tree has no files. Renames show as a removal
// and an addition.
func (g *git) diff(oldTree, newTree string) []change {
	before, after := g.flatten(oldTree), g.flatten(newTree)
	var out []change
	for path, e := range after {
		was, ok := before[path]
		switch {
		case !ok:
			add, _ := lineDiff("", string(g.Blobs[e.SHA]))
			out = append(out, change{path, "added", e.SHA, add, 0})
		case was.SHA != e.SHA:
			add, del := lineDiff(string(g.Blobs[was.SHA]), string(g.Blobs[e.SHA]))
			out = append(out, change{path, "modified", e.SHA, add, del})
		}
	}
	for path, e := range before {
		if _, ok := after[path]; !ok {
			_, del := lineDiff(string(g.Blobs[e.SHA]), "")
			out = append(out, change{path, "removed", e.SHA, 0, del})
		}
	}
	slices.SortFunc(out, func(a, b change) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// lineDiff counts the lines a shortest edit adds and deletes (Myers' greedy algorithm, its length only).
func lineDiff(old, new string) (additions, deletions int) {
	a, b := lines(old), lines(new)
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	n, m := len(a), len(b)
	if n == 0 || m == 0 {
		return m, n
	}
	zero := n + m + 1 // where k is 0
	furthest := make([]int, 2*zero+1)
	for d := 0; ; d++ {
		for k := -d; k <= d; k += 2 {
			x := furthest[zero+k-1] + 1
			if k == -d || (k != d && furthest[zero+k-1] < furthest[zero+k+1]) {
				x = furthest[zero+k+1]
			}
			for x < n && x-k < m && a[x] == b[x-k] {
				x++
			}
			furthest[zero+k] = x
			if x >= n && x-k >= m {
				return (d + m - n) / 2, (d + n - m) / 2
			}
		}
	}
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}
