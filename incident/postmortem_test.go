package incident_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

const (
	postmortemYAML = shipmateYAML + "postmortem: {repo: acme/decisions, severities: [sev1, sev2]}\n"
	sealedYAML     = shipmateYAML + "postmortem: {repo: acme/decisions, severities: [sev1, sev2], private_repo: acme/sealed, items_repo: acme/tasks, label: follow-up}\n"
	documentPath   = "postmortems/inc-1-payments-fail.md"
)

func (s *stage) openGitHub() {
	s.github = githubtest.New(githubtest.Options{Clock: s.clock, OnCall: func(c githubtest.Call) {
		if f := s.onGitHub.Load(); f != nil {
			(*f)(c)
		}
	}})
	s.Cleanup(s.github.Close)
	s.Cleanup(func() {
		for _, p := range s.github.Problems() {
			s.Errorf("GitHub does not know: %s", p)
		}
	})
	for _, login := range []string{"ana", "ben-gh", "cy"} {
		s.github.AddUser(githubtest.User{Login: login})
	}
	for _, name := range []string{"acme/decisions", "acme/sealed", "acme/checkout", "acme/catalog", "acme/tasks"} {
		repo := s.github.AddRepo(name).Grant("ana", "push").Grant("ben-gh", "push")
		repo.Commit("main", "ana", "Begin", githubtest.Files{"README.md": "Here.\n"})
	}
	s.zones, s.logins = map[string]*time.Location{}, map[string]string{benSlack: "ben-gh"}
}

// asksGitHub is a client as after a start.
func (s *stage) asksGitHub() *github.Client {
	s.Helper()
	c, err := github.New(github.Config{APIURL: s.github.URL(), Token: githubtest.DefaultToken, Clock: s.clock, Timeout: 2 * time.Second})
	if err != nil {
		s.Fatal(err)
	}
	return c
}

func (s *stage) restart() {
	s.connect(pagerdutytest.DefaultToken)
	s.life, s.die = context.WithCancel(context.Background())
}

// step is one step of the runner; one that is cut off by the end of the process is taken by the next.
func (s *stage) step(step func(*incident.Service, context.Context) (time.Time, error)) time.Time {
	s.Helper()
	if s.life == nil {
		s.life, s.die = context.WithCancel(context.Background())
	}
	next, err := step(s.Service, s.life)
	if s.life.Err() != nil {
		s.restart()
		return s.clock.Now()
	}
	if err != nil {
		s.Fatal(err)
	}
	return next
}

// learns is a stage with post-mortems and an incident that ana commanded and ben resolved.
func learns(t *testing.T, yaml string, fns ...func(*incident.DeclareWant)) (*stage, *incident.Incident) {
	t.Helper()
	s := newStage(t)
	s.configure(yaml)
	return s, s.resolves(s.declares(fns...))
}

func (s *stage) resolves(i *incident.Incident) *incident.Incident {
	s.Helper()
	s.seeTo(i.ID, 2*time.Second)
	if _, held := i.Roles[incident.Commander]; !held {
		s.must(s.SetRole(context.Background(), s.change(i, dee), incident.Commander, anaSlack, false))
	}
	s.clock.Advance(40 * time.Minute)
	return s.must(s.SetStatus(context.Background(), s.change(i, benSlack), incident.IsResolved))
}

func (s *stage) must(i *incident.Incident, err error) *incident.Incident {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	return i
}

func (s *stage) learnt(p *incident.Postmortem, err error) *incident.Postmortem {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	return p
}

func (s *stage) postmortem(id string) *incident.Postmortem {
	s.Helper()
	return s.learnt(s.Service.Postmortem(context.Background(), id))
}

