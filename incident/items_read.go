package incident

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

func wantsReading(f *facts, now time.Time) time.Time {
	p := f.Postmortem
	if p.State != Published || p.ItemsRead || p.Pull == nil || p.Pull.MergedAt.IsZero() {
		return time.Time{}
	}
	return now
}

// readItems makes an action item of each row of the merged document. What was merged does not change any more, and a row is the same
// item however often it is read.
func (s *Service) readItems(ctx context.Context, f *facts, now time.Time) error {
	p := f.Postmortem
	content, _, err := s.github.ReadFile(ctx, p.Repo, p.Pull.MergeSHA, p.Path)
	var rows []actionRow
	var skipped, ids []string
	switch {
	case github.IsNotFound(err):
		skipped = []string{fmt.Sprintf("There is no %s in what was merged, so no action items were read.", p.Path)}
	case err != nil:
		return err
	default:
		rows, skipped = readActions(content)
	}
	for _, row := range rows {
		it, faults := s.itemOf(ctx, f, row, now)
		ids = append(ids, it.ID)
		for _, fault := range faults {
			skipped = append(skipped, fmt.Sprintf("Line %d: %s.", row.Line, fault))
		}
		if err := work.Update(ctx, s.db, func(tx store.Tx) error {
			if _, err := loadItem(tx, it.ID); !errors.Is(err, ErrNotFound) {
				return err
			}
			if err := s.saveItem(tx, it); err != nil {
				return err
			}
			return work.Wake(tx, Items, it.ID, time.Time{})
		}); err != nil {
			return inStore(err)
		}
	}
	_, err = s.changePostmortem(ctx, p.ID, func(_ store.Tx, p *Postmortem) error {
		p.ItemsRead, p.Items, p.Skipped = true, ids, skipped
		return nil
	})
	return inStore(err)
}

// itemOf is the action item of a row; faults say what of the row means nothing, a sentence each.
func (s *Service) itemOf(ctx context.Context, f *facts, row actionRow, now time.Time) (it *Item, faults []string) {
	p := f.Postmortem
	it = &Item{ID: itemIDOf(p.ID, row.Key), Postmortem: p.ID, Number: p.Number, Row: row.Key, Private: p.Private, Services: p.Services, Team: p.Team,
		Action: plainAction(row.Action), Owner: strings.Trim(row.Owner, "*_` "), Due: row.Due, DueText: row.DueText, Type: row.Type, From: p.Pull.URL,
		State: ItemOpening, Created: now.UTC(), Reminded: now.UTC()}
	it.Repo, it.Issue, it.URL = issueOf(row.Issue, s.itemsIn(p))
	if it.Private && it.Repo != p.Repo { // nothing of it is looked at elsewhere either
		it.Repo, it.Issue, it.URL = p.Repo, 0, ""
	}
	if it.Issue > 0 {
		it.State, it.Given = ItemOpen, true
	}
	known := false
	if it.Person, it.Login, known = s.ownerOf(ctx, f, it.Owner); !known {
		faults = append(faults, fmt.Sprintf("%s is nobody I know, so the issue has no owner; one is written as a login like @ana, a name, an e-mail address, a role or a team",
			markdown(it.Owner)))
		it.Owner = ""
	}
	if row.DueText != "" {
		faults = append(faults, fmt.Sprintf("%s is no day like 2026-01-31, so the issue has none", markdown(row.DueText)))
	}
	if !knownTypes(row.Type) {
		faults = append(faults, fmt.Sprintf("%s is no type; they are %s", markdown(row.Type), strings.Join(itemTypes, ", ")))
	}
	return it, faults
}

// itemTypes is what an action item may do.
var itemTypes = []string{"prevent", "detect", "mitigate", "process"}

// knownTypes tells whether a cell names nothing but types, one or several.
func knownTypes(cell string) bool {
	words := strings.FieldsFunc(strings.ToLower(cell), func(r rune) bool { return strings.ContainsRune(" ,/&+*_`", r) })
	return !slices.ContainsFunc(words, func(w string) bool { return w != "and" && !slices.Contains(itemTypes, w) })
}

var escapedMark = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")

// plainAction is an action without what only sets it in Markdown, since it becomes a title.
func plainAction(action string) string {
	return strings.TrimSpace(escapedMark.ReplaceAllString(strings.NewReplacer("**", "", "__", "").Replace(action), "$1"))
}

