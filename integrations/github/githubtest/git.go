package githubtest

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// git is a repository's object store. Objects are encoded and named as git does ("Git Internals: Git Objects"), so a SHA
// depends on content alone and is the one a real clone would show.
type git struct {
	Blobs   map[string][]byte
	Trees   map[string][]treeEntry
	Commits map[string]*gitCommit
	Tags    map[string]*gitTag
	Refs    map[string]string // "refs/heads/main" → SHA of a commit, or of a tag object
}

type treeEntry struct {
	Name string
	Mode string // 100644, 100755, 120000, 040000
	SHA  string
}

func (e treeEntry) isDir() bool { return e.Mode == "040000" }

type signature struct {
	Name  string
	Email string
	Date  time.Time
}

type gitCommit struct {
	SHA       string
	Seq       int // order of arrival, decides between equal dates
	Tree      string
	Parents   []string
	Author    signature
	Committer signature
	Message   string
}

type gitTag struct {
	SHA     string
	Name    string
	Object  string
	Tagger  signature
	Message string
}

func newGit() git {
	return git{Blobs: map[string][]byte{}, Trees: map[string][]treeEntry{}, Commits: map[string]*gitCommit{},
		Tags: map[string]*gitTag{}, Refs: map[string]string{}}
}

func objectSHA(kind string, body []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d\x00", kind, len(body))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

func (g *git) putBlob(content []byte) string {
	sha := objectSHA("blob", content)
	g.Blobs[sha] = content
	return sha
}

func (g *git) putTree(entries []treeEntry) string {
	// git sorts directories as if their names ended in a slash.
	key := func(e treeEntry) string {
		if e.isDir() {
			return e.Name + "/"
		}
		return e.Name
	}
	slices.SortFunc(entries, func(a, b treeEntry) int { return strings.Compare(key(a), key(b)) })
	var body bytes.Buffer
	for _, e := range entries {
		raw, _ := hex.DecodeString(e.SHA)
		fmt.Fprintf(&body, "%s %s\x00%s", strings.TrimPrefix(e.Mode, "0"), e.Name, raw)
	}
	sha := objectSHA("tree", body.Bytes())
	g.Trees[sha] = entries
	return sha
}

func (s signature) line() string {
	return fmt.Sprintf("%s <%s> %d +0000", s.Name, s.Email, s.Date.Unix())
}

func (g *git) putCommit(c gitCommit) string {
	var body strings.Builder
	fmt.Fprintf(&body, "tree %s\n", c.Tree)
	for _, p := range c.Parents {
		fmt.Fprintf(&body, "parent %s\n", p)
	}
	fmt.Fprintf(&body, "author %s\ncommitter %s\n\n%s", c.Author.line(), c.Committer.line(), c.Message)
	c.SHA = objectSHA("commit", []byte(body.String()))
	if g.Commits[c.SHA] == nil {
		c.Seq = len(g.Commits) + 1
		c.Author.Date, c.Committer.Date = c.Author.Date.Truncate(time.Second), c.Committer.Date.Truncate(time.Second)
		g.Commits[c.SHA] = &c
	}
	return c.SHA
}

func (g *git) putTag(t gitTag) string {
	body := fmt.Sprintf("object %s\ntype commit\ntag %s\ntagger %s\n\n%s", t.Object, t.Name, t.Tagger.line(), t.Message)
	t.SHA = objectSHA("tag", []byte(body))
	t.Tagger.Date = t.Tagger.Date.Truncate(time.Second)
	g.Tags[t.SHA] = &t
	return t.SHA
}

// flatten lists the files below a tree by path.
func (g *git) flatten(tree string) map[string]treeEntry {
	files := map[string]treeEntry{}
	g.walk(tree, "", func(path string, e treeEntry) {
		if !e.isDir() {
			files[path] = e
		}
	})
	return files
}

// walk visits everything below a tree, directories before what is in them.
func (g *git) walk(tree, prefix string, visit func(path string, e treeEntry)) {
	for _, e := range g.Trees[tree] {
		visit(prefix+e.Name, e)
		if e.isDir() {
			g.walk(e.SHA, prefix+e.Name+"/", visit)
		}
	}
}

// build makes the trees for a set of files and returns the root's SHA.
func (g *git) build(files map[string]treeEntry) string {
	var entries []treeEntry
	dirs := map[string]map[string]treeEntry{}
	for path, e := range files {
		dir, rest, deeper := strings.Cut(path, "/")
		if !deeper {
			entries = append(entries, treeEntry{Name: path, Mode: e.Mode, SHA: e.SHA})
			continue
		}
		if dirs[dir] == nil {
			dirs[dir] = map[string]treeEntry{}
		}
		dirs[dir][rest] = e
	}
	for name, below := range dirs {
		entries = append(entries, treeEntry{Name: name, Mode: "040000", SHA: g.build(below)})
	}
	return g.putTree(entries)
}

// entry finds what stands at a path of a commit's tree; the root is a directory with an empty name.
func (g *git) entry(commit, path string) (treeEntry, bool) {
	at := treeEntry{Mode: "040000", SHA: g.Commits[commit].Tree}
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if name == "" {
			continue
		}
		i := slices.IndexFunc(g.Trees[at.SHA], func(e treeEntry) bool { return e.Name == name })
		if i < 0 {
			return treeEntry{}, false
		}
		at = g.Trees[at.SHA][i]
	}
	return at, true
}

// file returns the content of a file at a commit.
func (g *git) file(commit, path string) ([]byte, bool) {
	e, ok := g.entry(commit, path)
	if !ok || e.isDir() {
		return nil, false
	}
	return g.Blobs[e.SHA], true
}