// runs steps a post-mortem and its action items for a time, as the runner would, and fails when something never rests.
func (s *stage) runs(id string, long time.Duration) *incident.Postmortem {
	s.Helper()
	end := s.clock.Now().Add(long)
	for range 5000 {
		next := s.step(func(i *incident.Service, ctx context.Context) (time.Time, error) { return i.StepPostmortem(ctx, id) })
		p := s.postmortem(id)
		for _, item := range p.Items {
			at := s.step(func(i *incident.Service, ctx context.Context) (time.Time, error) { return i.StepItem(ctx, item) })
			if !at.IsZero() && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
		after := s.postmortem(id)
		if after.State != p.State || len(after.Items) != len(p.Items) || s.woken(id) {
			next = s.clock.Now()
		}
		if next.IsZero() || next.After(end) {
			s.clock.Set(end)
			return after
		}
		if next.After(s.clock.Now()) {
			s.clock.Set(next)
		}
	}
	s.Fatal("it never rests")
	return nil
}

// woken tells whether something asked for the post-mortem to be looked at, as an action item does that has changed.
func (s *stage) woken(id string) bool {
	p := s.postmortem(id)
	n := 0
	items, err := s.ItemsOf(context.Background(), p)
	if err != nil {
		s.Fatal(err)
	}
	for _, it := range items {
		if it.Issue > 0 {
			n++
		}
	}
	if s.issues[id] == n {
		return false
	}
	if s.issues == nil {
		s.issues = map[string]int{}
	}
	s.issues[id] = n
	return true
}

func (s *stage) decisions() *githubtest.Repo { return s.github.Repo("acme/decisions") }

// document is the one pull request of a repository, with the document on its branch.
func (s *stage) document(repo string) (githubtest.Issue, string) {
	s.Helper()
	all := s.github.Pulls(repo)
	if len(all) != 1 {
		s.Fatalf("%s has %d pull requests", repo, len(all))
	}
	text, found := s.github.Repo(repo).File("postmortem/inc-1", documentPath)
	if !found {
		s.Fatalf("%s has no %s on its branch", repo, documentPath)
	}
	return all[0], text
}

// writes changes the document as people do.
func (s *stage) writes(old, fresh string) {
	s.Helper()
	pull, text := s.document("acme/decisions")
	if !strings.Contains(text, old) {
		s.Fatalf("the document has no %q", old)
	}
	s.decisions().PushTo(pull.Number, "ana", "Write", githubtest.Files{documentPath: strings.Replace(text, old, fresh, 1)})
}

const emptyRow = "|  |  |  |  |  |\n"

func TestPostmortemIsProposedWhenAnIncidentEnds(t *testing.T) {
	t.Parallel()
	s, i := learns(t, postmortemYAML, func(w *incident.DeclareWant) { w.Title = "Payments fail" })
	s.must(s.AddNote(context.Background(), s.change(i, anaSlack), "ask <@"+benSlack+"> or @"+cySlack))
	p := s.runs(i.ID, time.Minute)
	if p.State != incident.Writing || p.Owner != anaSlack || p.Team != "payments" || !p.Due.Equal(i.Resolved.Add(72*time.Hour)) {
		t.Fatalf("%+v", p)
	}
	pull, text := s.document("acme/decisions")
	if pull.Title != "Post-mortem of INC-1: Payments fail" || pull.Pull.Head != "postmortem/inc-1" || p.Pull.Number != pull.Number {
		t.Errorf("%+v", pull)
	}
	if strings.Contains(pull.Body, "ana") || strings.Contains(pull.Body, "2026-") || !strings.Contains(pull.Body, documentPath) {
		t.Errorf("the description says what changes, or not where: %s", pull.Body)
	}
	for _, want := range []string{`id: "INC-1"`, `owner: "ana"`, "dee declared it as sev2", "resolved, by ben", "the commander: ask ben or cy", "- commander: ana"} {
		if !strings.Contains(text, want) {
			t.Errorf("the document does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "U0") {
		t.Errorf("IDs in\n%s", text)
	}
	if told := s.told(anaSlack); !slices.ContainsFunc(told, func(id string) bool { return strings.HasPrefix(id, i.ID+"-owner") }) {
		t.Errorf("ana was told %q", told)
	}
	if want := []string{"C0ROOM1 " + i.ID}; !slices.Equal(s.rooms.learnt, want) {
		t.Errorf("shown in %q", s.rooms.learnt)
	}
}

func TestPostmortemOnlyWhereOneIsAskedFor(t *testing.T) {
	t.Parallel()
	s, i := learns(t, postmortemYAML, severe("sev3"))
	if _, err := s.Service.Postmortem(context.Background(), i.ID); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("there is one: %v", err)
	}
	open := s.declares(severe("sev3"))
	_, err := s.NewPostmortem(context.Background(), s.change(open, cySlack))
	s.refuses(incident.NotOver, err)
	want := s.change(i, cySlack)
	p := s.learnt(s.NewPostmortem(context.Background(), want))
	if again := s.learnt(s.NewPostmortem(context.Background(), want)); again.Request != p.Request || p.Owner != anaSlack {
		t.Errorf("%+v, then %+v", p, again)
	}
	_, err = s.NewPostmortem(context.Background(), s.change(i, cySlack))
	s.refuses(incident.AlreadySo, err)
	s.configure(shipmateYAML)
	_, err = s.NewPostmortem(context.Background(), s.change(s.resolves(open), cySlack))
	s.refuses(incident.NoRepo, err)
	_, err = s.AcceptPostmortem(context.Background(), s.change(open, cySlack))
	s.refuses(incident.NoPostmortem, err)
}

func TestPostmortemIsDueBySeverity(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(postmortemYAML, "incidents: {", "incidents: {severities: [{name: sev1, postmortem_due: 1d}, {name: sev2}], ", 1))
	for severity, due := range map[string]time.Duration{"sev1": 24 * time.Hour, "sev2": 72 * time.Hour} {
		i := s.resolves(s.declares(severe(severity)))
		if p := s.postmortem(i.ID); !p.Due.Equal(i.Resolved.Add(due)) {
			t.Errorf("%s: due %s after its end", severity, p.Due.Sub(i.Resolved))
		}
	}
}

// Whatever fails at any call, before or after, and whoever goes on: one pull request, one issue per row, one comment.
func TestPostmortemWhateverFails(t *testing.T) {
	t.Parallel()
	ops := []string{"git/get-ref", "git/get-commit", "git/create-tree", "git/create-commit", githubtest.OpCreateRef, githubtest.OpCreatePull, "pulls/get", "pulls/list-reviews",
		"repos/get-content", githubtest.OpPutFile, githubtest.OpCreateIssue, "issues/get", githubtest.OpCreateComment, "issues/list-comments", "*"}
	for m, op := range ops {
		for n, f := range []githubtest.Fault{{Kind: githubtest.Status502}, {Kind: githubtest.Status500, When: githubtest.After}, {Kind: githubtest.Reset, When: githubtest.After},
			{Kind: githubtest.SecondaryLimit429, RetryAfter: 3 * time.Second}} {
			if testing.Short() && (m+n)%4 != 0 {
				continue
			}
			t.Run(fmt.Sprint(op, " ", f.Kind, " ", f.When), func(t *testing.T) {
				t.Parallel()
				s, i := learns(t, postmortemYAML)
				f.Match, f.Times = op, 4 // a read is tried three times
				fault := func() { s.github.ClearFaults(); s.github.Fault(f); s.restart() }
				fault()
				p := s.runs(i.ID, 30*time.Minute)
				if p.State != incident.Writing {
					t.Fatalf("%+v", p)
				}
				s.writes(emptyRow, "| Add an alert | @ana | | | |\n| Add a limit | ben | 2026-05-01 | prevent | |\n")
				fault()
				s.must(s.AddNote(context.Background(), s.change(i, anaSlack), "It was the gateway."))
				s.runs(i.ID, 30*time.Minute)
				pull, text := s.document("acme/decisions")
				if !strings.Contains(text, "It was the gateway.") || !strings.Contains(text, "| Add a limit | ben | 2026-05-01 |") {
					t.Fatalf("the document is\n%s", text)
				}
				fault()
				s.decisions().SquashPR(pull.Number, "ana")
				p = s.runs(i.ID, 90*time.Minute)
				if p.State != incident.Published || len(p.Hitches) > 0 {
					t.Fatalf("%+v", p)
				}
				issues := s.github.Issues("acme/checkout")
				if len(issues) != 2 || issues[0].Title != "Add an alert" || !slices.Equal(issues[0].Assignees, []string{"ana"}) || !slices.Equal(issues[1].Assignees, []string{"ben-gh"}) ||
					!slices.Equal(issues[1].Labels, []string{"action-item"}) || !strings.Contains(issues[1].Body, "- Due: 2026-05-01") {
					t.Errorf("%+v", issues)
				}
				pull, _ = s.document("acme/decisions")
				if len(pull.Comments) != 1 || !strings.Contains(pull.Comments[0], "- Add a limit: acme/checkout#2") {
					t.Errorf("%q", pull.Comments)
				}
			})
		}
	}
}

// Cut off before or after any call, in the middle of its step: the next process carries on, and nothing is there twice.
func TestPostmortemAfterACrash(t *testing.T) {
	t.Parallel()
	for _, phase := range []githubtest.Phase{githubtest.Before, githubtest.After} {
		t.Run(string(phase), func(t *testing.T) {
			t.Parallel()
			n := 1
			for cut := true; cut; n++ {
				s, i := learns(t, postmortemYAML)
				cut = false
				calls := 0
				hook := func(c githubtest.Call) {
					if c.Phase != phase {
						return
					}
					if calls++; calls == n {
						cut = true
						s.die()
					}
				}
				s.onGitHub.Store(&hook)
				s.runs(i.ID, 3*time.Minute)
				s.writes(emptyRow, "| Add an alert | ana | | | |\n| Add a limit | ben | | | |\n")
				s.must(s.AddNote(context.Background(), s.change(i, anaSlack), "It was the gateway."))
				s.runs(i.ID, 5*time.Minute)
				pull, text := s.document("acme/decisions")
				if !strings.Contains(text, "It was the gateway.") {
					t.Fatalf("cut %s call %d, the document is not up to date", phase, n)
				}
				s.decisions().SquashPR(pull.Number, "ana")
				s.runs(i.ID, 15*time.Minute)
				if issues := s.github.Issues("acme/checkout"); len(issues) != 2 {
					t.Fatalf("cut %s call %d: %d issues", phase, n, len(issues))
				}
				if pull, _ = s.document("acme/decisions"); len(pull.Comments) != 1 {
					t.Fatalf("cut %s call %d: comments %q", phase, n, pull.Comments)
				}
				s.github.Close()
			}
			if n < 25 {
				t.Errorf("only %d calls were cut", n)
			}
		})
	}
}

func TestPostmortemIsRefreshed(t *testing.T) {
	t.Parallel()
	s, i := learns(t, postmortemYAML)
	s.runs(i.ID, time.Minute)
	_, begun := s.document("acme/decisions")
	s.writes("## What went well\n\n-", "## What went well\n\n- We paged *early*.  ")
	_, wrote := s.document("acme/decisions")
	commits := len(s.decisions().Log("main", "postmortem/inc-1"))
	s.runs(i.ID, time.Hour)
	if now := len(s.decisions().Log("main", "postmortem/inc-1")); now != commits {
		t.Errorf("%d commits without a reason", now-commits)
	}

	s.must(s.Reopen(context.Background(), s.change(i, cySlack), "it is back"))
	s.runs(i.ID, time.Hour)
	if _, text := s.document("acme/decisions"); text != wrote {
		t.Errorf("it was written anew while the incident is open:\n%s", text)
	}
	i = s.resolves(i)
	p := s.runs(i.ID, time.Hour)
	_, text := s.document("acme/decisions")
	for _, want := range []string{"cy opened it again: it is back", "It was opened again once.", "- We paged *early*.  \n", "due: " + i.Resolved.Add(72*time.Hour).Format(time.RFC3339)} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	if !p.Due.Equal(i.Resolved.Add(72 * time.Hour)) {
		t.Errorf("due %s", p.Due)
	}
	if strings.Contains(begun, "opened it again") {
		t.Error("it was there before")
	}

	s.writes("<!-- shipmate:end timeline -->\n", "")
	s.must(s.AddNote(context.Background(), s.change(i, anaSlack), "One thing more."))
	p = s.runs(i.ID, 10*time.Minute)
	if !slices.Equal(p.Left, []incident.LeftAlone{{Section: "timeline", Why: incident.MarksBroken}}) {
		t.Errorf("left alone: %v", p.Left)
	}
	s.decisions().DeleteBranch("postmortem/inc-1")
	s.must(s.AddNote(context.Background(), s.change(i, anaSlack), "And one."))
	p = s.runs(i.ID, 10*time.Minute)
	if !slices.Equal(p.Left, []incident.LeftAlone{{Section: "document", Why: incident.MarksGone}}) || p.State != incident.Writing {
		t.Errorf("left alone: %v, %s", p.Left, p.State)
	}
}

func TestPostmortemFollowsAnEditedMessage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(postmortemYAML)
	i := s.declares()
	s.must(s.Mark(context.Background(), s.change(i, anaSlack), incident.Said{Channel: "C0ROOM1", TS: "1.5", At: s.clock.Now(), By: cySlack, Text: "the gatway"}))
	i = s.resolves(i)
	s.runs(i.ID, time.Minute)
	if err := s.Edited(context.Background(), "C0ROOM1", "1.5", "the gateway", s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	s.runs(i.ID, 10*time.Minute)
	if _, text := s.document("acme/decisions"); !strings.Contains(text, "cy wrote: the gateway, edited") || strings.Contains(text, "gatway") {
		t.Errorf("not followed:\n%s", text)
	}
}

func TestPostmortemWaitsForNames(t *testing.T) {
	t.Parallel()
	s, i := learns(t, postmortemYAML)
	s.nameless = true
	if p := s.runs(i.ID, 5*time.Minute); p.State != incident.Drafting || !p.Hitches["propose"].Said {
		t.Errorf("%+v", p)
	}
	s.runs(i.ID, 30*time.Minute)
	if _, text := s.document("acme/decisions"); !strings.Contains(text, "A responder declared it") || strings.Contains(text, "U0") {
		t.Errorf("%s", text)
	}
}

// A document that names people keeps their names while Slack does not tell them, and is brought up to date once it does.
func TestRefreshWaitsForNames(t *testing.T) {
	t.Parallel()
	s, i := learns(t, postmortemYAML, func(w *incident.DeclareWant) { w.Title = "Payments fail" })
	s.runs(i.ID, time.Minute)
	s.nameless = true
	s.must(s.AddNote(context.Background(), s.change(i, dee), "it came back"))
	p := s.runs(i.ID, time.Hour)
	if _, text := s.document("acme/decisions"); strings.Contains(strings.ToLower(text), "a responder") || !p.Hitches["refresh"].Said {
		t.Errorf("its names are gone: %+v\n%s", p.Hitches, text)
	}
	s.nameless = false
	p = s.runs(i.ID, 2*time.Hour)
	if _, text := s.document("acme/decisions"); !strings.Contains(text, "it came back") || len(p.Hitches) > 0 {
		t.Errorf("not brought up to date: %+v\n%s", p.Hitches, text)
	}
}

// The card of a post-mortem that is asked for while the channel is being made stands in the channel once there is one.
func TestPostmortemIsShownOnceThereIsAChannel(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(postmortemYAML, "[sev1, sev2]", "[sev1]", 1))
	s.rooms.refused["room"] = errors.New("Slack does not answer")
	i := s.declares()
	s.seeTo(i.ID, 10*time.Second)
	s.must(s.SetStatus(context.Background(), s.change(i, dee), incident.IsResolved))
	s.learnt(s.NewPostmortem(context.Background(), s.change(i, dee)))
	delete(s.rooms.refused, "room")
	if i = s.seeTo(i.ID, 10*time.Minute); i.Room.ID == "" || !slices.Contains(s.rooms.learnt, i.Room.ID+" "+i.ID) {
		t.Errorf("it runs in %q, and its post-mortem is shown in %q", i.Room.ID, s.rooms.learnt)
	}
}

