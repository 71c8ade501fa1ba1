package githubtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// archiveLife is how long the address of an archive is good ("GitHub REST: Download a repository archive").
const archiveLife = 5 * time.Minute

// downloadTarball sends to where the archive is, on another host. The address of a private repository's has a token of its own.
func downloadTarball(q *request) reply {
	at := fmt.Sprintf("%s/_codeload/%s/legacy.tar.gz/%s", q.otherHost(), q.repo.full(), url.PathEscape(q.vars["ref"]))
	if q.repo.Private {
		at += "?token=" + q.repo.archiveToken(q.vars["ref"], q.now.Add(archiveLife))
	}
	return reply{status: 302}.with("Location", at).with("Cache-Control", "must-revalidate, max-age=0")
}

// archiveToken is good for one archive until some time, which it holds.
func (d *repo) archiveToken(ref string, until time.Time) string {
	return fmt.Sprintf("%d-%x", until.Unix(), sha1.Sum(fmt.Appendf(nil, "%d %s %d", d.ID, ref, until.Unix())))
}

// codeload is the other host. What its address does not allow is not there.
func codeload(q *request) reply {
	missing := reply{status: 404, raw: []byte("404: Not Found")}.with("Content-Type", "text/plain; charset=utf-8")
	if q.Header.Get("Authorization") != "" {
		q.s.problems = append(q.s.problems, "the GitHub credentials were sent to the host the archives are on")
		return missing
	}
	if q.repo == nil {
		return missing
	}
	ref, token := q.vars["ref"], q.query.Get("token")
	end, _, _ := strings.Cut(token, "-")
	until, _ := strconv.ParseInt(end, 10, 64)
	if q.repo.Private && (q.now.Unix() >= until || token != q.repo.archiveToken(ref, time.Unix(until, 0))) {
		return missing
	}
	sha := q.repo.Git.resolve(ref)
	if sha == "" {
		return missing
	}
	packed, err := q.repo.tarball(q.repo.Git.Commits[sha])
	if err != nil {
		return q.fail(500, "Server Error")
	}
	return reply{status: 200, raw: packed}.with("Content-Type", "application/x-gzip").
		with("Content-Disposition", fmt.Sprintf("attachment; filename=%s.tar.gz", q.repo.archiveName(sha)))
}

// archiveName is also the folder that everything in an archive is in.
func (d *repo) archiveName(sha string) string {
	return fmt.Sprintf("%s-%s-%s", d.Owner, d.Name, sha[:7])
}

// tarball packs a commit as git archive does: its SHA as a comment first, then everything in the order of its trees, as the .gitattributes
// file at its root has it.
func (d *repo) tarball(c *gitCommit) ([]byte, error) {
	var buf bytes.Buffer
	zipped := gzip.NewWriter(&buf)
	out := tar.NewWriter(zipped)
	err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": c.SHA}})
	said, _ := d.Git.file(c.SHA, ".gitattributes")
	kept := attributesOf(string(said))
	ignored := "" // the directory that is being left out
	put := func(name string, e treeEntry) {
		_, file, _ := strings.Cut(name, "/")
		if ignored != "" && strings.HasPrefix(name, ignored) {
			return
		}
		if kept.of("export-ignore", file) == "set" {
			if ignored = ""; e.isDir() {
				ignored = name + "/"
			}
			return
		}
		h, content := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o664, ModTime: c.Committer.Date}, d.Git.Blobs[e.SHA]
		if e.Mode != "120000" {
			content = kept.packed(file, c.SHA, content)
		}
		switch e.Mode {
		case "040000":
			h.Typeflag, h.Name, h.Mode, content = tar.TypeDir, name+"/", 0o775, nil
		case "120000":
			h.Typeflag, h.Linkname, h.Mode, content = tar.TypeSymlink, string(content), 0o777, nil
		case "100755":
			h.Mode = 0o775
		}
		h.Size = int64(len(content))
		if err == nil {
			err = out.WriteHeader(h)
		}
		if err == nil {
			_, err = out.Write(content)
		}
	}
	top := d.archiveName(c.SHA)
	put(top, treeEntry{Mode: "040000"})
	d.Git.walk(c.Tree, top+"/", put)
	if err == nil {
		err = out.Close()
	}
	if err == nil {
		err = zipped.Close()
	}
	return buf.Bytes(), err
}
