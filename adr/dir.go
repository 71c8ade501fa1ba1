package adr

import (
	"io/fs"
	"path"
	"strings"
	"unicode"
)

// dirs are where tools put records by default: adr-tools, then MADR in its versions, then others (adr-review-debt, section 3.4).
var dirs = []string{"doc/adr", "docs/adr", "docs/decisions", "docs/adrs", "doc/architecture/decisions", "docs/architecture/decisions", ".decisions"}

// DirFile is the file in which adr-tools keeps where the records of a repository are (adr-vectors, A).
const DirFile = ".adr-dir"

// saidDir is what a DirFile says, and the directory that it means; "" when the file is empty. ok is false when that cannot be one in the
// repository.
func saidDir(content []byte) (said, dir string, ok bool) {
	said = strings.TrimSpace(strings.TrimPrefix(string(content), byteOrderMark))
	if said == "" {
		return "", "", true
	}
	dir = path.Clean(said)
	return said, dir, fs.ValidPath(dir) && !strings.ContainsFunc(dir, unicode.IsControl)
}

// FindDir finds the directory of the records of a repository: what DirFile says, whether it is there or not, or else the first of
// the places that tools use. ok is false when there is none. What leads out of the repository is no directory.
func FindDir(fsys fs.FS) (dir string, ok bool) {
	if content, err := fs.ReadFile(fsys, DirFile); err == nil {
		if _, dir, ok := saidDir(content); ok && dir != "" {
			return dir, true
		}
	}
	for _, dir := range dirs {
		if info, err := fs.Stat(fsys, dir); err == nil && info.IsDir() {
			return dir, true
		}
	}
	return "", false
}

// TemplateFile is where a directory of records has its own template, as adr-tools reads it.
const TemplateFile = "templates/template.md"