// Nothing of a private incident stands where others read it.
func TestPrivatePostmortem(t *testing.T) {
	t.Parallel()
	private := func(w *incident.DeclareWant) { w.Title, w.Private, w.Shown = "Keys leaked", true, false }
	t.Run("without a repository for it", func(t *testing.T) {
		t.Parallel()
		s, i := learns(t, postmortemYAML, private)
		p := s.runs(i.ID, 10*24*time.Hour)
		if p.State != incident.Writing || !p.InChannel || p.Late < 2 || len(s.github.Pulls("acme/decisions")) > 0 {
			t.Errorf("%+v", p)
		}
		for _, c := range s.github.Calls() {
			t.Errorf("GitHub was asked: %s", c.Path)
		}
		if len(s.rooms.texts) == 0 || !strings.Contains(s.rooms.texts[0], "Keys leaked") || strings.Contains(strings.Join(s.rooms.texts, ""), "shipmate:begin") {
			t.Errorf("%q", s.rooms.texts)
		}
		for _, line := range append(slices.Clone(s.rooms.said), s.rooms.learnt...) {
			if !strings.HasPrefix(line, "C0ROOM1 ") {
				t.Errorf("said elsewhere: %s", line)
			}
		}
		p = s.learnt(s.FinishPostmortem(context.Background(), s.change(i, benSlack)))
		if p.State != incident.Published || p.EndedBy != benSlack {
			t.Errorf("%+v", p)
		}
	})
	t.Run("without a channel", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.configure(postmortemYAML)
		s.rooms.refused["room"] = forGood("no channels here")
		i := s.resolves(s.declares(private))
		p := s.runs(i.ID, 10*24*time.Hour)
		if h := p.Hitches["post"]; p.State != incident.Drafting || !h.Said || !strings.Contains(h.Why, "postmortem.private_repo") || p.Late < 2 {
			t.Errorf("%+v", p)
		}
		if len(s.rooms.said)+len(s.rooms.learnt)+len(s.github.Calls()) > 0 {
			t.Errorf("said %q, shown in %q, GitHub was asked %d times", s.rooms.said, s.rooms.learnt, len(s.github.Calls()))
		}
	})
	t.Run("with one", func(t *testing.T) {
		t.Parallel()
		s, i := learns(t, sealedYAML, private)
		p := s.runs(i.ID, time.Minute)
		if p.Repo != "acme/sealed" || p.Path != "postmortems/inc-1-keys-leaked.md" {
			t.Fatalf("%+v", p)
		}
		sealed := s.github.Repo("acme/sealed")
		text, _ := sealed.File("postmortem/inc-1", p.Path)
		sealed.PushTo(p.Pull.Number, "ana", "Write", githubtest.Files{p.Path: strings.Replace(text, emptyRow, "| Turn the keys | ana | | | acme/checkout#7 |\n", 1)})
		sealed.SquashPR(p.Pull.Number, "ana")
		s.runs(i.ID, time.Hour)
		if len(s.github.Issues("acme/sealed")) != 1 {
			t.Errorf("%+v", s.github.Issues("acme/sealed"))
		}
		for _, c := range s.github.Calls() {
			if !strings.Contains(c.Path, "acme/sealed") {
				t.Errorf("GitHub was asked: %s", c.Path)
			}
		}
		if later := s.declares(); len(later.Earlier) > 0 {
			t.Errorf("a later incident names %+v", later.Earlier)
		}
	})
}

// Over before it has a channel, its post-mortem is shown in the channel all the same, or where it was declared when it gets none.
func TestPostmortemIsShownWhereTheIncidentRan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refusal error
		want    string
	}{"late": {errors.New("Slack did not answer."), "C0ROOM1"}, "never": {forGood("Slack refused: restricted_action."), "C0PAY"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.configure(postmortemYAML)
			s.rooms.refused["room"] = c.refusal
			i := s.resolves(s.declares())
			if name == "late" && len(s.rooms.learnt) != 0 {
				t.Fatalf("shown before it is known where: %v", s.rooms.learnt)
			}
			s.seeTo(i.ID, 5*time.Second)
			delete(s.rooms.refused, "room")
			s.seeTo(i.ID, time.Minute)
			if want := []string{c.want + " " + i.ID}; !slices.Equal(s.rooms.learnt, want) {
				t.Errorf("shown in %v, want %v", s.rooms.learnt, want)
			}
		})
	}
}
