package incident_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/incident"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

func TestAPageToAService(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.pages()
	if p.State != incident.Sending || len(p.Called) != 2 || p.Called[0].Who.Slack != anaSlack || p.Called[1].Level != 2 || p.Home != "#payments" || !p.To.Event {
		t.Fatalf("%+v", p)
	}
	p = s.until(p.ID, incident.Accepted)
	if len(s.onPagerDuty(p.ID)) != 0 {
		t.Error("PagerDuty was faster than it is")
	}
	p = s.until(p.ID, incident.Triggered)
	if on := s.one(p.ID); on.ID != p.Alarm.ID || on.Title != "payments fail (dee)" {
		t.Errorf("PagerDuty has %+v", on)
	}
	p = s.untilPage(p.ID, "called", func(p *incident.Page) bool {
		return slices.ContainsFunc(p.Moments, func(m incident.Moment) bool { return m.Kind == "notify" })
	})
	if p.Alarm.Assigned[0].Slack != anaSlack || p.Alarm.Level != 1 {
		t.Errorf("it calls %+v at level %d", p.Alarm.Assigned, p.Alarm.Level)
	}
	s.pager.Ack(p.Alarm.ID, anaID)
	p = s.until(p.ID, incident.Acknowledged)
	if p.Alarm.Acked[0].Slack != anaSlack {
		t.Errorf("acknowledged by %+v", p.Alarm.Acked)
	}
	s.pager.Resolve(p.Alarm.ID, anaID)
	p = s.until(p.ID, incident.Resolved)
	if last := p.Moments[len(p.Moments)-1]; last.Kind != "resolve" || last.Who == nil || last.Who.Slack != anaSlack {
		t.Errorf("the last is %+v", last)
	}
	if len(s.notes) != 0 {
		t.Errorf("people were told %v", s.notes)
	}
}

func TestPagesToATeamAndToAPerson(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	team := s.until(s.pages(to(incident.Team, "payments")).ID, incident.Triggered)
	if on := s.one(team.ID); on.Policy != "PPOLPAY" || team.To.Policy != "PPOLPAY" {
		t.Errorf("PagerDuty has %+v", on)
	}
	s.clock.Advance(time.Minute)
	by := s.pages(to(incident.Team, "storefront"), func(w *incident.PageWant) { w.By = benSlack })
	by = s.until(by.ID, incident.Triggered)
	if on := s.one(by.ID); !slices.Equal(on.Assigned, []string{cyID}) || by.To.From != "ben@acme.example" {
		t.Errorf("PagerDuty has %+v, asked by %s", on, by.To.From)
	}
	s.clock.Advance(time.Minute)
	person := s.until(s.pages(to(incident.Someone, benSlack)).ID, incident.Triggered)
	if on := s.one(person.ID); !slices.Equal(on.Assigned, []string{benID}) || person.To.From != "bot@acme.example" {
		t.Errorf("PagerDuty has %+v, asked by %s", on, person.To.From)
	}
}

func TestPagesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, c := range []struct {
		sub     incident.Subject
		message string
		want    incident.Code
	}{
		{checkout, " ", incident.EmptyMessage},
		{incident.Subject{Kind: incident.Of, Name: "plain"}, "x", incident.NoRota},
		{incident.Subject{Kind: incident.Someone, Name: dee}, "x", incident.NotLinked},
	} {
		_, err := s.Page(context.Background(), incident.PageWant{Request: "r", At: night, By: dee, Subject: c.sub, Message: c.message})
		s.refuses(c.want, err)
	}
}

