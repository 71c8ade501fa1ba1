package githubtest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

func (q *request) ref(name string) obj {
	sha := q.repo.Git.Refs[name]
	kind := "commit"
	if q.repo.Git.Tags[sha] != nil {
		kind = "tag"
	}
	return obj{"ref": name, "node_id": nodeID("REF", name), "url": q.of("git/%s", name),
		"object": obj{"sha": sha, "type": kind, "url": q.of("git/%ss/%s", kind, sha)}}
}

func getRef(q *request) reply {
	name := "refs/" + strings.TrimPrefix(q.vars["ref"], "refs/")
	switch {
	case len(q.repo.Git.Refs) == 0:
		return q.fail(409, "Git Repository is empty.")
	case q.repo.Git.Refs[name] == "":
		return q.notFound()
	}
	return ok(q.ref(name))
}

// matchingRefs lists all at once: the operation has no pages.
func matchingRefs(q *request) reply {
	prefix := "refs/" + strings.TrimPrefix(q.vars["ref"], "refs/")
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(q.repo.Git.Refs)), func(n string) bool { return !strings.HasPrefix(n, prefix) })
	return ok(each(names, q.ref))
}

func createRef(q *request) reply {
	var in struct{ Ref, SHA string }
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	g := &q.repo.Git
	switch {
	case len(g.Refs) == 0:
		return q.fail(409, "Git Repository is empty.")
	case !strings.HasPrefix(in.Ref, "refs/") || strings.Count(in.Ref, "/") < 2:
		return q.fail(422, "Reference name must start with 'refs/' and have at least two slashes.")
	case !validRef(in.Ref):
		return q.fail(422, in.Ref+" is not a valid ref name.")
	case g.Refs[in.Ref] != "":
		return q.fail(422, "Reference already exists")
	case g.blocked(in.Ref):
		return q.fail(422, "Reference update failed")
	case g.Commits[in.SHA] == nil && g.Tags[in.SHA] == nil:
		return q.fail(422, "Object does not exist")
	}
	q.s.pushed(q.repo, in.Ref, in.SHA, q.who.login, q.now)
	return created(q.ref(in.Ref)).with("Location", q.of("git/%s", in.Ref))
}

// blocked tells whether a ref stands where another name needs a directory, or the other way round: refs are paths.
func (g *git) blocked(name string) bool {
	for other := range g.Refs {
		if strings.HasPrefix(other, name+"/") || strings.HasPrefix(name, other+"/") {
			return true
		}
	}
	return false
}

// validRef follows git-check-ref-format as far as people get near its edges.
func validRef(ref string) bool {
	return !strings.ContainsAny(ref, " ~^:?*[\\\x7f") && !strings.Contains(ref, "..") && !strings.Contains(ref, "//") &&
		!strings.Contains(ref, "@{") && !strings.HasSuffix(ref, "/") && !strings.HasSuffix(ref, ".") && !strings.HasSuffix(ref, ".lock")
}

// ruled is the refusal of a change to a branch that the rules keep; nil when they do not.
func (q *request) ruled(status int, ref, rule string) *reply {
	branch, is := strings.CutPrefix(ref, "refs/heads/")
	if !is || !slices.Contains(q.repo.PullsOnly, branch) {
		return nil
	}
	return refuse(q.fail(status, "Repository rule violations found\n\n"+rule+"\n\n"))
}

const pullsOnly = "Changes must be made through a pull request."

func updateRef(q *request) reply {
	var in struct {
		SHA   string
		Force bool
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	g, name := &q.repo.Git, "refs/"+strings.TrimPrefix(q.vars["ref"], "refs/")
	switch {
	case g.Refs[name] == "":
		return q.fail(422, "Reference does not exist")
	case g.Commits[in.SHA] == nil && g.Tags[in.SHA] == nil:
		return q.fail(422, "Object does not exist")
	case !in.Force && !g.ancestors(g.peel(in.SHA))[g.peel(g.Refs[name])]:
		return q.fail(422, "Update is not a fast forward")
	}
	if refusal := q.ruled(422, name, pullsOnly); refusal != nil {
		return *refusal
	}
	q.s.pushed(q.repo, name, in.SHA, q.who.login, q.now)
	return ok(q.ref(name))
}

func deleteRef(q *request) reply {
	name := "refs/" + strings.TrimPrefix(q.vars["ref"], "refs/")
	if q.repo.Git.Refs[name] == "" {
		return q.fail(422, "Reference does not exist")
	}
	if name == "refs/heads/"+q.repo.DefaultBranch {
		return q.fail(422, "Cannot delete the default branch")
	}
	if refusal := q.ruled(422, name, "Cannot delete this branch"); refusal != nil {
		return *refusal
	}
	q.repo.deleteRef(name, q.now)
	return reply{status: 204}
}

func getBlob(q *request) reply {
	content, there := q.repo.Git.Blobs[q.vars["sha"]]
	if !there {
		return q.notFound()
	}
	sha := q.vars["sha"]
	return ok(obj{"sha": sha, "node_id": nodeID("B", sha), "url": q.of("git/blobs/%s", sha), "size": len(content),
		"content": wrapped(content), "encoding": "base64"})
}

// wrapped is base64 in lines of 60, as GitHub gives it.
func wrapped(content []byte) string {
	var out strings.Builder
	for chunk := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(content)), 60) {
		out.Write(chunk)
		out.WriteByte('\n')
	}
	return out.String()
}

