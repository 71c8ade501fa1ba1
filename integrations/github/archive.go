package github

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Bounds of an archive. It is of the whole repository and read as it comes; only what is wanted of it is kept.
const (
	maxArchivePacked = 256 << 20

	// archivePatience is how many time-outs of a call an archive may take.
	archivePatience = 6
)

var usualBounds = bounds{unpacked: 1 << 30, kept: 128 << 20, files: 20_000}

// Archive reads all wanted plain files below a directory at a commit, by path, with two requests however many they are: GitHub packs the
// whole commit (GitHub REST: Download a repository archive). sha is the commit's full SHA; dir is "" for all; want is asked with the path
// from the repository's root, nil wants all. Links and submodules are left out, and so is what could not be read by ReadFile. A directory
// that is not there has no files.
//
// What is packed is what git archive packs: files that .gitattributes marks with export-ignore are missing, and those with export-subst,
// eol or an encoding are changed. Where that matters, compare BlobSHA with ListFiles and read the rest by ReadFile.
//
// An archive of more than 256 MiB, 1 GiB unpacked, and more than 20,000 wanted files or 128 MiB of them are an error, not half of them.
// It may take six time-outs of the Client. IsNotFound when there is no such repository or commit.
func (c *Client) Archive(ctx context.Context, repo, sha, dir string, want func(path string) bool) ([]File, error) {
	const op = "read an archive"
	dir = strings.TrimSuffix(dir, "/")
	switch why := pathMistake(dir); {
	case dir != "" && why != "":
		return nil, refuse(op, repo, "%.100q cannot be a directory's path: %s", dir, why)
	case !fullSHA.MatchString(sha):
		return nil, refuse(op, repo, "an archive is read of a commit, not of %.50q", sha)
	}
	address, err := c.addressOf(ctx, op, repo, "tarball", sha)
	if err != nil {
		return nil, err
	}
	k := call{op: op, about: repo, method: http.MethodGet}
	free, err := c.takeSlot(k)
	if err != nil {
		return nil, err
	}
	defer free()
	ctx, cancel := context.WithTimeout(ctx, archivePatience*c.timeout)
	defer cancel()
	for try := 0; ; try++ {
		a := &archive{bounds: usualBounds, dir: dir, want: want}
		fail := c.unpack(ctx, k, address, a)
		if fail == nil {
			return a.sorted(), nil
		}
		if try >= len(c.pauses) || !worthRepeating(fail, c.pauses[try]) || !pause(ctx, c.pauses[try]) {
			return nil, fail
		}
	}
}

// unpack downloads once.
func (c *Client) unpack(ctx context.Context, k call, address *url.URL, a *archive) *Error {
	resp, err := c.fetch(ctx, address, "Accept-Encoding", "gzip") // so that nobody unpacks it on the way
	if err != nil {
		return c.noAnswer(ctx, k, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &Error{Op: k.op, about: k.about, Status: resp.StatusCode, Message: http.StatusText(resp.StatusCode)}
	}
	body := &bounded{Reader: resp.Body, left: maxArchivePacked}
	err = a.read(body)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errTooMuch):
		return &Error{Op: k.op, about: k.about, Status: resp.StatusCode, Message: "the archive is too large",
			advice: fmt.Sprintf("%s has more there than Shipmate can read at once.", k.about)}
	case body.broke != nil:
		return c.noAnswer(ctx, k, body.broke)
	}
	return &Error{Op: k.op, about: k.about, Status: resp.StatusCode, Message: "the archive is not what GitHub documents"}
}

// errTooMuch says that a bound is met.
var errTooMuch = errors.New("too much")

// bounded reads up to a bound, and tells a bound that is met and a broken connection from an end.
type bounded struct {
	io.Reader
	left  int64
	broke error
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooMuch
	}
	if err != nil && err != io.EOF {
		b.broke = err
	}
	return n, err
}

type bounds struct {
	unpacked, kept int64 // bytes
	files          int
}

// archive collects the wanted files, within bounds.
type archive struct {
	bounds
	dir   string
	want  func(path string) bool
	found []File
	size  int64 // of what was found
}

func (a *archive) read(packed io.Reader) error {
	unzipped, err := gzip.NewReader(packed)
	if err != nil {
		return err
	}
	all := &bounded{Reader: unzipped, left: a.unpacked}
	in := tar.NewReader(all)
	for {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		path, ok := a.wanted(h)
		if !ok {
			continue
		}
		if a.size += h.Size; a.size > a.kept || len(a.found) >= a.files {
			return errTooMuch
		}
		content, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		a.found = append(a.found, File{path, content})
	}
	_, err = io.Copy(io.Discard, all) // to its checksum
	return err
}

// wanted is the path of an entry without the top folder that everything is in, owner-repo-sha/.
func (a *archive) wanted(h *tar.Header) (path string, ok bool) {
	top, path, _ := strings.Cut(h.Name, "/")
	return path, h.Typeflag == tar.TypeReg && top != "" && below(a.dir, path) && pathMistake(path) == "" && (a.want == nil || a.want(path))
}

func (a *archive) sorted() []File {
	slices.SortFunc(a.found, func(x, y File) int { return strings.Compare(x.Path, y.Path) })
	return a.found
}
