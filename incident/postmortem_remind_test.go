package incident_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/integrations/github/githubtest"
)

// reminded are the times at which a person was reminded of a post-mortem, as the weekday and hour in a zone.
func (s *stage) reminded(person string, in *time.Location) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var at []time.Time
	for _, n := range s.notes {
		if n.Person == person && n.Postmortem != nil && !n.Ask {
			at = append(at, n.At)
		}
	}
	return stamps(at, in)
}

func stamps(at []time.Time, in *time.Location) []string {
	slices.SortFunc(at, time.Time.Compare)
	var out []string
	for _, t := range at {
		out = append(out, t.In(in).Format("Mon Jan 2 15:04"))
	}
	return out
}

// said are what was said in a channel beside the incident, by what it was.
func (s *stage) saidIn(channel, kind string) int {
	n := 0
	for _, line := range s.rooms.said {
		if strings.HasPrefix(line, channel+" "+kind+" ") {
			n++
		}
	}
	return n
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// Resolved on Wednesday, due on Saturday evening: two reminders before, the second moved back since the next working day is too late; those
// of the weekend as one on Monday, then more and more rarely.
func TestPostmortemReminders(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(postmortemYAML)
	zone := berlin(t)
	s.zones[anaSlack] = zone
	s.clock.Set(time.Date(2026, 3, 11, 20, 0, 0, 0, zone))
	i := s.resolves(s.declares(func(w *incident.DeclareWant) { w.Private = true })) // nobody asks GitHub for weeks
	s.runs(i.ID, 22*24*time.Hour)
	got := s.reminded(anaSlack, zone)
	for _, at := range got {
		if day, hour := at[:3], at[len(at)-5:]; day == "Sat" || day == "Sun" || hour < "09:00" || hour >= "17:00" {
			t.Errorf("reminded on %s", at)
		}
	}
	// Due on Saturday at 20:40: a day and two before it, and a day, two, four, eight and sixteen after it.
	if !slices.Equal(got, []string{"Fri Mar 13 09:00", "Fri Mar 13 16:40", "Mon Mar 16 09:00", "Tue Mar 17 09:00", "Thu Mar 19 09:00", "Mon Mar 23 09:00", "Tue Mar 31 09:00"}) {
		t.Errorf("reminded on %q", got)
	}
	p := s.postmortem(i.ID)
	if told := s.saidIn("C0ROOM1", "postmortem"); told != p.Late-1 || p.Late < 4 {
		t.Errorf("the channel was told %d times, reminded late %d times", told, p.Late)
	}
}

func TestLatePostmortemIsToldTheTeam(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(postmortemYAML, "repo: acme/decisions", "repo: acme/decisions, due: 1h", 1))
	s.clock.Set(time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC))
	i := s.resolves(s.declares())
	s.runs(i.ID, 30*time.Hour)
	if p := s.postmortem(i.ID); p.Late != 1 || s.saidIn("#payments", "postmortem") != 0 {
		t.Errorf("reminded late %d times, the team was told too soon", p.Late)
	}
	s.runs(i.ID, 24*time.Hour)
	if p := s.postmortem(i.ID); p.Late != 2 || s.saidIn("#payments", "postmortem") != 1 {
		t.Errorf("reminded late %d times, the team was told %d times", p.Late, s.saidIn("#payments", "postmortem"))
	}
}