func createBlob(q *request) reply {
	var in struct{ Content, Encoding string }
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	content := []byte(in.Content)
	if in.Encoding == "base64" {
		var err error
		if content, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(in.Content, "\n", "")); err != nil {
			return q.fail(422, "content is not valid Base64")
		}
	}
	sha := q.repo.Git.putBlob(content)
	return created(obj{"sha": sha, "url": q.of("git/blobs/%s", sha)}).with("Location", q.of("git/blobs/%s", sha))
}

// maxTree is how many entries of a tree are shown ("GitHub REST: Get a tree").
const maxTree = 100_000

func (q *request) treeEntry(path string, e treeEntry) obj {
	if e.isDir() {
		return obj{"path": path, "mode": e.Mode, "type": "tree", "sha": e.SHA, "url": q.of("git/trees/%s", e.SHA)}
	}
	return obj{"path": path, "mode": e.Mode, "type": "blob", "sha": e.SHA, "size": len(q.repo.Git.Blobs[e.SHA]), "url": q.of("git/blobs/%s", e.SHA)}
}

func (q *request) tree(sha string, recursive bool) obj {
	entries := []obj{}
	if recursive {
		q.repo.Git.walk(sha, "", func(path string, e treeEntry) { entries = append(entries, q.treeEntry(path, e)) })
	} else {
		entries = each(q.repo.Git.Trees[sha], func(e treeEntry) obj { return q.treeEntry(e.Name, e) })
	}
	limit := cmp.Or(q.s.opts.TreeLimit, maxTree)
	return obj{"sha": sha, "url": q.of("git/trees/%s", sha), "tree": entries[:min(len(entries), limit)], "truncated": len(entries) > limit}
}

func getTree(q *request) reply {
	g, sha := &q.repo.Git, q.vars["sha"]
	if _, there := g.Trees[sha]; !there {
		commit := g.resolve(sha)
		if commit == "" {
			return q.notFound()
		}
		sha = g.Commits[commit].Tree
	}
	return ok(q.tree(sha, q.query.Get("recursive") != ""))
}

// validPath tells whether git lets a file stand there.
func validPath(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.EqualFold(part, ".git") {
			return false
		}
	}
	return true
}

