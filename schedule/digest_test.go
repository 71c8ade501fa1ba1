package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/config"
	"shipmate/integrations/github/githubtest"
	"shipmate/schedule"
	"shipmate/store"
	"shipmate/store/storetest"
)

const digestYAML = `
slack: {admin_channel: "#platform"}
teams:
  payments: {channel: "#payments", slack_group: payments-eng, timezone: Europe/Berlin, digest: "0 9 * * 1-5", holidays: ["2026-03-11"]}
services: {checkout: {repo: acme/checkout, team: payments, environments: [staging]}}
environments: {staging: {}}
`

// configure puts a configuration in force, and has schedules follow it.
func (s *stage) configure(yaml string) {
	s.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(yaml), config.Options{})
	if len(mistakes) > 0 {
		s.Fatal(mistakes)
	}
	s.config = cfg
	if err := s.Begin(s.Context()); err != nil {
		s.Fatal(err)
	}
}

// facts are sources of a quiet team, each of which can be made to fail.
type facts struct {
	mu     sync.Mutex
	broken map[config.DigestSection]error
	asked  map[config.DigestSection]int
	spans  []schedule.Span
	busy   bool // there was a deployment
}

func (f *facts) ask(section config.DigestSection, of schedule.Span) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[section]++
	f.spans = append(f.spans, of)
	return f.broken[section]
}

func (f *facts) sources() schedule.Sources {
	return schedule.Sources{
		Deploys: func(_ context.Context, of schedule.Span) ([]schedule.Deploy, int, []schedule.Waiting, error) {
			if err := f.ask(config.DigestDeploys, of); err != nil || !f.busy {
				return nil, 0, nil, err
			}
			return []schedule.Deploy{{Service: "checkout", Environment: "staging", SHA: "1a2b3c4", By: "Ana", At: of.Until, State: "succeeded"}}, 7, nil, nil
		},
		Promotions: func(_ context.Context, of schedule.Span) ([]schedule.Promotion, error) {
			return nil, f.ask(config.DigestPromotions, of)
		},
		OnCall: func(_ context.Context, of schedule.Span) ([]schedule.Duty, error) {
			return nil, f.ask(config.DigestOnCall, of)
		},
		Incidents: func(_ context.Context, of schedule.Span) ([]schedule.Incident, error) {
			return nil, f.ask(config.DigestIncidents, of)
		},
		Followups: func(_ context.Context, of schedule.Span) ([]schedule.Followup, error) {
			return nil, f.ask(config.DigestFollowups, of)
		},
		Decisions: func(_ context.Context, of schedule.Span) ([]schedule.Decision, error) {
			return nil, f.ask(config.DigestDecisions, of)
		},
		Holds: func(_ context.Context, of schedule.Span) ([]schedule.Closure, error) {
			return nil, f.ask(config.DigestHolds, of)
		},
		Pages: func(_ context.Context, of schedule.Span) ([]schedule.Page, error) {
			return nil, f.ask(config.HandoverPages, of)
		},
		Baking: func(_ context.Context, of schedule.Span) ([]schedule.Baking, error) {
			return nil, f.ask(config.HandoverBaking, of)
		},
		Figures: func(_ context.Context, of schedule.Span) ([]schedule.Figure, error) {
			return nil, f.ask(config.DigestFigures, of)
		},
		Login: func(_ context.Context, login string) string { return strings.ToUpper(login[:1]) + login[1:] },
	}
}

// newDigests is a stage with payments' digest and its repository.
func newDigests(t *testing.T, yaml string) (*stage, *facts, *githubtest.Repo) {
	t.Helper()
	f := &facts{broken: map[config.DigestSection]error{}, asked: map[config.DigestSection]int{}}
	s := newStage(t)
	for _, login := range []string{"ana", "ben", "cy"} {
		s.github.AddUser(githubtest.User{Login: login})
	}
	repo := s.github.AddRepo("acme/checkout").At(monday.AddDate(0, 0, -10))
	repo.Commit("main", "ana", "Begin", githubtest.Files{".github/workflows/ci.yml": ciYAML, ".github/workflows/deploy.yml": ciYAML, ".github/workflows/lint.yml": ciYAML})
	s.sources = f.sources()
	s.Service = s.service(s.db)
	s.configure(yaml)
	return s, f, repo
}

const ciYAML = "name: CI\non: workflow_dispatch\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [{name: Unit tests, run: make test}]\n"