// However PagerDuty fails, a page makes one incident there, or is told as not sent.
func TestAPageIsOneIncidentOrTold(t *testing.T) {
	t.Parallel()
	const events, incidents = "createV2Event", "createIncident"
	for name, c := range map[string]struct {
		sub    incident.Subject
		faults []pagerdutytest.Fault
		want   incident.PageState
		late   bool
	}{
		"500 before":              {checkout, []pagerdutytest.Fault{{Match: events, Times: 2, When: pagerdutytest.Before, Kind: pagerdutytest.Status500}}, incident.Triggered, false},
		"500 after":               {checkout, []pagerdutytest.Fault{{Match: events, Times: 2, When: pagerdutytest.After, Kind: pagerdutytest.Status500}}, incident.Triggered, false},
		"dropped before":          {checkout, []pagerdutytest.Fault{{Match: events, Times: 1, When: pagerdutytest.Before, Kind: pagerdutytest.Reset}}, incident.Triggered, false},
		"dropped after":           {checkout, []pagerdutytest.Fault{{Match: events, Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.Reset}}, incident.Triggered, false},
		"429":                     {checkout, []pagerdutytest.Fault{{Match: events, Times: 1, When: pagerdutytest.Before, Kind: pagerdutytest.RateLimit, RetryAfter: 20 * time.Second}}, incident.Triggered, false},
		"429 without a word":      {checkout, []pagerdutytest.Fault{{Match: events, Times: 1, When: pagerdutytest.Before, Kind: pagerdutytest.SilentRateLimit}}, incident.Triggered, false},
		"a page of HTML":          {checkout, []pagerdutytest.Fault{{Match: events, Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.Status502}}, incident.Triggered, false},
		"half an answer":          {checkout, []pagerdutytest.Fault{{Match: events, Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.Truncate}}, incident.Triggered, false},
		"team, 500 before":        {payments, []pagerdutytest.Fault{{Match: incidents, Times: 2, When: pagerdutytest.Before, Kind: pagerdutytest.Status500}}, incident.Triggered, false},
		"team, 500 after":         {payments, []pagerdutytest.Fault{{Match: incidents, Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.Status500}}, incident.Triggered, false},
		"team, dropped after":     {payments, []pagerdutytest.Fault{{Match: incidents, Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.Reset}}, incident.Triggered, false},
		"unclear, then no search": {checkout, []pagerdutytest.Fault{{Match: events, Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.Reset}, {Match: "listIncidents", Times: 9, When: pagerdutytest.Before, Kind: pagerdutytest.Status500}}, incident.Triggered, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			p := s.pages(to(c.sub.Kind, c.sub.Name))
			for _, f := range c.faults {
				s.pager.Fault(f)
			}
			p = s.until(p.ID, c.want)
			if on := s.one(p.ID); on.ID != p.Alarm.ID {
				t.Errorf("PagerDuty has %+v, the page %+v", on, p.Alarm)
			}
			if p.Late != c.late {
				t.Errorf("late is %t after %s", p.Late, p.Taken.Sub(p.Created))
			}
		})
	}
}

// Down for an hour: people are told after a minute that it is not sent, and after a quarter of an hour that it will not be. It is
// never sent later, when nobody expects it any more.
func TestAPageWhilePagerDutyIsDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.oncall(checkout)
	s.pager.Down(true)
	p := s.pages()
	if len(p.Called) == 0 {
		t.Fatal("whom it would call is forgotten")
	}
	p = s.untilPage(p.ID, "late", func(p *incident.Page) bool { return p.Late })
	if age := s.clock.Now().Sub(p.Created); age != incident.WarnAfter {
		t.Errorf("told after %s", age)
	}
	if told := s.told(dee); !slices.Equal(told, []string{p.ID + "-late"}) {
		t.Errorf("told %v", told)
	}
	p = s.until(p.ID, incident.NotSent)
	if age := s.clock.Now().Sub(p.Created); age != incident.GiveUpAfter || p.Unclear || p.Why == "" {
		t.Errorf("given up after %s, unclear %t, %q", age, p.Unclear, p.Why)
	}
	if told := s.told(dee); !slices.Equal(told, []string{p.ID + "-late", p.ID + "-not-sent"}) {
		t.Errorf("told %v", told)
	}
	s.clock.Advance(time.Hour)
	s.pager.Down(false)
	if next, err := s.StepPage(context.Background(), p.ID); err != nil || !next.IsZero() || len(s.onPagerDuty(p.ID)) != 0 {
		t.Errorf("sent after all: %v, %v", next, err)
	}
	if open, err := s.Preview(context.Background(), incident.PageWant{By: dee, Subject: checkout, Message: "x"}); err != nil || len(open.Open) != 0 {
		t.Errorf("still open: %+v, %v", open, err)
	}
}

