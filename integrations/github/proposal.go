package github

import (
	"bytes"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// Proposal is a pull request that is wanted, exactly one for its Request: files on a branch of their own, in one commit. Request stands
// in the commit's trailer "Shipmate-Request: <id>" and, hidden, in the description, and is how everything is found again.
type Proposal struct {
	Repo    string
	Base    string // where it is to go; the default branch when empty
	Branch  string // its own, such as "adr/0042"; it must be nobody else's
	Title   string // cut at GitHub's 256 characters
	Body    string // Markdown, cut with a note at GitHub's 65,536 characters
	Message string // of the commit, without the trailer; the title when empty
	Files   []File // written over what stands there on Base; at most 100 with 10 MiB together, ten of them no text
	Request string // 8 to 200 plain characters without spaces, < and >

	Draft     bool
	Labels    []string
	Reviewers []string   // logins, and teams as org/slug
	Author    *Signature // of the commit; nil for Shipmate's own account

	// Retry says that this was asked for before, so that what is there already is looked for first. Without it a pull request that was
	// merged, and whose branch is gone, would be opened a second time.
	Retry bool
}

// File is a plain file of a commit.
type File struct {
	Path    string // from the repository's root, without . and ..
	Content []byte
}

// isText tells whether the content can stand in JSON as it is.
func (f File) isText() bool { return utf8.Valid(f.Content) && !bytes.ContainsRune(f.Content, 0) }

// Signature is who wrote a commit. GitHub shows the account that has the address; commits written for others are not signed by
// GitHub (GitHub: About commit signature verification, for bots), which a branch rule can ask for.
type Signature struct {
	Name  string
	Email string
}

// Proposed is a pull request as it stands.
type Proposed struct {
	Number int    `json:"number"`
	URL    string `json:"url"`
	Branch string `json:"branch"`
	Head   string `json:"head"`             // SHA of the newest commit of its branch
	Merged bool   `json:"merged,omitempty"` // found merged
	Closed bool   `json:"closed,omitempty"` // found closed without being merged; it stays so

	// Problems are what was wanted beside it and is not there, such as a label or a reviewer, in sentences for people.
	Problems []string `json:"problems,omitempty"`
}

const (
	maxProposedFiles = 100      // files of a proposal
	maxFileBytes     = 10 << 20 // of all of them together

	// Each file that is no text takes a change of its own, and changes are spaced: with more the last would never get their turn.
	maxBinaries = 10
)

// check refuses what could not be carried out, before anything is.
func (p Proposal) check(op string) error {
	if _, err := repoPath(op, p.Repo); err != nil {
		return err
	}
	if err := checkRequest(op, p.Repo, p.Request); err != nil {
		return err
	}
	switch {
	case !ownBranch(p.Branch):
		return refuse(op, p.Repo, "%.100q cannot be the name of a new branch", p.Branch)
	case p.Base != "" && !ownBranch(p.Base):
		return refuse(op, p.Repo, "%.100q cannot be the branch a pull request goes to", p.Base)
	case strings.TrimSpace(p.Title) == "":
		return refuse(op, p.Repo, "a pull request needs a title")
	case p.Author != nil && !p.Author.valid():
		return refuse(op, p.Repo, "the commit's author needs a name and an address")
	}
	return checkFiles(op, p.Repo, p.Files)
}

// ownBranch tells whether a branch can be called so, in a way that nobody takes for a SHA or a full ref.
func ownBranch(name string) bool {
	return name != "" && name != "HEAD" && refMistake(name) == "" && !strings.HasPrefix(name, "refs/") && !fullSHA.MatchString(name)
}

// valid tells whether git can write it down in one line.
func (s Signature) valid() bool {
	_, err := mail.ParseAddress(s.Email)
	return err == nil && strings.TrimSpace(s.Name) != "" && !strings.ContainsAny(s.Name+s.Email, "<>\r\n\x00")
}

func checkFiles(op, repo string, files []File) error {
	seen, size, binaries := map[string]bool{}, 0, 0
	for _, f := range files {
		if why := pathMistake(f.Path); why != "" {
			return refuse(op, repo, "%.100q cannot be a file's path: %s", f.Path, why)
		}
		if seen[f.Path] {
			return refuse(op, repo, "%.100q is given twice", f.Path)
		}
		seen[f.Path] = true
		size += len(f.Content)
		if !f.isText() {
			binaries++
		}
	}
	for _, f := range files {
		for dir, rest := "", f.Path; ; dir += "/" {
			part, below, deeper := strings.Cut(rest, "/")
			if dir, rest = dir+part, below; !deeper {
				break
			}
			if seen[dir] {
				return refuse(op, repo, "%.100q is a file and a directory", dir)
			}
		}
	}
	switch {
	case len(files) == 0:
		return refuse(op, repo, "there are no files to propose")
	case len(files) > maxProposedFiles:
		return refuse(op, repo, "a proposal has at most %d files", maxProposedFiles)
	case binaries > maxBinaries:
		return refuse(op, repo, "a proposal has at most %d files that are no text", maxBinaries)
	case size > maxFileBytes:
		return refuse(op, repo, "the files of a proposal have at most %d MiB", maxFileBytes>>20)
	}
	return nil
}

// BranchTaken says that the branch of a proposal is somebody else's: none of its commits answers the request.
type BranchTaken struct {
	Repo   string
	Branch string
	SHA    string // its newest commit
	Author string // of that commit, by name
	At     time.Time
}

// Error is for logs.
func (e *BranchTaken) Error() string {
	return "github: the branch " + e.Branch + " of " + e.Repo + " is taken: its commit " + e.SHA + " answers another request"
}

// UserMessage is one sentence for people.
func (e *BranchTaken) UserMessage() string {
	by := ""
	if e.Author != "" {
		by = " with a commit of " + e.Author
	}
	return e.Repo + " has a branch " + e.Branch + " already" + by + "; it is not for this."
}