func TestPostmortemIsSnoozedAndHandedOver(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newStage(t)
	s.configure(postmortemYAML)
	zone := berlin(t)
	la, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	s.zones[anaSlack], s.zones[benSlack] = zone, la
	s.clock.Set(time.Date(2026, 3, 9, 10, 0, 0, 0, zone)) // a Monday
	i := s.resolves(s.declares())
	s.runs(i.ID, time.Minute)
	p := s.learnt(s.AcceptPostmortem(ctx, s.change(i, anaSlack)))
	if p.Accepted.IsZero() || p.Owner != anaSlack {
		t.Errorf("%+v", p)
	}
	_, err = s.AcceptPostmortem(ctx, s.change(i, anaSlack))
	s.refuses(incident.AlreadySo, err)
	s.learnt(s.SnoozePostmortem(ctx, s.change(i, anaSlack), 3*24*time.Hour))
	s.runs(i.ID, 90*time.Hour)
	if got := s.reminded(anaSlack, zone); !slices.Equal(got, []string{"Thu Mar 12 10:41"}) {
		t.Errorf("reminded on %q", got)
	}
	want := s.change(i, anaSlack)
	p = s.learnt(s.SetPostmortemOwner(ctx, want, benSlack))
	again := s.learnt(s.SetPostmortemOwner(ctx, want, benSlack))
	if p.Owner != benSlack || !p.Accepted.IsZero() || again.Stage != p.Stage {
		t.Errorf("%+v, then %+v", p, again)
	}
	if told := s.told(benSlack); !slices.ContainsFunc(told, func(id string) bool { return strings.HasPrefix(id, i.ID+"-owner-"+benSlack) }) {
		t.Errorf("ben was told %q", told)
	}
	s.runs(i.ID, 5*24*time.Hour)
	if _, text := s.document("acme/decisions"); !strings.Contains(text, `owner: "ben"`) {
		t.Errorf("the document has another owner:\n%s", text)
	}
	for _, at := range s.reminded(benSlack, la) {
		if hour := at[len(at)-5:]; hour < "09:00" || hour >= "17:00" {
			t.Errorf("reminded at %s where ben lives", at)
		}
	}
	if len(s.reminded(anaSlack, zone)) != 1 || len(s.reminded(benSlack, la)) == 0 {
		t.Errorf("ana was reminded on %q, ben on %q", s.reminded(anaSlack, zone), s.reminded(benSlack, la))
	}
}

// Who had a post-mortem is told once when somebody else has it, unless they gave it away; who names themselves accepts it.
func TestPostmortemIsTakenOver(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, i := learns(t, postmortemYAML)
	relieved := func(person string) (n int) {
		for _, id := range s.told(person) {
			if strings.HasPrefix(id, i.ID+"-relieved-") {
				n++
			}
		}
		return n
	}
	if p := s.learnt(s.SetPostmortemOwner(ctx, s.change(i, anaSlack), anaSlack)); p.Accepted.IsZero() || relieved(anaSlack) != 0 {
		t.Errorf("ana, who was asked, names herself: %+v, told %v", p, s.told(anaSlack))
	}
	want := s.change(i, benSlack)
	s.learnt(s.AcceptPostmortem(ctx, want))
	s.learnt(s.AcceptPostmortem(ctx, want))
	if p := s.postmortem(i.ID); p.Owner != benSlack || relieved(anaSlack) != 1 || relieved(benSlack) != 0 {
		t.Errorf("ben takes it: %+v, ana was told %v", p, s.told(anaSlack))
	}
	s.learnt(s.SetPostmortemOwner(ctx, s.change(i, benSlack), cySlack))
	if relieved(benSlack) != 0 {
		t.Errorf("ben gave it away, and was told %v", s.told(benSlack))
	}
	p := s.learnt(s.SetPostmortemOwner(ctx, s.change(i, anaSlack), benSlack))
	if !p.Accepted.IsZero() || relieved(cySlack) != 1 {
		t.Errorf("ana hands it on to ben: %+v, cy was told %v", p, s.told(cySlack))
	}
}