// Who was told that a page is late is told once when it is there after all; nobody else is told so.
func TestALatePageThatGetsThrough(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.oncall(checkout)
	s.pager.Down(true)
	p := s.pages()
	s.untilPage(p.ID, "late", func(p *incident.Page) bool { return p.Late })
	s.clock.Advance(10 * time.Second)
	s.pager.Down(false)
	p = s.until(p.ID, incident.Triggered)
	if _, err := s.acts(p.ID, anaSlack, incident.Acknowledge); err != nil {
		t.Fatal(err)
	}
	p = s.until(p.ID, incident.Acknowledged)
	if told := s.told(dee); !slices.Equal(told, []string{p.ID + "-late", p.ID + "-through"}) {
		t.Errorf("told %v", told)
	}
	if after := p.Through.Sub(p.Created); after < 70*time.Second || after > 2*time.Minute {
		t.Errorf("it got through after %s", after)
	}
	if p = s.until(s.pages().ID, incident.Triggered); !p.Through.IsZero() || len(s.told(dee)) != 2 {
		t.Errorf("one in time: %s, told %v", p.Through, s.told(dee))
	}
}

// When it may have arrived and nobody can look, it is not called not sent, but not known.
func TestAPageOfWhichNothingIsKnown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.pages()
	s.pager.Fault(pagerdutytest.Fault{Match: "createV2Event", When: pagerdutytest.After, Kind: pagerdutytest.Reset})
	s.pager.Fault(pagerdutytest.Fault{Match: "listIncidents", When: pagerdutytest.Before, Kind: pagerdutytest.Status503})
	p = s.until(p.ID, incident.NotSent)
	if !p.Unclear {
		t.Errorf("%+v", p)
	}
	if n := len(s.onPagerDuty(p.ID)); n != 1 {
		t.Errorf("it was sent blindly: %d incidents", n)
	}
}

// A page that was resolved before its answer was read is found, not sent again: people would be called twice.
func TestAPageThatIsResolvedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.pages()
	s.pager.Fault(pagerdutytest.Fault{Match: "createV2Event", Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.Reset})
	s.pager.Fault(pagerdutytest.Fault{Match: "listIncidents", Times: 3, When: pagerdutytest.Before, Kind: pagerdutytest.Status503})
	next, err := s.StepPage(context.Background(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Set(next.Add(2 * time.Second))
	s.pager.Resolve(s.one(p.ID).ID, anaID)
	p = s.until(p.ID, incident.Resolved)
	s.one(p.ID)
}

// A crash after the page was sent and before that was written down.
func TestAPageThatCrashed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.pages()
	ctx, cancel := context.WithCancel(context.Background())
	release := s.pager.Fault(pagerdutytest.Fault{Match: "createV2Event", Times: 1, When: pagerdutytest.After, Kind: pagerdutytest.HangUp})
	go func() {
		for s.page(p.ID).Tries == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := s.StepPage(ctx, p.ID); err == nil {
		t.Fatal("it was not stopped")
	}
	release()
	if p := s.page(p.ID); !p.Trying {
		t.Fatalf("%+v", p)
	}
	s.connect(pagerdutytest.DefaultToken)
	p = s.until(p.ID, incident.Triggered)
	s.one(p.ID)
}

func TestAPageThatPagerDutyWillNeverTake(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.pager.AddService(pagerdutytest.Service{ID: "PSVCNOEV", Name: "No events", Policy: "PPOLPAY", NoEvents: true})
	s.configure(strings.Replace(shipmateYAML, "PSVCPAY", "PSVCNOEV", 1))
	p := s.pages()
	p = s.until(p.ID, incident.NotSent)
	if p.Unclear || p.Ended.Sub(p.Created) > time.Minute || !strings.Contains(p.Why, "integration") {
		t.Errorf("%+v", p)
	}
	if told := s.told(dee); !slices.Equal(told, []string{p.ID + "-not-sent"}) {
		t.Errorf("told %v", told)
	}
}

// Nobody answers: that is told, and whom PagerDuty calls next is seen.
func TestAPageNobodyAnswers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.pages()
	p = s.untilPage(p.ID, "silent", func(p *incident.Page) bool { return !p.Silent.IsZero() })
	p = s.untilPage(p.ID, "at the next level", func(p *incident.Page) bool { return p.Alarm.Level == 2 })
	if p.Alarm.Assigned[0].Slack != cySlack || !slices.ContainsFunc(p.Moments, func(m incident.Moment) bool { return m.Kind == "escalate" }) {
		t.Errorf("%+v %+v", p.Alarm, p.Moments)
	}
	s.clock.Set(p.Created.Add(incident.FollowFor - time.Second))
	if _, err := s.StepPage(context.Background(), p.ID); err != nil || s.page(p.ID).State != incident.Triggered {
		t.Errorf("no longer followed: %v", err)
	}
	s.clock.Advance(time.Second)
	if p = s.until(p.ID, incident.Unfollowed); p.Why == "" {
		t.Error("nobody says why")
	}
}

