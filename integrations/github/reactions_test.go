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
	if one := got[0]; one.Login != "ana" || !one.Up || !one.At.Equal(noon) || one.Bot {
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
	var e *Error
	app := s.asApp(t, map[string]string{"pull_requests": "write", "contents": "write"})
	if _, err := app.Reactions(t.Context(), "acme/decisions", n); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "permission Issues: read") {
		t.Errorf("an App that may not read issues: %v", err)
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
