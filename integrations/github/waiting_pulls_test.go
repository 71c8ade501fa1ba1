package github

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

// waiting lists what is open and how many calls that took.
func (s *stage) waiting(t *testing.T, repo string) (pulls []OpenPull, truncated bool, calls int) {
	t.Helper()
	before := len(s.Calls())
	pulls, truncated, err := s.c.OpenPullRequests(t.Context(), repo)
	if err != nil {
		t.Fatal(err)
	}
	return pulls, truncated, len(s.Calls()) - before
}

func TestOpenPullRequests(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	if pulls, truncated, calls := s.waiting(t, "acme/decisions"); len(pulls) != 0 || truncated || calls != 1 {
		t.Errorf("none: %+v, %v, %d calls", pulls, truncated, calls)
	}
	for _, login := range []string{"dependabot[bot]", "cy", "gone"} {
		s.AddUser(githubtest.User{Login: login, Bot: strings.HasSuffix(login, "[bot]")})
	}
	ago := func(days int) *githubtest.Repo { return s.repo.At(noon.Add(time.Duration(-days) * 24 * time.Hour)) }
	s.repo.Branch("release", "main").Branch("bump", "main").Commit("bump", "dependabot[bot]", "Bump", githubtest.Files{"go.mod": "1"})
	ago(2).OpenPR(githubtest.PR{Title: "Bump", Author: "dependabot[bot]", Head: "bump", Base: "release", Labels: []string{"go", "dependencies"}})
	ago(9).OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "Third", Files: githubtest.Files{"c.md": "3"}})
	ago(1).OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "From afar", Fork: true, Draft: true, Files: githubtest.Files{"d.md": "4"}})
	ago(5).OpenFromLaptop(githubtest.LaptopPR{Author: "gone", Title: "Left behind", Fork: true, Files: githubtest.Files{"e.md": "5"}})
	s.repo.ClosePR(s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "Never mind", Files: githubtest.Files{"f.md": "6"}}))
	s.DeleteUser("gone")
	s.AddOrg("acme").AddTeam("editors", "Editors").Add("ana")
	s.repo.AskReview(2, "ben", "cy")
	s.repo.AskTeam(2, "writers", "editors")

	pulls, truncated, calls := s.waiting(t, "acme/decisions")
	var told []string
	for _, p := range pulls {
		told = append(told, fmt.Sprintf("#%d %s by %s (bot %v, draft %v) into %s", p.Number, p.Title, p.Author, p.AuthorBot, p.Draft, p.Base))
	}
	want := []string{"#2 Third by ana (bot false, draft false) into main", "#4 Left behind by ghost (bot false, draft false) into main",
		"#1 Bump by dependabot[bot] (bot true, draft false) into release", "#3 From afar by ben (bot false, draft true) into main"}
	if !slices.Equal(told, want) || truncated || calls != 1 {
		t.Fatalf("%s, %v, %d calls", strings.Join(told, "\n"), truncated, calls)
	}
	if p := pulls[0]; !slices.Equal(p.Reviewers, []string{"ben", "cy"}) || !slices.Equal(p.Teams, []string{"writers", "editors"}) || len(p.Labels) != 0 ||
		!p.Created.Equal(noon.Add(-9*24*time.Hour)) || !p.Updated.Equal(noon) || !strings.HasSuffix(p.URL, "/acme/decisions/pull/2") {
		t.Errorf("%+v", p)
	}
	if p := pulls[2]; !slices.Equal(p.Labels, []string{"go", "dependencies"}) || len(p.Reviewers)+len(p.Teams) != 0 {
		t.Errorf("%+v", p)
	}
	rate := s.c.Rate()
	if again, _, _ := s.waiting(t, "acme/decisions"); len(again) != 4 || s.c.Rate().Remaining != rate.Remaining {
		t.Errorf("%d are read again for %d", len(again), rate.Remaining-s.c.Rate().Remaining)
	}
	s.repo.Review(2, "ben", "COMMENTED", "Hm")
	if pulls, _, _ = s.waiting(t, "acme/decisions"); !slices.Equal(pulls[0].Reviewers, []string{"cy"}) || !slices.Equal(pulls[0].Teams, []string{"editors"}) {
		t.Errorf("after a review for himself and the writers: %+v", pulls[0])
	}
}

// Two pages and no more, of which the oldest stand first.
func TestManyOpenPullRequests(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{PointsPerMinute: -1})
	s.repo.Branch("topic", "main")
	for n := 1; n <= 201; n++ {
		s.repo.At(noon.Add(-time.Duration(n) * time.Minute)).OpenPR(githubtest.PR{Title: "One more", Author: "ana", Head: "topic"})
		want, ok := map[int]int{100: 1, 101: 2, 200: 2, 201: 2}[n]
		if !ok {
			continue
		}
		pulls, truncated, calls := s.waiting(t, "acme/shop")
		if len(pulls) != min(n, 200) || truncated != (n > 200) || calls != want || pulls[0].Number != n || pulls[len(pulls)-1].Number != max(1, n-199) {
			t.Errorf("of %d: %d, %v, %d calls", n, len(pulls), truncated, calls)
		}
	}
}

// What GitHub may leave out or name otherwise.
func TestOpenPullRequestsThatLack(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, []any{map[string]any{"number": 7, "user": nil, "head": map[string]any{"repo": nil, "user": nil}, "requested_reviewers": []any{nil, map[string]any{"login": "ana"}}, "requested_teams": nil},
			map[string]any{"number": 8, "user": map[string]any{"login": "Copilot", "type": "Bot"}}})
	})
	pulls, _, err := f.client(t).OpenPullRequests(t.Context(), "acme/shop")
	if err != nil || len(pulls) != 2 || pulls[0].Author != Ghost || pulls[0].AuthorBot || !slices.Equal(pulls[0].Reviewers, []string{"ana"}) || pulls[0].Teams != nil || !pulls[0].Created.IsZero() ||
		pulls[1].Author != "Copilot" || !pulls[1].AuthorBot {
		t.Errorf("%+v, %v", pulls, err)
	}
	if asked := f.requests(); !slices.Equal(asked, []string{"GET /repos/acme/shop/pulls?direction=asc&per_page=100&sort=created&state=open"}) {
		t.Errorf("asked %s", asked)
	}
}

func TestOpenPullRequestsInTrouble(t *testing.T) {
	t.Parallel()
	for _, f := range faults() {
		s := library(t, githubtest.Options{})
		s.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "First", Files: githubtest.Files{"a.md": "1"}})
		f.Match, f.Times = githubtest.OpListPulls, 3
		s.Fault(f)
		var got []OpenPull
		s.untilDone(t, func(c *Client) (err error) {
			if got, _, err = c.OpenPullRequests(t.Context(), "acme/decisions"); err != nil && got != nil {
				t.Errorf("half a list: %v", got)
			}
			return err
		})
		if len(got) != 1 {
			t.Errorf("%s %s: %+v", f.Kind, f.When, got)
		}
	}
	s := library(t, githubtest.Options{})
	var e *Error
	if _, _, err := s.asApp(t, map[string]string{"contents": "read"}).OpenPullRequests(t.Context(), "acme/decisions"); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "Pull requests: read") {
		t.Errorf("who may not see them: %v", err)
	}
	if _, _, err := s.c.OpenPullRequests(t.Context(), "acme"); !errors.As(err, &e) || e.kind != kindInput {
		t.Errorf("no repository: %v", err)
	}
}