// An answer that times out on PagerDuty is followed by another silence, counted from then.
func TestAPageNobodyAnswersAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.pager.AddService(pagerdutytest.Service{ID: "PSVCACK", Name: "Ack", Policy: "PPOLPAY", AckTimeout: 30 * time.Minute})
	s.configure(strings.Replace(shipmateYAML, "PSVCPAY", "PSVCACK", 1))
	p := s.untilPage(s.pages().ID, "silent", func(p *incident.Page) bool { return !p.Silent.IsZero() })
	if first := p.Taken; !p.Waiting.Equal(first) || p.Silent.Sub(first) != incident.SilentAfter {
		t.Errorf("waiting since %s, silent at %s, taken at %s", p.Waiting, p.Silent, first)
	}
	s.pager.Ack(p.Alarm.ID, anaID)
	acked := s.clock.Now()
	p = s.until(p.ID, incident.Acknowledged)
	if !p.Waiting.IsZero() || !p.Silent.IsZero() {
		t.Errorf("answered, and waiting since %s, silent at %s", p.Waiting, p.Silent)
	}
	p = s.until(p.ID, incident.Triggered)
	again := acked.Add(30 * time.Minute).Truncate(time.Second)
	if !p.Silent.IsZero() || !p.Waiting.Equal(again) {
		t.Errorf("called again at %s, it is waiting since %s, silent at %s", again, p.Waiting, p.Silent)
	}
	p = s.untilPage(p.ID, "silent again", func(p *incident.Page) bool { return !p.Silent.IsZero() })
	if p.Silent.Sub(again) != incident.SilentAfter || s.clock.Now().Before(p.Silent) {
		t.Errorf("silent at %s, noted at %s", p.Silent, s.clock.Now())
	}
}

func (s *stage) acts(page, by string, deed incident.Deed, fns ...func(*incident.ActWant)) (*incident.Page, error) {
	w := incident.ActWant{Request: string(deed) + by + s.clock.Now().String(), At: s.clock.Now(), By: by, Page: page, Deed: deed}
	for _, fn := range fns {
		fn(&w)
	}
	return s.Act(context.Background(), w)
}