// payments is the schedule of payments' digest.
func (s *stage) payments() *schedule.Schedule {
	s.Helper()
	return s.now(&schedule.Schedule{ID: schedule.DigestOf("payments")})
}

// tellsUntil steps payments' digest and whatever it makes, until a time.
func (s *stage) tellsUntil(until time.Time) {
	s.Helper()
	if s.digests == nil {
		s.digests = map[string]time.Time{}
	}
	due := s.digests
	for {
		plan := s.payments()
		if plan.Next.After(until) && len(due) == 0 {
			s.clock.Set(until)
			return
		}
		at, id := plan.Next, ""
		for d, next := range due {
			if next.Before(at) {
				at, id = next, d
			}
		}
		if at.After(until) {
			s.clock.Set(until)
			return
		}
		if at.After(s.clock.Now()) {
			s.clock.Set(at)
		}
		if id == "" {
			if _, err := s.StepSchedule(s.Context(), plan.ID); err != nil {
				s.Fatal(err)
			}
			if d, err := s.LastDigest(s.Context(), "payments"); err == nil && d != nil && d.State == schedule.Gathering {
				due[d.ID] = s.clock.Now()
			}
			continue
		}
		next, err := s.StepDigest(s.Context(), id)
		if err != nil {
			s.Fatal(err)
		}
		if delete(due, id); !next.IsZero() {
			due[id] = next
		}
	}
}

