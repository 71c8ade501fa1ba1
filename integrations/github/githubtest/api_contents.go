package githubtest

import (
	"encoding/base64"
	"strings"
)

// maxDirectory is how many entries a directory listing shows ("GitHub REST: Get repository content").
const maxDirectory = 1000

// maxContent is how large a file is shown with what is in it ("GitHub REST: Get repository content").
const maxContent = 1 << 20

// content shows a file or directory without what is in it.
func (q *request) content(path, ref string, e treeEntry) obj {
	kind, page := "file", "blob"
	var download any = strings.Replace(q.html("%s/raw/%s/%s", q.repo.full(), ref, path), "https://github.com/", "https://raw.githubusercontent.com/", 1)
	git := q.of("git/blobs/%s", e.SHA)
	if e.isDir() {
		kind, page, download, git = "dir", "tree", nil, q.of("git/trees/%s", e.SHA)
	}
	self := q.of("contents/%s?ref=%s", path, ref)
	html := q.page("%s/%s/%s", page, ref, path)
	return obj{"type": kind, "name": baseName(path), "path": path, "sha": e.SHA, "size": len(q.repo.Git.Blobs[e.SHA]), "url": self,
		"html_url": html, "git_url": git, "download_url": download, "_links": obj{"self": self, "html": html, "git": git}}
}

func getContent(q *request) reply {
	ref := q.query.Get("ref")
	if ref == "" {
		ref = q.repo.DefaultBranch
	}
	sha := q.repo.Git.resolve(ref)
	switch {
	case len(q.repo.Git.Refs) == 0:
		return q.fail(404, "This repository is empty.")
	case sha == "":
		return q.fail(404, "No commit found for the ref "+ref)
	}
	path := strings.Trim(q.vars["path"], "/")
	e, there := q.repo.Git.entry(sha, path)
	if !there {
		return q.notFound()
	}
	if e.isDir() {
		return ok(q.directory(path, ref, e))
	}
	data := q.repo.Git.Blobs[e.SHA]
	if strings.Contains(q.Header.Get("Accept"), "raw") {
		return reply{status: 200, raw: data}.with("Content-Type", "application/vnd.github.raw; charset=utf-8")
	}
	o := q.content(path, ref, e)
	if len(data) > maxContent {
		o["content"], o["encoding"] = "", "none"
		return ok(o)
	}
	o["content"], o["encoding"] = wrapped(data), "base64"
	return ok(o)
}

func (q *request) directory(path, ref string, e treeEntry) []obj {
	entries := q.repo.Git.Trees[e.SHA]
	return each(entries[:min(len(entries), maxDirectory)], func(e treeEntry) obj {
		return q.content(strings.TrimPrefix(path+"/"+e.Name, "/"), ref, e)
	})
}

// putContent commits one file. The blob it replaces must be named, or the write is refused.
func putContent(q *request) reply {
	var in struct {
		Message, Content, SHA, Branch string
	}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	if in.Branch == "" {
		in.Branch = q.repo.DefaultBranch
	}
	path, ref := strings.Trim(q.vars["path"], "/"), "refs/heads/"+in.Branch
	head := q.repo.Git.Refs[ref]
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(in.Content, "\n", ""))
	switch {
	case in.Message == "":
		return q.fail(422, "Invalid request.\n\n\"message\" wasn't supplied.")
	case err != nil:
		return q.fail(422, "content is not valid Base64")
	case !validPath(path):
		return q.fail(422, "path contains a malformed path component")
	case head == "" && len(q.repo.Git.Refs) > 0:
		return q.fail(404, "Branch "+in.Branch+" not found")
	}
	old := treeEntry{}
	if head != "" {
		old, _ = q.repo.Git.entry(head, path)
	}
	switch {
	case old.SHA != "" && in.SHA == "":
		return q.fail(422, "Invalid request.\n\n\"sha\" wasn't supplied.")
	case in.SHA != "" && in.SHA != old.SHA:
		return q.fail(409, path+" does not match "+in.SHA)
	}
	if refusal := q.ruled(409, ref, pullsOnly); refusal != nil {
		return *refusal
	}
	sha := q.s.commitFiles(q.repo, head, q.s.mustAccount(q.who.login), in.Message, Files{path: string(data)}, q.now)
	q.s.pushed(q.repo, ref, sha, q.who.login, q.now)
	e, _ := q.repo.Git.entry(sha, path)
	out := obj{"content": q.content(path, in.Branch, e), "commit": q.gitCommit(q.repo.Git.Commits[sha])}
	if old.SHA == "" {
		return created(out)
	}
	return ok(out)
}