// What people do with a page is done in their name, and twice is once.
func TestActsArePeoples(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.pages()
	_, err := s.acts(p.ID, anaSlack, incident.Acknowledge)
	s.refuses(incident.NotYet, err)
	p = s.until(p.ID, incident.Triggered)
	done := func(p *incident.Page) bool {
		return !slices.ContainsFunc(p.Acts, func(a incident.Act) bool { return a.State == incident.Wanted })
	}
	for _, deed := range []func() (*incident.Page, error){
		func() (*incident.Page, error) {
			return s.acts(p.ID, benSlack, incident.WriteNote, func(w *incident.ActWant) { w.Text = "new certificate" })
		},
		func() (*incident.Page, error) {
			return s.acts(p.ID, benSlack, incident.AddPeople, func(w *incident.ActWant) { w.Users, w.Text = []string{cySlack}, "help" })
		},
		func() (*incident.Page, error) { return s.acts(p.ID, benSlack, incident.Escalate) },
		func() (*incident.Page, error) { return s.acts(p.ID, cySlack, incident.Acknowledge) },
	} {
		if _, err := deed(); err != nil {
			t.Fatal(err)
		}
		p = s.untilPage(p.ID, "done", done)
		if a := p.Acts[len(p.Acts)-1]; a.State != incident.Done {
			t.Fatalf("%+v", a)
		}
		s.clock.Advance(time.Second)
	}
	p = s.until(p.ID, incident.Acknowledged)
	if p.Alarm.Acked[0].Slack != cySlack || p.Alarm.Level != 2 {
		t.Errorf("%+v", p.Alarm)
	}
	_, err = s.acts(p.ID, anaSlack, incident.Acknowledge)
	s.refuses(incident.AlreadyDone, err)
	kinds := map[string]string{}
	for _, m := range p.Moments {
		if m.Who != nil {
			kinds[m.Kind] = m.Who.Slack
		}
		if m.Kind == "annotate" && strings.Contains(m.Note, p.ID) {
			t.Errorf("people read the mark of a note: %q", m.Note)
		}
	}
	for kind, who := range map[string]string{"annotate": benSlack, "responder_request": benSlack, "escalate": benSlack, "acknowledge": cySlack} {
		if kinds[kind] != who {
			t.Errorf("%s by %q, not %s; all: %v", kind, kinds[kind], who, kinds)
		}
	}
	if _, err := s.acts(p.ID, cySlack, incident.Resolve); err != nil {
		t.Fatal(err)
	}
	p = s.until(p.ID, incident.Resolved)
	_, err = s.acts(p.ID, anaSlack, incident.Escalate)
	s.refuses(incident.NotAnyMore, err)
}

// A failing PagerDuty does an act once, or says that it was not done.
func TestActsWhilePagerDutyFails(t *testing.T) {
	t.Parallel()
	for _, when := range []pagerdutytest.Phase{pagerdutytest.Before, pagerdutytest.After} {
		for deed, op := range map[incident.Deed]string{incident.Escalate: "updateIncident", incident.WriteNote: "createIncidentNote",
			incident.AddPeople: "createIncidentResponderRequest", incident.Acknowledge: "updateIncident"} {
			t.Run(string(deed)+" "+string(when), func(t *testing.T) {
				t.Parallel()
				s := newStage(t)
				p := s.until(s.pages().ID, incident.Triggered)
				s.pager.Fault(pagerdutytest.Fault{Match: op, Times: 1, When: when, Kind: pagerdutytest.Reset})
				if _, err := s.acts(p.ID, benSlack, deed, func(w *incident.ActWant) { w.Text, w.Users = "words", []string{cySlack} }); err != nil {
					t.Fatal(err)
				}
				p = s.untilPage(p.ID, "done", func(p *incident.Page) bool { return p.Acts[0].State != incident.Wanted })
				if p.Acts[0].State != incident.Done {
					t.Fatalf("%+v", p.Acts[0])
				}
				kind := map[incident.Deed]string{incident.Escalate: "escalate", incident.WriteNote: "annotate", incident.AddPeople: "responder_request",
					incident.Acknowledge: "acknowledge"}[deed]
				times := 0
				s.untilPage(p.ID, "seen", func(p *incident.Page) bool {
					times = 0
					for _, m := range p.Moments {
						if m.Kind == kind {
							times++
						}
					}
					return times > 0
				})
				if times != 1 {
					t.Errorf("%s happened %d times", kind, times)
				}
			})
		}
	}
}