func TestPostmortemIsNotNeeded(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, i := learns(t, postmortemYAML)
	s.runs(i.ID, time.Minute)
	_, err := s.PostmortemNotNeeded(ctx, s.change(i, benSlack), " ")
	s.refuses(incident.NoReason, err)
	_, err = s.FinishPostmortem(ctx, s.change(i, benSlack))
	s.refuses(incident.HasPull, err)
	p := s.learnt(s.PostmortemNotNeeded(ctx, s.change(i, benSlack), "a drill"))
	if p.State != incident.NotNeeded || p.EndedBy != benSlack || p.Why != "a drill" {
		t.Errorf("%+v", p)
	}
	s.runs(i.ID, 30*24*time.Hour)
	if got := s.reminded(anaSlack, time.UTC); len(got) > 0 {
		t.Errorf("reminded on %q", got)
	}
	_, err = s.AcceptPostmortem(ctx, s.change(i, anaSlack))
	s.refuses(incident.PostmortemOver, err)
	p = s.learnt(s.NewPostmortem(ctx, s.change(i, cySlack)))
	if p.State != incident.Writing || p.Owner != cySlack || !p.Due.After(s.clock.Now()) {
		t.Errorf("wanted after all: %+v", p)
	}
	s.document("acme/decisions")
	open, over, err := s.ListPostmortems(ctx, 5)
	if err != nil || len(open) != 1 || len(over) != 0 {
		t.Errorf("%v, %v, %v", open, over, err)
	}
	s.learnt(s.PostmortemNotNeeded(ctx, s.change(i, benSlack), "still a drill"))
	before := s.clock.Now()
	s.clock.Advance(time.Hour)
	if n, err := s.Sweep(ctx, before.Add(-time.Hour)); err != nil || s.postmortem(i.ID) == nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if _, err := s.Sweep(ctx, s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Service.Postmortem(ctx, i.ID); err == nil {
		t.Error("it is not swept")
	}
}

func TestClosedPullRequestIsTold(t *testing.T) {
	t.Parallel()
	s, i := learns(t, postmortemYAML)
	p := s.runs(i.ID, time.Minute)
	s.decisions().ClosePR(p.Pull.Number)
	if p = s.runs(i.ID, 5*time.Minute); !p.Pull.Closed || p.State != incident.Writing {
		t.Errorf("%+v, %+v", p, p.Pull)
	}
	s.decisions().Reopen(p.Pull.Number)
	if p = s.runs(i.ID, 15*time.Minute); p.Pull.Closed {
		t.Errorf("%+v", p.Pull)
	}
}

// A pull request that stays closed is looked at once a day, its owner and the team are told a last time, and opening it again is seen.
func TestClosedPullRequestIsLeftAlone(t *testing.T) {
	t.Parallel()
	s, i := learns(t, strings.Replace(postmortemYAML, "repo: acme/decisions", "repo: acme/decisions, due: 1h", 1))
	p := s.runs(i.ID, time.Minute)
	s.decisions().ClosePR(p.Pull.Number)
	s.runs(i.ID, 5*24*time.Hour)
	looks := func() (n int) {
		for _, c := range s.github.Calls() {
			if strings.HasSuffix(c.Path, "/pulls/"+strconv.Itoa(p.Pull.Number)) {
				n++
			}
		}
		return n
	}
	before := looks()
	s.runs(i.ID, 95*24*time.Hour)
	if n := looks() - before; n == 0 || n > 96 {
		t.Errorf("GitHub was asked %d times in 95 days", n)
	}
	p = s.postmortem(i.ID)
	told, reminders := s.saidIn("#payments", "postmortem"), len(s.reminded(anaSlack, time.UTC))
	if !p.LastReminder() || told != p.Late-1 || reminders != p.Reminders {
		t.Errorf("the team was told %d times and the owner %d times: %+v", told, reminders, p)
	}
	s.runs(i.ID, 100*24*time.Hour)
	if now := s.postmortem(i.ID); now.Reminders != p.Reminders || now.Late != p.Late {
		t.Errorf("reminders do not end: %d, then %d", p.Reminders, now.Reminders)
	}
	s.decisions().Reopen(p.Pull.Number)
	if p = s.runs(i.ID, 25*time.Hour); p.Pull.Closed || !p.Pull.ClosedAt.IsZero() {
		t.Errorf("opened again: %+v, %+v", p, p.Pull)
	}
	if p = s.runs(i.ID, 8*24*time.Hour); !p.LastReminder() || len(s.reminded(anaSlack, time.UTC)) != reminders+1 {
		t.Errorf("reminded %d times before and %d times since", reminders, len(s.reminded(anaSlack, time.UTC))-reminders)
	}
}

// merged is a post-mortem whose document was merged with these rows.
func merged(t *testing.T, yaml, rows string) (*stage, *incident.Postmortem) {
	t.Helper()
	s, i := learns(t, yaml)
	s.runs(i.ID, time.Minute)
	s.writes(emptyRow, rows)
	pull, _ := s.document("acme/decisions")
	s.decisions().MergePR(pull.Number, "ana")
	return s, s.runs(i.ID, 15*time.Minute)
}

func (s *stage) items(p *incident.Postmortem) []*incident.Item {
	s.Helper()
	items, err := s.ItemsOf(context.Background(), p)
	if err != nil {
		s.Fatal(err)
	}
	return items
}

func TestActionItems(t *testing.T) {
	t.Parallel()
	s, p := merged(t, sealedYAML, "| Add an **alert** \\| page | the commander | 2026-03-20 | detect | |\n| Known | ben | soon | | acme/catalog#1 |\n| | ana | | | |\n"+
		"| Add an alert \\| page | cy@acme.example | | | |\n| Nobody's | @stranger | | | |\n| Free | | | | |\n")
	items := s.items(p)
	if len(items) != 5 || len(p.Skipped) != 2 || len(s.github.Issues("acme/tasks")) != 4 || len(s.github.Issues("acme/checkout")) != 0 {
		t.Fatalf("%d items, %q, %+v", len(items), p.Skipped, s.github.Issues("acme/tasks"))
	}
	for n, want := range []struct{ action, person, login, problem string }{{"Add an alert | page", anaSlack, "", ""}, {"Known", benSlack, "ben-gh", "no issue"},
		{"Add an alert | page", cySlack, "", ""}, {"Nobody's", "", "stranger", "not assigned to stranger"}, {"Free", "", "", ""}} {
		it := items[n]
		if it.Action != want.action || it.Person != want.person || it.Login != want.login {
			t.Errorf("%+v, want %+v", it, want)
		}
		if said := strings.Join(it.Problems, " "); n != 1 && !strings.Contains(said, want.problem) {
			t.Errorf("%s: %q", it.Action, said)
		}
	}
	if known := items[1]; !known.Given || known.Hitch == nil || known.Repo != "acme/catalog" || known.Issue != 1 {
		t.Errorf("%+v", known)
	}
	s.github.Repo("acme/catalog").OpenIssue("ana", "Known", "") // it comes late
	if s.runs(p.ID, 2*time.Hour); s.items(p)[1].Hitch != nil {
		t.Errorf("%+v", s.items(p)[1])
	}

	later := s.declares()
	if len(later.Earlier) != 3 || later.Earlier[0].Action != "Add an alert | page" || later.Earlier[0].Number != 1 || later.Earlier[0].URL == "" {
		t.Errorf("a later incident names %+v", later.Earlier)
	}
	other := s.declares(func(w *incident.DeclareWant) { w.Request, w.Services = "other", []string{"plain"} })
	if len(other.Earlier) != 0 {
		t.Errorf("an incident of another service names %+v", other.Earlier)
	}
	s.resolves(later)
	s.runs(later.ID, time.Minute)
	text, _ := s.decisions().File("postmortem/inc-2", "postmortems/inc-2-payments-fail.md")
	if !strings.Contains(text, `- INC-1: [Add an alert \| page](<https://github.com/acme/tasks/issues/1>), due 2026-03-20`) {
		t.Errorf("its document says\n%s", text)
	}

	for n := 1; n <= 4; n++ {
		s.github.Repo("acme/tasks").CloseIssue(n, "completed")
	}
	s.runs(p.ID, 3*time.Hour)
	open, err := s.OpenItems(context.Background(), "checkout")
	if err != nil || len(open) != 1 || open[0].Action != "Known" {
		t.Errorf("open are %+v, %v", open, err)
	}
	s.github.Repo("acme/tasks").Reopen(2)
	s.runs(p.ID, 3*24*time.Hour)
	if open, _ = s.OpenItems(context.Background(), ""); len(open) != 2 {
		t.Errorf("open are %+v", open)
	}
}

// What of a row means nothing is told below the pull request, a sentence each; the item is there all the same.
func TestActionItemsThatAreNotUnderstood(t *testing.T) {
	t.Parallel()
	s, p := merged(t, sealedYAML, "| Fix it | @martian | tomorrow | fix | |\n| Unowned item with | a pipe |\n| Write it down | team payments | | Detect and prevent | |\n"+
		"| Ask | nobody@acme.example | | | |\n")
	items := s.items(p)
	if len(items) != 4 || items[0].Owner != "@martian" || items[1].Owner != "" || items[2].Owner != "team payments" || items[3].Owner != "" {
		t.Fatalf("%+v", items)
	}
	pull, _ := s.document("acme/decisions")
	if len(pull.Comments) != 1 {
		t.Fatalf("%+v", pull.Comments)
	}
	told := pull.Comments[0]
	for _, want := range []string{"It is not assigned to martian: ", ": tomorrow is no day like 2026-01-31", ": fix is no type; they are prevent, detect, mitigate, process.\n",
		": a pipe is nobody I know, so the issue has no owner;", ": nobody@acme.example is nobody I know"} {
		if strings.Count(told, want) != 1 {
			t.Errorf("the comment does not say %q once:\n%s", want, told)
		}
	}
	if len(p.Skipped) != 4 {
		t.Errorf("%q", p.Skipped)
	}
	for _, issue := range s.github.Issues("acme/tasks") {
		if strings.Contains(issue.Body, "pipe") {
			t.Errorf("an issue of somebody who is nobody: %s", issue.Body)
		}
	}
}

func TestLateActionItems(t *testing.T) {
	t.Parallel()
	s, p := merged(t, postmortemYAML, "| Add an alert | ben | 2026-03-13 | | |\n| Add a limit | somebody else | 2026-03-13 | | |\n| Some day | ben | | | |\n")
	la, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	s.zones[benSlack] = la
	s.runs(p.ID, 20*24*time.Hour)
	late := func(person string, in *time.Location) []string {
		var at []time.Time
		for _, n := range s.notes {
			if n.Person == person && n.Item != nil {
				at = append(at, n.At)
			}
		}
		return stamps(at, in)
	}
	// The day was a Friday: late on Monday, and then 2, 4 and 8 days after its end.
	if got := late(benSlack, la); !slices.Equal(got, []string{"Mon Mar 16 09:00", "Wed Mar 18 09:00", "Mon Mar 23 09:00"}) {
		t.Errorf("ben was reminded on %q", got)
	}
	if got := late(anaSlack, time.UTC); len(got) != 3 {
		t.Errorf("the post-mortem's owner was reminded on %q", got)
	}
	s.github.Repo("acme/checkout").CloseIssue(1, "completed")
	s.runs(p.ID, 12*24*time.Hour)
	if got := late(benSlack, la); len(got) != 3 {
		t.Errorf("reminded of what is done: %q", got)
	}
}

// What cannot be done is told, and tried again until it can.
func TestPostmortemTellsWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	s, i := learns(t, strings.Replace(postmortemYAML, "repo: acme/decisions, sev", "repo: acme/nowhere, sev", 1))
	p := s.runs(i.ID, time.Hour)
	if h := p.Hitches["propose"]; p.State != incident.Drafting || !h.Said || !strings.Contains(h.Why, "acme/nowhere") || h.Tries > 8 {
		t.Errorf("%+v", p.Hitches)
	}
	s.github.AddRepo("acme/nowhere").Commit("main", "ana", "Begin", githubtest.Files{"README.md": "Here.\n"})
	if p = s.runs(i.ID, 2*time.Hour); p.State != incident.Writing || len(p.Hitches) != 0 {
		t.Errorf("%+v", p)
	}
	s, i = learns(t, postmortemYAML)
	s.decisions().Branch("postmortem/inc-1", "main").Commit("postmortem/inc-1", "cy", "Mine", githubtest.Files{"x": "y"})
	if p = s.runs(i.ID, time.Hour); !strings.Contains(p.Hitches["propose"].Why, "postmortem/inc-1") {
		t.Errorf("%+v", p.Hitches)
	}
	s.decisions().DeleteBranch("postmortem/inc-1")
	s.runs(i.ID, 2*time.Hour)
	s.document("acme/decisions")
}
