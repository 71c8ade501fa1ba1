package sandbox

import (
	"strings"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// onPager is a stage with nothing but Acme's PagerDuty.
func onPager(t *testing.T, at time.Time) *Stage {
	t.Helper()
	c := clock.NewManual(at)
	p := pagerdutytest.New(pagerdutytest.Options{Clock: c})
	t.Cleanup(p.Close)
	seedPagerDuty(p, at)
	return &Stage{pager: p, clock: c, hub: newHub(), notes: notes{Done: map[string]bool{}}, opts: Options{Dir: t.TempDir()}}
}

// Somebody is on call whenever the stage opens, but for platform, which keeps office hours, and still is in the guide's night, also at the
// end of what is handed over in it.
func TestSomebodyIsOnCallAtAcme(t *testing.T) {
	t.Parallel()
	for hour := range 24 * 7 {
		at := time.Date(2026, 11, 2, hour, 30, 0, 0, time.UTC)
		s := onPager(t, at)
		night := untilNight(at, "Asia/Tokyo")
		for _, later := range []time.Duration{0, night, night + 5*time.Hour} {
			s.clock.Set(at.Add(later))
			for _, r := range rotas {
				id, ok := s.pager.OnCallNow(r.id)
				if r.hours == "" && (!ok || id != pagerID(r.people[0])) {
					t.Errorf("%s, hour %d of the week, %s later: %s, %t", r.name, hour, later, id, ok)
				}
			}
		}
		s.pager.Close()
	}
}

// What the configuration names is there, and what there is, is named.
func TestPagerDutyAndTheConfigurationAgree(t *testing.T) {
	t.Parallel()
	text, err := configOf(endpoints{Slack: "http://127.0.0.1:1", GitHub: "http://127.0.0.1:2", Pager: "http://127.0.0.1:3", Sites: "http://127.0.0.1:4"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(text), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	for _, team := range pagedTeams {
		if got := cfg.Teams[strings.ToLower(team.name)].EscalationPolicy; got != team.policy {
			t.Errorf("team %s is called by %q", team.name, got)
		}
		for name, id := range team.services {
			switch service, ok := cfg.Service(name); {
			case ok && service.PagerDutyService != id:
				t.Errorf("service %s is %q on PagerDuty", name, service.PagerDutyService)
			case !ok && cfg.PagerDuty.Service != id:
				t.Errorf("nothing is paged on %s", name)
			}
		}
	}
	if cfg.PagerDuty.From != botAddress || cfg.PagerDuty.APIURL != "http://127.0.0.1:3" {
		t.Errorf("%+v", cfg.PagerDuty)
	}
}

func TestUntilNight(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]time.Duration{
		"2026-11-02T00:00:00Z": 18*time.Hour + 10*time.Minute, // nine in Tokyo
		"2026-11-02T18:30:00Z": 0,                             // half past three
		"2026-11-02T17:59:00Z": 11 * time.Minute,
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := untilNight(now, "Asia/Tokyo"); got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
}

// People act on PagerDuty's own side, and are told what they cannot do.
func TestPeopleActOnPagerDuty(t *testing.T) {
	t.Parallel()
	s := onPager(t, time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC))
	if _, err := s.answerPage(); err == nil {
		t.Error("a page was answered that nobody sent")
	}
	id := s.pager.Trigger("PSVCCATAL", "key", "nobody can search for shoes")
	emi := pagerID("emi")
	for _, wrong := range [][3]string{{"acknowledge", "nothing", emi}, {"acknowledge", id, "nobody"}, {"burn", id, emi}} {
		if err := s.onPagerDuty(wrong[0], wrong[1], wrong[2]); err == nil {
			t.Errorf("%v was done", wrong)
		}
	}
	if s.unanswered() != 1 {
		t.Errorf("%d are unanswered", s.unanswered())
	}
	if err := s.onPagerDuty("escalate", id, emi); err != nil {
		t.Fatal(err)
	}
	if err := s.onPagerDuty("escalate", id, emi); err == nil {
		t.Error("escalated beyond the last level")
	}
	said, err := s.answerPage()
	if err != nil || !strings.Contains(said, "Chloé Martin") {
		t.Errorf("%q, %v", said, err)
	}
	if err := s.onPagerDuty("resolve", id, emi); err != nil {
		t.Fatal(err)
	}
	if err := s.onPagerDuty("acknowledge", id, emi); err == nil || s.unanswered() != 0 {
		t.Errorf("what is resolved was acknowledged: %v", err)
	}
	shown := s.incidents(func(pagerdutytest.Incident) bool { return true })
	if len(shown) != 1 || shown[0].Where != "catalog" || len(shown[0].Told) == 0 || len(shown[0].Log) < 5 || shown[0].Open {
		t.Errorf("%+v", shown)
	}
}