// What somebody tried before it was known who they are is done once it is.
func TestAnActIsDoneAfterLinking(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.until(s.pages().ID, incident.Triggered)
	_, err := s.acts(p.ID, dee, incident.Acknowledge)
	s.refuses(incident.NotLinked, err)
	if p, wish, err := s.Linked(context.Background(), anaSlack); p != nil || wish != nil || err != nil {
		t.Errorf("ana tried nothing: %+v %+v %v", p, wish, err)
	}
	s.accounts[dee] = "cy@acme.example" // as an admin says
	if p, wish, err := s.Linked(context.Background(), dee); err != nil || p == nil || wish == nil {
		t.Fatalf("%+v %+v %v", p, wish, err)
	}
	p = s.until(p.ID, incident.Acknowledged)
	if p.Alarm.Acked[0].ID != cyID {
		t.Errorf("acknowledged by %+v", p.Alarm.Acked)
	}
	if _, wish, err := s.Linked(context.Background(), dee); wish != nil || err != nil {
		t.Errorf("done twice: %+v, %v", wish, err)
	}
}

// What was not sent is paged again once, whoever presses, and what was sent never.
func TestAPageIsPagedAgainOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.pager.Down(true)
	old := s.until(s.pages().ID, incident.NotSent)
	s.pager.Down(false)
	instead := func(request string) func(*incident.PageWant) {
		return func(w *incident.PageWant) { w.Request, w.Again = request, old.ID }
	}
	first := s.pages(instead("first"))
	if again := s.pages(instead("first")); again.ID != first.ID {
		t.Errorf("the same request paged %s and %s", first.ID, again.ID)
	}
	_, err := s.Page(context.Background(), incident.PageWant{Request: "second", At: s.clock.Now(), By: benSlack, Subject: old.Subject, Message: "it", Again: old.ID})
	if r := s.refuses(incident.PagedAgain, err); r.Page.Again != first.ID {
		t.Errorf("told of %q", r.Page.Again)
	}
	s.until(first.ID, incident.Triggered)
	_, err = s.Page(context.Background(), incident.PageWant{Request: "third", At: s.clock.Now(), By: benSlack, Subject: old.Subject, Message: "it", Again: first.ID})
	s.refuses(incident.WasSent, err)
	if o := s.page(old.ID).Offers(); o.Again {
		t.Error("the button stays")
	}
}

// An act that was done, by a process that died before it could note so, is not done again.
func TestActsAreDoneOnceAcrossACrash(t *testing.T) {
	t.Parallel()
	for deed, op := range map[incident.Deed]string{incident.Escalate: "updateIncident", incident.AddPeople: "createIncidentResponderRequest",
		incident.WriteNote: "createIncidentNote", incident.Acknowledge: "updateIncident"} {
		t.Run(string(deed), func(t *testing.T) {
			t.Parallel()
			ctx, die := context.WithCancel(context.Background())
			defer die()
			s := newStage(t, func(o *pagerdutytest.Options) {
				o.OnCall = func(c pagerdutytest.Call) {
					if c.Op == op && c.Phase == pagerdutytest.After {
						die()
					}
				}
			})
			p := s.until(s.pages().ID, incident.Triggered)
			if _, err := s.acts(p.ID, benSlack, deed, func(w *incident.ActWant) { w.Text, w.Users = "words", []string{cySlack} }); err != nil {
				t.Fatal(err)
			}
			for ctx.Err() == nil {
				if _, err := s.StepPage(ctx, p.ID); err != nil && ctx.Err() == nil {
					t.Fatal(err)
				}
			}
			s.untilPage(p.ID, "done", func(p *incident.Page) bool { return p.Acts[0].State == incident.Done })
			times := 0
			for _, c := range s.pager.Calls() {
				if c.Op == op && c.Applied {
					times++
				}
			}
			if times > 1 && deed != incident.Acknowledge { // which is the same however often it is done
				t.Errorf("done %d times", times)
			}
		})
	}
}