func createTree(q *request) reply {
	var in struct {
		BaseTree string `json:"base_tree"`
		Tree     []struct {
			Path, Mode, Type string
			SHA, Content     *string
		}
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	g := &q.repo.Git
	if c := g.Commits[in.BaseTree]; c != nil {
		in.BaseTree = c.Tree
	}
	if _, there := g.Trees[in.BaseTree]; in.BaseTree != "" && !there {
		return q.notFound()
	}
	if len(in.Tree) == 0 {
		return q.fail(422, "Invalid tree info")
	}
	files := g.flatten(in.BaseTree)
	for _, e := range in.Tree {
		switch {
		case !validPath(e.Path):
			return q.fail(422, "tree.path contains a malformed path component")
		case e.Content != nil && e.SHA == nil:
			files[e.Path] = treeEntry{Mode: e.Mode, SHA: g.putBlob([]byte(*e.Content))}
		case e.SHA == nil && !slices.ContainsFunc(slices.Collect(maps.Keys(files)), func(p string) bool { return p == e.Path || strings.HasPrefix(p, e.Path+"/") }):
			return q.fail(422, "GitRPC::BadObjectState")
		case e.SHA == nil: // null deletes, a whole directory too
			maps.DeleteFunc(files, func(p string, _ treeEntry) bool { return p == e.Path || strings.HasPrefix(p, e.Path+"/") })
		case e.Content != nil || g.Blobs[*e.SHA] == nil && e.Mode != "040000":
			return q.fail(422, "tree.sha "+*e.SHA+" is not a valid blob")
		case e.Mode == "040000":
			for path, below := range g.flatten(*e.SHA) {
				files[e.Path+"/"+path] = below
			}
		default:
			files[e.Path] = treeEntry{Mode: e.Mode, SHA: *e.SHA}
		}
	}
	sha := g.build(files)
	return created(q.tree(sha, false)).with("Location", q.of("git/trees/%s", sha))
}

func (q *request) gitCommit(c *gitCommit) obj {
	return obj{"sha": c.SHA, "node_id": nodeID("C", c.SHA), "url": q.of("git/commits/%s", c.SHA), "html_url": q.page("commit/%s", c.SHA),
		"author": c.Author.json(), "committer": c.Committer.json(), "message": c.Message, "verification": unsigned,
		"tree": obj{"sha": c.Tree, "url": q.of("git/trees/%s", c.Tree)},
		"parents": each(c.Parents, func(p string) obj {
			return obj{"sha": p, "url": q.of("git/commits/%s", p), "html_url": q.page("commit/%s", p)}
		})}
}

func getGitCommit(q *request) reply {
	c := q.repo.Git.Commits[q.vars["sha"]]
	if c == nil {
		return q.notFound()
	}
	return ok(q.gitCommit(c))
}

func createGitCommit(q *request) reply {
	type who struct {
		Name, Email string
		Date        time.Time
	}
	var in struct {
		Message, Tree     string
		Parents           []string
		Author, Committer *who
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	g := &q.repo.Git
	if _, there := g.Trees[in.Tree]; !there {
		return q.fail(422, "Tree SHA does not exist")
	}
	for _, p := range in.Parents {
		if g.Commits[p] == nil {
			return q.fail(422, "Parent SHA does not exist or is not a commit object")
		}
	}
	sign := func(w *who, otherwise signature) signature {
		if w == nil {
			return otherwise
		}
		if w.Date.IsZero() {
			w.Date = q.now
		}
		return signature{w.Name, w.Email, w.Date.UTC()}
	}
	author := sign(in.Author, q.s.mustAccount(q.who.login).signature(q.now))
	sha := g.putCommit(gitCommit{Tree: in.Tree, Parents: in.Parents, Author: author, Committer: sign(in.Committer, author), Message: in.Message})
	return created(q.gitCommit(g.Commits[sha])).with("Location", q.of("git/commits/%s", sha))
}

func getGitTag(q *request) reply {
	t := q.repo.Git.Tags[q.vars["sha"]]
	if t == nil {
		return q.notFound()
	}
	return ok(obj{"sha": t.SHA, "node_id": nodeID("TA", t.SHA), "tag": t.Name, "url": q.of("git/tags/%s", t.SHA), "message": t.Message,
		"tagger": t.Tagger.json(), "verification": unsigned,
		"object": obj{"sha": t.Object, "type": "commit", "url": q.of("git/commits/%s", t.Object)}})
}

// mergeBranch merges one branch into another, as far as they do not conflict.
func mergeBranch(q *request) reply {
	var in struct {
		Base, Head string
		Message    string `json:"commit_message"`
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	g, name := &q.repo.Git, "refs/heads/"+in.Base
	into, from := g.Refs[name], g.resolve(in.Head)
	switch {
	case into == "":
		return q.fail(404, "Base does not exist")
	case from == "":
		return q.fail(404, "Head does not exist")
	case g.ancestors(into)[from]:
		return reply{status: 204}
	}
	if mb := g.mergeBase(into, from); mb == "" || q.repo.conflict(mb, into, from) {
		return q.fail(409, "Merge conflict")
	}
	if refusal := q.ruled(409, name, pullsOnly); refusal != nil {
		return *refusal
	}
	by := q.s.mustAccount(q.who.login).signature(q.now)
	sha := g.putCommit(gitCommit{Tree: g.build(q.repo.mergedFiles(into, from)), Parents: []string{into, from}, Author: by, Committer: by,
		Message: cmp.Or(in.Message, fmt.Sprintf("Merge %s into %s", in.Head, in.Base))})
	q.s.pushed(q.repo, name, sha, q.who.login, q.now)
	return created(q.commit(sha))
}
