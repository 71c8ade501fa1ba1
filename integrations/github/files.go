package github

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// BlobSHA is the name that git gives a file's content, which is also what GitHub calls a file's sha (Git Internals: Git Objects). After
// UpdateFile it is the SeenSHA of what comes next.
func BlobSHA(content []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// stored is a file as GitHub's contents API shows it (GitHub REST: Get repository content).
type stored struct {
	Type     string
	Encoding string
	Content  string
	SHA      string
	Size     int64
}

// ReadFile reads a file on a branch, tag or commit, the default branch when ref is empty, and the SHA of its blob. What is larger than
// 1 MiB takes a second call; GitHub shows at most 100 MB, and an answer of more than 32 MiB is refused here. IsNotFound when there is
// no such file, ref or repository.
func (c *Client) ReadFile(ctx context.Context, repo, ref, path string) (content []byte, blobSHA string, err error) {
	const op = "read a file"
	switch why := pathMistake(path); {
	case why != "":
		return nil, "", refuse(op, repo, "%.100q cannot be a file's path: %s", path, why)
	case ref != "" && refMistake(ref) != "":
		return nil, "", refuse(op, repo, "%.100q cannot be a branch, tag or commit", ref)
	}
	var query url.Values
	if ref != "" {
		query = url.Values{"ref": {ref}}
	}
	var raw json.RawMessage
	if _, err := c.getRepo(ctx, op, repo, query, &raw, append([]string{"contents"}, strings.Split(path, "/")...)...); err != nil {
		if IsNotFound(err) {
			err = withAdvice(err, fmt.Sprintf("%s has no file %s that Shipmate can see.", repo, path))
		}
		return nil, "", err
	}
	var f stored
	if bytes.HasPrefix(raw, []byte("[")) || json.Unmarshal(raw, &f) != nil || f.Type != "file" {
		return nil, "", withAdvice(&Error{Op: op, about: repo, Status: http.StatusOK, Message: path + " is no file"}, fmt.Sprintf("%s of %s is not a file.", path, repo))
	}
	if f.Encoding != "base64" { // "none": it is too large to ride along
		if _, err := c.getRepo(ctx, op, repo, nil, &f, "git", "blobs", f.SHA); err != nil {
			return nil, "", err
		}
	}
	content, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(f.Content, "\n", ""))
	if err != nil {
		return nil, "", &Error{Op: op, about: repo, Status: http.StatusOK, Message: "the answer is not what GitHub documents"}
	}
	return content, f.SHA, nil
}

// ListedFile is a file of a listing.
type ListedFile struct {
	Path string // from the repository's root
	SHA  string // of its blob
	Size int64
}

// ListFiles lists the plain files below a directory, at any depth and by path, on a branch, tag or commit, the default branch when ref is
// empty; dir is "" for all. It takes a call for each part of dir and two more, cheap while nothing changes. Links and submodules are
// left out. More than GitHub lists (100,000 entries or 7 MB) is an error, not half a list; IsNotFound when there is no such directory.
func (c *Client) ListFiles(ctx context.Context, repo, ref, dir string) ([]ListedFile, error) {
	const op = "list files"
	dir = strings.TrimSuffix(dir, "/")
	if why := pathMistake(dir); dir != "" && why != "" {
		return nil, refuse(op, repo, "%.100q cannot be a directory's path: %s", dir, why)
	}
	commit, err := c.Resolve(ctx, repo, ref)
	if err != nil {
		return nil, err
	}
	tree, prefix := commit.SHA, ""
	for part := range strings.SplitSeq(dir, "/") {
		if part == "" {
			continue
		}
		listed, err := c.tree(ctx, repo, tree, false)
		if err != nil {
			return nil, err
		}
		if tree = listed.find(part); tree == "" {
			return nil, &Error{Op: op, about: repo, Status: http.StatusNotFound, Message: "no directory " + dir,
				advice: fmt.Sprintf("%s has no directory %s at %s.", repo, dir, commit.Ref)}
		}
		prefix += part + "/"
	}
	all, err := c.tree(ctx, repo, tree, true)
	if err != nil {
		return nil, err
	}
	var out []ListedFile
	for _, e := range all.Tree {
		if e.Type == "blob" && e.Mode != "120000" {
			out = append(out, ListedFile{Path: prefix + e.Path, SHA: e.SHA, Size: e.Size})
		}
	}
	return out, nil
}

// listing is a tree (GitHub REST: Get a tree).
type listing struct {
	Truncated bool
	Tree      []struct {
		Path, Mode, Type, SHA string
		Size                  int64
	}
}

// FirstDir is the first of some directories that there is on a branch, tag or commit, the default branch when ref is empty; "" when there is
// none of them. It takes two calls, and one more for each directory on the way to one of them.
func (c *Client) FirstDir(ctx context.Context, repo, ref string, dirs []string) (string, error) {
	const op = "look for a directory"
	for _, dir := range dirs {
		if why := pathMistake(dir); why != "" {
			return "", refuse(op, repo, "%.100q cannot be a directory's path: %s", dir, why)
		}
	}
	commit, err := c.Resolve(ctx, repo, ref)
	if err != nil {
		return "", err
	}
	listed := map[string]listing{} // by the tree's SHA
	for _, dir := range dirs {
		tree := commit.SHA
		for part := range strings.SplitSeq(dir, "/") {
			all, known := listed[tree]
			if !known {
				if all, err = c.tree(ctx, repo, tree, false); err != nil {
					return "", err
				}
				listed[tree] = all
			}
			if tree = all.find(part); tree == "" {
				break
			}
		}
		if tree != "" {
			return dir, nil
		}
	}
	return "", nil
}

// find is the tree of a directory in a listing that is not recursive.
func (l listing) find(name string) string {
	for _, e := range l.Tree {
		if e.Path == name && e.Type == "tree" {
			return e.SHA
		}
	}
	return ""
}

func (c *Client) tree(ctx context.Context, repo, sha string, recursive bool) (listing, error) {
	const op = "list files"
	var query url.Values
	if recursive {
		query = url.Values{"recursive": {"1"}}
	}
	var out listing
	if _, err := c.getRepo(ctx, op, repo, query, &out, "git", "trees", sha); err != nil {
		return listing{}, err
	}
	if out.Truncated {
		return listing{}, withAdvice(&Error{Op: op, about: repo, Status: http.StatusOK, Message: "GitHub lists a part of them only"},
			fmt.Sprintf("%s has more files there than GitHub lists.", repo))
	}
	return out, nil
}
