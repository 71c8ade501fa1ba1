package adr

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"shipmate/config"
	"shipmate/integrations/github"
)

// place is a log with the directory of its records: where the configuration names none, the one that its repository has now. It is
// remembered with the book of the log, and looked for again when the branch has another commit.
func (s *Service) place(ctx context.Context, log config.DecisionLog) (config.DecisionLog, error) {
	if log.Dir != "" {
		return log, nil
	}
	book, err := s.Book(ctx, log)
	switch {
	case err != nil:
		return log, err
	case book.Stale != nil:
		return log, book.Stale
	}
	log.Dir = book.Log.Dir
	return log, nil
}

// findDir finds the directory of a log's records at a commit as FindDir does in a checkout; the usual one where there is none yet. Directories
// that belong to another log of the repository are passed over.
func (s *Service) findDir(ctx context.Context, log config.DecisionLog, sha string) (string, error) {
	repo := string(log.Repo)
	others := map[string]string{}
	for _, other := range s.current().DecisionLogs() {
		if other.Scope() != log.Scope() && strings.EqualFold(string(other.Repo), repo) && other.Dir != "" {
			others[other.Dir] = other.Name
		}
	}
	content, _, err := s.github.ReadFile(ctx, repo, sha, DirFile)
	if err != nil && !github.IsNotFound(err) {
		return "", err
	}
	said, dir, ok := saidDir(content)
	switch {
	case !ok || dir == ".":
		return "", &badDir{fmt.Sprintf("The file %s of %s says %.100q, which is no directory in it", DirFile, repo, said)}
	case others[dir] != "":
		return "", &badDir{fmt.Sprintf("The file %s of %s says %s, where the log %s has its records", DirFile, repo, dir, others[dir])}
	case dir != "":
		return dir, nil
	}
	free := slices.DeleteFunc(slices.Clone(dirs), func(dir string) bool { return others[dir] != "" })
	if len(free) == 0 {
		return "", &badDir{fmt.Sprintf("Every usual directory of %s has the records of another log", repo)}
	}
	found, err := s.github.FirstDir(ctx, repo, sha, free)
	return cmp.Or(found, free[0]), err
}

// badDir says why no directory was found.
type badDir struct{ why string }

func (e *badDir) Error() string { return "no directory for records: " + e.why }

// UserMessage is the sentence for people.
func (e *badDir) UserMessage() string {
	return e.why + "; correct that, or name the directory in the configuration."
}

// moved says that the records have another directory than when a decision was proposed.
type moved struct{ name, from, to string }

func (e *moved) Error() string { return "the records moved from " + e.from + " to " + e.to }

// UserMessage is the sentence for people.
func (e *moved) UserMessage() string {
	return fmt.Sprintf("The decisions are in %s now, and %s was proposed for %s; close it, and propose it again.", e.to, e.name, e.from)
}

// logOf is the log of a proposal as it is configured now. Where the configuration has moved it, or knows it no more, the proposal stays
// where it was asked for, in the directory that it was opened in, and its thumbs are counted by the main log's rules.
func (s *Service) logOf(p *Proposal) (config.DecisionLog, error) {
	log, ok := s.current().DecisionLog(p.Log)
	if !ok {
		if log, ok = s.current().DecisionLog(config.MainLog); !ok {
			return log, &noLog{p.Log}
		}
	}
	if log.Scope() != p.Scope {
		log.Repo, log.Look, log.Branch, log.Branches, log.Shared = config.Repo(p.Repo), strings.HasSuffix(p.Scope, ":"), p.Base, nil, p.Log != config.MainLog
	}
	log.Dir = p.Dir
	return log, nil
}

// noLog says that the configuration has no place for records any more.
type noLog struct{ name string }

func (e *noLog) Error() string { return "no log " + e.name }

// UserMessage is the sentence for people.
func (e *noLog) UserMessage() string {
	return "The configuration has no decision log any more; it waits until one is configured."
}
