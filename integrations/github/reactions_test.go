package github

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

func TestReactions(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	n, _ := s.open(t)
	s.repo.React(n, "ana", "+1")
	s.repo.React(n, "ana", "heart")
	s.clock.Advance(time.Minute)
	s.repo.React(n, "ben", "-1")
	s.repo.React(n, "ben", "+1")
	s.repo.React(n, "ben", "+1")
	s.repo.Unreact(n, "ben", "-1")
	s.AddApp(githubtest.App{ID: 99, Slug: "robot", Installation: 98, Org: "acme", Key: publicKey(t)})
	s.repo.React(n, "robot[bot]", "-1")
	got, err := s.c.Reactions(t.Context(), "acme/decisions", n)
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if one := got[0]; one.Login != "ana" || !one.Up || one.UserID == 0 || one.ID == 0 || !one.At.Equal(noon) || one.Bot {
		t.Errorf("%+v", one)
	}
	if one := got[1]; one.Login != "ben" || !one.Up || !one.At.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", one)
	}
	if one := got[2]; one.Login != "robot[bot]" || one.Up || !one.Bot {
		t.Errorf("%+v", one)
	}
	left := s.c.Rate().Remaining
	if _, err := s.c.Reactions(t.Context(), "acme/decisions", n); err != nil || s.c.Rate().Remaining != left {
		t.Errorf("reading what does not change costs something: %v", err)
	}
	id := s.repo.Comment(n, "ana", "Agreed?")
	s.repo.ReactToComment(id, "ben", "-1")
	if got, err := s.c.CommentReactions(t.Context(), "acme/decisions", id); err != nil || len(got) != 1 || got[0].Login != "ben" || got[0].Up || got[0].Comment != id {
		t.Errorf("%+v, %v", got, err)
	}
	s.repo.UnreactToComment(id, "Ben", "-1")
	if got, err := s.c.CommentReactions(t.Context(), "acme/decisions", id); err != nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	s.repo.DeleteComment(id)
	if _, err := s.c.CommentReactions(t.Context(), "acme/decisions", id); !IsNotFound(err) {
		t.Errorf("of a comment that is gone: %v", err)
	}
	var e *Error
	app := s.asApp(t, map[string]string{"pull_requests": "write", "contents": "write"})
	if _, err := app.Reactions(t.Context(), "acme/decisions", n); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "permission Issues: read") {
		t.Errorf("an App that may not read issues: %v", err)
	}
	if _, _, err := app.Comments(t.Context(), "acme/decisions", n, 1); err != nil {
		t.Errorf("comments of a pull request: %v", err)
	}
}

// A failure in the middle is an error, not half a list, and more than can be read is one too.
func TestReactionsInPages(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	n, _ := s.open(t)
	for i := range 250 {
		login := fmt.Sprint("voter-", i)
		s.AddUser(githubtest.User{Login: login})
		s.repo.React(n, login, "+1")
	}
	if got, err := s.c.Reactions(t.Context(), "acme/decisions", n); err != nil || len(got) != 250 || got[249].Login != "voter-249" {
		t.Errorf("%d, %v", len(got), err)
	}
	calls := 0
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		if calls == 3 {
			refusing(502, "Server Error")(w, r)
			return
		}
		w.Header().Set("Link", `<https://api.github.com/x?page=2>; rel="next"`)
		reply(w, 200, []any{map[string]any{"id": 1, "content": "+1", "user": nil}})
	})
	c := f.client(t)
	c.pauses = nil
	if got, err := c.Reactions(t.Context(), "acme/shop", 1); err == nil || got != nil {
		t.Errorf("half a list: %v, %v", got, err)
	}
	if got, err := c.Reactions(t.Context(), "acme/shop", 1); err == nil || got != nil || calls != 23 {
		t.Errorf("an endless one: %v, %v after %d", got, err, calls)
	}
}

func TestComments(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	n, _ := s.open(t)
	read := func(pages int) ([]Comment, bool) {
		t.Helper()
		got, complete, err := s.c.Comments(t.Context(), "acme/decisions", n, pages)
		if err != nil {
			t.Fatal(err)
		}
		return got, complete
	}
	if got, complete := read(1); len(got) != 0 || !complete {
		t.Errorf("none: %+v", got)
	}
	first := s.repo.Comment(n, "ana", "+1")
	s.clock.Advance(time.Minute)
	s.repo.EditComment(first, ":+1:")
	if got, complete := read(1); len(got) != 1 || !complete || got[0].ID != first || got[0].Login != "ana" || got[0].UserID == 0 || got[0].Body != ":+1:" || got[0].Bot ||
		!got[0].At.Equal(noon) || !got[0].Updated.Equal(noon.Add(time.Minute)) || got[0].URL == "" {
		t.Errorf("%+v", got)
	}
	for i := range 349 {
		s.repo.Comment(n, "ben", fmt.Sprint("comment ", i))
	}
	for _, one := range []struct {
		pages, want int
		complete    bool
	}{{1, 50, false}, {0, 50, false}, {2, 150, false}, {3, 250, false}, {4, 350, true}, {100, 350, true}} {
		got, complete := read(one.pages)
		if len(got) != one.want || complete != one.complete || got[len(got)-1].Body != "comment 348" {
			t.Errorf("%d pages: %d comments, complete %v", one.pages, len(got), complete)
		}
	}
	s.Fault(githubtest.Fault{Match: "issues/list-comments", When: githubtest.After, Kind: githubtest.Truncate})
	if got, _, err := s.c.Comments(t.Context(), "acme/decisions", n, 4); err == nil || got != nil {
		t.Errorf("half a list: %d, %v", len(got), err)
	}
}