// placed are the channels in which digests were placed.
func (s *stage) placed() (out []string) {
	s.Helper()
	err := s.db.View(s.Context(), func(snap store.Snapshot) error {
		out = nil
		for key, channel := range snap.Scan("placed/", "") {
			out = append(out, strings.TrimPrefix(key, "placed/digest/")+" in "+string(channel))
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return out
}

// A digest comes each working day, tells of the time since the last, and leaves holidays out, which the next tells of.
func TestDigestsTellOfTheTimeBetween(t *testing.T) {
	t.Parallel()
	s, f, _ := newDigests(t, digestYAML)
	s.tellsUntil(monday.AddDate(0, 0, 7).Add(time.Hour))
	s.is("came", s.placed(), []string{"digest-payments.20260310T0800Z in #payments", "digest-payments.20260312T0800Z in #payments", "digest-payments.20260313T0800Z in #payments",
		"digest-payments.20260316T0800Z in #payments"})
	var spans []string
	for i, of := range f.spans {
		if line := of.Since.Format("Mon 2 15:04") + " to " + of.Until.Format("Mon 2 15:04"); i == 0 || line != spans[len(spans)-1] {
			spans = append(spans, line)
		}
	}
	s.is("of", spans, []string{"Mon 9 08:00 to Tue 10 08:00", "Tue 10 08:00 to Thu 12 08:00", "Thu 12 08:00 to Fri 13 08:00", "Fri 13 08:00 to Mon 16 08:00"})
	s.is("left out", s.became(s.payments())[1], "Wed 11 Mar 09:00 left out: day off")
}

// Digests go after a while, as what became of their times does; where the next begins stays.
func TestDigestsAreSwept(t *testing.T) {
	t.Parallel()
	s, f, _ := newDigests(t, digestYAML)
	s.tellsUntil(monday.AddDate(0, 0, 4).Add(time.Hour))
	stand := func() (out []string) {
		t.Helper()
		err := s.db.View(t.Context(), func(snap store.Snapshot) error {
			out = nil
			for key := range snap.Scan("digest/one/", "") {
				out = append(out, strings.TrimPrefix(key, "digest/one/digest-payments."))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	s.is("stand", stand(), []string{"20260310T0800Z", "20260312T0800Z", "20260313T0800Z"})
	sweep := func(before time.Time) {
		t.Helper()
		if _, err := s.Sweep(t.Context(), before); err != nil {
			t.Fatal(err)
		}
	}
	sweep(monday.AddDate(0, 0, 3).Add(time.Hour))
	s.is("after a sweep", stand(), []string{"20260313T0800Z"})
	sweep(monday.AddDate(0, 1, 0))
	s.is("the last stays", stand(), []string{"20260313T0800Z"})
	s.tellsUntil(monday.AddDate(0, 0, 7).Add(time.Hour))
	s.is("it tells since", f.spans[len(f.spans)-1].Since, monday.AddDate(0, 0, 4))
}

// A quiet day is told, or kept to itself; a day on which something could not be read is told.
func TestQuietDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		yaml   string
		busy   bool
		broken error
		want   schedule.DigestState
	}{
		{digestYAML, false, nil, schedule.Told},
		{digestYAML + "digest: {quiet: nothing}\n", false, nil, schedule.Kept},
		{digestYAML + "digest: {quiet: nothing}\n", true, nil, schedule.Told},
		{digestYAML + "digest: {quiet: nothing}\n", false, errors.New("no answer"), schedule.Told},
	} {
		s, f, _ := newDigests(t, c.yaml)
		f.busy = c.busy
		if c.broken != nil {
			f.broken[config.DigestIncidents] = c.broken
		}
		s.tellsUntil(monday.AddDate(0, 0, 1).Add(time.Second))
		d, err := s.LastDigest(t.Context(), "payments")
		if err != nil || d.State != c.want || c.busy && d.Facts.Deploys.Count() != 8 {
			t.Errorf("%+v, %v, want %s", d, err, c.want)
		}
	}
}

// said is an error that has something to say to people.
type said string

func (e said) Error() string       { return "no" }
func (e said) UserMessage() string { return string(e) }

// What could not be read is tried again, less and less often, until it is there or nobody reads it any more; what was read is not read again.
func TestASourceThatFails(t *testing.T) {
	t.Parallel()
	s, f, _ := newDigests(t, digestYAML)
	f.broken[config.DigestIncidents], f.broken[config.DigestOnCall] = errors.New("a secret reason"), context.DeadlineExceeded
	f.broken[config.DigestHolds] = said("It is away; nothing was changed.")
	nine := monday.AddDate(0, 0, 1)
	s.tellsUntil(nine.Add(4 * time.Minute))
	d, err := s.LastDigest(t.Context(), "payments")
	if err != nil {
		t.Fatal(err)
	}
	if miss := d.Missing[config.DigestIncidents]; miss.Tries != 3 || miss.Why != "the log says why" || d.Missing[config.DigestOnCall].Why != "no answer in time" ||
		d.Missing[config.DigestHolds].Why != "It is away" {
		t.Errorf("%+v", d.Missing)
	}
	delete(f.broken, config.DigestIncidents)
	delete(f.broken, config.DigestHolds)
	s.tellsUntil(nine.Add(10 * time.Hour))
	if d, err = s.Digest(t.Context(), d.ID); err != nil {
		t.Fatal(err)
	}
	if !d.Has(config.DigestIncidents) || d.Has(config.DigestOnCall) || !d.Missing[config.DigestOnCall].Next.IsZero() || d.Ended.IsZero() {
		t.Errorf("%+v, %+v", d.Read, d.Missing)
	}
	if n := f.asked[config.DigestOnCall]; n < 15 || n > 25 {
		t.Errorf("a source that fails for eight hours was asked %d times", n)
	}
	if f.asked[config.DigestIncidents] != 4 || f.asked[config.DigestDeploys] != 1 {
		t.Errorf("asked %v", f.asked)
	}
}

// A digest whose team has left the configuration promises nothing more.
func TestADigestWhoseTeamIsGone(t *testing.T) {
	t.Parallel()
	s, f, _ := newDigests(t, digestYAML)
	f.broken[config.DigestOnCall] = context.DeadlineExceeded
	s.tellsUntil(monday.AddDate(0, 0, 1).Add(time.Second))
	d, err := s.LastDigest(t.Context(), "payments")
	if err != nil || d.Missing[config.DigestOnCall].Next.IsZero() {
		t.Fatalf("%+v, %v", d, err)
	}
	s.configure(strings.NewReplacer("payments: {", "money: {", "team: payments", "team: money").Replace(digestYAML))
	s.clock.Advance(time.Minute)
	next, err := s.StepDigest(t.Context(), d.ID)
	if d, _ = s.Digest(t.Context(), d.ID); err != nil || !next.IsZero() || d.State != schedule.Told || d.Ended.IsZero() || len(d.Missing) != 1 ||
		!d.Missing[config.DigestOnCall].Next.IsZero() || !strings.Contains(d.Missing[config.DigestOnCall].Why, "configuration") {
		t.Errorf("next %s, %+v, %v", next, d, err)
	}
}

// What GitHub says: whose turn a pull request is, in working hours; what fails on the default branch, since when; what passed only when it
// was repeated. Drafts, robots' pull requests, deployments' workflows and what was cancelled say nothing.
func TestWhatGitHubSays(t *testing.T) {
	t.Parallel()
	s, _, repo := newDigests(t, digestYAML)
	s.github.AddUser(githubtest.User{Login: "renovate[bot]", Bot: true})
	s.clock.Set(monday.Add(23 * time.Hour))
	opens := func(author, title string, at time.Time, draft bool) int {
		branch := strings.ReplaceAll(strings.ToLower(title), " ", "-")
		repo.At(at).Branch(branch, "main").At(at).Commit(branch, author, title, githubtest.Files{branch: title})
		return repo.At(at).OpenPR(githubtest.PR{Author: author, Title: title, Head: branch, Draft: draft})
	}
	friday := monday.AddDate(0, 0, -3)
	repo.AskReview(opens("ana", "For Ben", friday.Add(6*time.Hour), false), "ben") // Friday, 15:00 in Berlin
	opens("ben", "Nobody asked", monday.Add(7*time.Hour), false)
	opens("cy", "A draft", friday, true)
	opens("renovate[bot]", "Update things", friday, false)
	runs := func(file, actor string, at time.Time, attempts ...string) {
		repo.At(at).AddRun(githubtest.PastRun{File: file, Branch: "main", Event: "push", Actor: actor, Attempts: attempts})
	}
	runs("ci.yml", "ana", friday, "success")
	runs("ci.yml", "ben", friday.Add(time.Hour), "failure")
	runs("ci.yml", "cy", friday.Add(2*time.Hour), "cancelled")
	runs("ci.yml", "cy", friday.Add(3*time.Hour), "failure")
	runs("ci.yml", "cy", friday.Add(4*time.Hour), "in_progress")
	runs("lint.yml", "cy", friday, "failure")
	runs("lint.yml", "cy", monday.Add(2*time.Hour), "failure", "failure", "success")
	runs("deploy.yml", "cy", friday, "failure")
	s.tellsUntil(monday.AddDate(0, 0, 1).Add(time.Minute))
	d, err := s.LastDigest(t.Context(), "payments")
	if err != nil {
		t.Fatal(err)
	}
	var pulls, pipelines []string
	for _, p := range d.Facts.Pulls.All {
		pulls = append(pulls, fmt.Sprintf("%s: %s, %s, %v", p.Title, p.Age, strings.Join(p.Turn, " "), p.Mine))
	}
	s.is("pull requests", pulls, []string{"For Ben: 10h0m0s, Ben, false", "Nobody asked: 1h0m0s, Ben, true"})
	for _, p := range d.Facts.Pipelines.All {
		pipelines = append(pipelines, fmt.Sprintf("%s since %s by %s, flaky %v after %d", p.Workflow, p.Since.Format("Mon 15:04"), p.By, p.Flaky, p.Repeats))
	}
	s.is("pipelines", pipelines, []string{"CI since Fri 09:00 by Ben, flaky false after 0", "CI since Mon 10:00 by Cy, flaky true after 2"})
}

// New debt is told of however much old there is, and old debt makes no day a busy one.
func TestDebtThatIsNew(t *testing.T) {
	t.Parallel()
	s, _, repo := newDigests(t, digestYAML)
	for n := range 60 {
		repo.At(monday.AddDate(0, 0, -9).Add(time.Duration(n)*time.Minute)).OpenIssue("ana", fmt.Sprint("Old ", n), "", "tech-debt")
	}
	s.tellsUntil(monday.AddDate(0, 0, 1).Add(time.Minute))
	d, err := s.LastDigest(t.Context(), "payments")
	if err != nil || !d.IsQuiet() || d.Facts.Debts.Count() != 60 || d.Facts.Debts.All[0].Title != "Old 0" {
		t.Errorf("%+v, %v", d, err)
	}
	repo.At(s.clock.Now().Add(-time.Second)).OpenIssue("ana", "Two clocks", "", "tech-debt")
	repo.At(monday.AddDate(0, 0, 3).Add(time.Second)).OpenIssue("ana", "For the next", "", "tech-debt")
	s.tellsUntil(monday.AddDate(0, 0, 3).Add(time.Minute))
	d, err = s.LastDigest(t.Context(), "payments")
	if err != nil || d.IsQuiet() || !d.Facts.Debts.All[0].New || d.Facts.Debts.All[0].Title != "Two clocks" || d.Facts.Debts.All[1].Title != "Old 0" {
		t.Errorf("%+v, %v", d, err)
	}
	s.tellsUntil(monday.AddDate(0, 0, 4).Add(time.Minute))
	d, err = s.LastDigest(t.Context(), "payments")
	if err != nil || !d.Facts.Debts.All[0].New || d.Facts.Debts.All[0].Title != "For the next" || d.Facts.Debts.All[1].New {
		t.Errorf("%+v, %v", d, err)
	}
}

// Teams share what is asked about a repository: four calls, however many digests tell of it.
func TestTeamsShareWhatGitHubSays(t *testing.T) {
	t.Parallel()
	yaml := "slack: {admin_channel: \"#platform\"}\nenvironments: {staging: {}}\nteams:\n"
	services := "services:\n"
	for i := range 30 {
		yaml += fmt.Sprintf("  team%d: {channel: \"#team%d\", slack_group: team%d, digest: \"0 9 * * *\"}\n", i, i, i)
		services += fmt.Sprintf("  service%d: {repo: acme/checkout, team: team%d, environments: [staging]}\n", i, i)
	}
	s, _, _ := newDigests(t, yaml+services)
	before := len(s.github.Calls())
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			if _, err := s.PreviewDigest(s.Context(), fmt.Sprintf("team%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(s.github.Calls()) - before; n != 4 {
		t.Errorf("%d calls for one repository", n)
	}
}

// The configuration is followed: what it names comes, what it does not name any more ends, other times hold from then on and leave nothing
// unsaid.
func TestSchedulesFollowTheConfiguration(t *testing.T) {
	t.Parallel()
	s, _, _ := newDigests(t, digestYAML)
	if next := s.payments().Next; !next.Equal(monday.AddDate(0, 0, 1)) {
		t.Errorf("next %s", next)
	}
	s.clock.Set(monday.AddDate(0, 0, 1).Add(time.Hour)) // it was down at nine
	s.configure(strings.Replace(digestYAML, "0 9 * * 1-5", "30 8 * * *", 1))
	s.is("under the old times", s.became(s.payments()), []string{"Tue 10 Mar 09:00 left out: changed"})
	if next := s.payments().Next; !next.Equal(monday.AddDate(0, 0, 2).Add(-30 * time.Minute)) {
		t.Errorf("next %s", next)
	}
	s.configure(strings.Replace(digestYAML, `, digest: "0 9 * * 1-5"`, "", 1))
	if one := s.payments(); one.State != schedule.Removed {
		t.Errorf("%+v", one)
	}
	s.clock.Advance(48 * time.Hour)
	s.configure(digestYAML)
	if one := s.payments(); one.State != schedule.Active || !one.Next.Equal(monday.AddDate(0, 0, 4)) {
		t.Errorf("%+v", one)
	}
	s.configure(digestYAML)
	_, err := s.Pause(t.Context(), s.by(ana, s.payments()), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	s.configure(strings.Replace(digestYAML, `"#payments"`, `"#pay"`, 1))
	if one := s.payments(); one.State != schedule.Paused || one.Channel != "#pay" {
		t.Errorf("a pause is forgotten: %+v", one)
	}
}

// However the store fails, a digest is made once and placed once.
func TestADigestWhateverTheStoreDoes(t *testing.T) {
	t.Parallel()
	for n := range 12 {
		for _, how := range []storetest.Failure{storetest.Dropped, storetest.Untold} {
			s, f, _ := newDigests(t, digestYAML)
			writes := 0
			s.Service = s.service(storetest.Failing(s.db, func() storetest.Failure {
				if writes++; writes == n+1 {
					return how
				}
				return storetest.None
			}))
			f.busy = true
			s.clock.Set(monday.AddDate(0, 0, 1))
			for range 20 {
				if _, err := s.StepSchedule(t.Context(), schedule.DigestOf("payments")); err != nil && !errors.Is(err, storetest.ErrStorage) {
					t.Fatal(err)
				}
				if d, err := s.LastDigest(t.Context(), "payments"); err == nil && d != nil {
					if _, err := s.StepDigest(t.Context(), d.ID); err != nil && !errors.Is(err, storetest.ErrStorage) {
						t.Fatal(err)
					}
				}
			}
			d, err := s.LastDigest(t.Context(), "payments")
			if err != nil || d.State != schedule.Told || len(s.placed()) != 1 || len(s.became(s.payments())) != 1 {
				t.Errorf("write %d, %v: %+v, %v, placed %q, %q", n, how, d, err, s.placed(), s.became(s.payments()))
			}
		}
	}
}