var loginShape = regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*(_[A-Za-z0-9]+)?$`)

// ownerOf finds whom a table names: by login, by address, by a role, or by the name of somebody who had to do with the incident. Who is
// not found there stays empty: the issue then says who it was meant to be, and the owner of the post-mortem is reminded. known is false of
// what names nobody at all, and no team: no login, and nobody of whom Slack knows. Whether GitHub has a login it says when it is to have
// the issue.
func (s *Service) ownerOf(ctx context.Context, f *facts, cell string) (person, login string, known bool) {
	if cell == "" {
		return "", "", true
	}
	i := f.Incident
	written, isLogin := strings.CutPrefix(cell, "@")
	isLogin = isLogin && loginShape.MatchString(written)
	if isLogin {
		login = written
	} else if strings.Contains(cell, "@") && !strings.Contains(cell, " ") {
		var err error
		person, err = s.people.ByEmail(ctx, strings.ToLower(cell))
		known = err != nil // it could not be asked
	}
	for role, h := range i.Roles {
		if strings.EqualFold(strings.TrimPrefix(strings.ToLower(cell), "the "), string(role)) {
			person = h.Person
		}
	}
	if person == "" && !isLogin {
		n, all := s.namesIn(ctx, f)
		known = known || !all
		for id, name := range n.names {
			if strings.EqualFold(name, cell) {
				person = id
			}
		}
	}
	_ = s.db.View(ctx, func(snap store.Snapshot) error { // what is not known now is only not known
		switch {
		case person != "":
			login, _ = s.people.GitHub(snap, person)
		case loginShape.MatchString(written):
			if person, _ = s.people.OnGitHub(snap, written); person != "" {
				login = written
			}
		}
		return nil
	})
	return person, login, known || isLogin || person != "" || s.isTeam(cell)
}

// isTeam tells whether a cell names a team, alone or as "team payments" or "@payments".
func (s *Service) isTeam(cell string) bool {
	name := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(cell), "@"), "team"))
	_, ok := s.current().Team(strings.TrimPrefix(name, ":"))
	return ok
}

// wantsTelling is when every action item has an issue, or has been without one for so long that the others are told.
func (s *Service) wantsTelling(f *facts, now time.Time) time.Time {
	p := f.Postmortem
	if p.State != Published || !p.ItemsRead || p.Pull == nil || len(p.Items)+len(p.Skipped) == 0 {
		return time.Time{}
	}
	_, sum, waits, err := s.issueList(f)
	switch {
	case err != nil || sum == p.Told:
		return time.Time{}
	case waits:
		return later(p.Ended.Add(tellAfter), now)
	}
	return now
}

// tellAfter is how long the list of issues waits for those that are not open yet.
const tellAfter = 10 * time.Minute

// issueList is what the comment says. It says nothing of how the issues stand, which GitHub shows beside them.
func (s *Service) issueList(f *facts) (text, sum string, waits bool, err error) {
	items, err := s.ItemsOf(context.Background(), f.Postmortem)
	if err != nil {
		return "", "", false, err
	}
	var b strings.Builder
	if len(items) > 0 {
		b.WriteString("The action items of this post-mortem:\n\n")
	}
	for _, it := range items {
		if it.Issue == 0 {
			waits = true
			fmt.Fprintf(&b, "- %s: its issue is not open yet\n", markdown(it.Action))
			continue
		}
		fmt.Fprintf(&b, "- %s\n", strings.Join(append([]string{fmt.Sprintf("%s: %s#%d", markdown(it.Action), it.Repo, it.Issue)}, it.Problems...), ". "))
	}
	if len(f.Postmortem.Skipped) > 0 {
		b.WriteString("\nWhat was not understood:\n\n- " + strings.Join(f.Postmortem.Skipped, "\n- ") + "\n")
	}
	h := sha256.Sum256([]byte(b.String()))
	return b.String(), hex.EncodeToString(h[:6]), waits, nil
}

// tellIssues lists the issues in a comment below the merged pull request: its branch is gone, and its base may be closed to us.
func (s *Service) tellIssues(ctx context.Context, f *facts, _ time.Time) error {
	p := f.Postmortem
	text, sum, _, err := s.issueList(f)
	if err != nil {
		return inStore(err)
	}
	if _, err := s.github.EnsureComment(ctx, p.Repo, p.Pull.Number, text, "items-of-"+p.ID); err != nil {
		return err
	}
	_, err = s.changePostmortem(ctx, p.ID, func(_ store.Tx, p *Postmortem) error {
		p.Told = sum
		return nil
	})
	return inStore(err)
}
