package delivery_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/config"
	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
)

// patient is a service's own health address, which answers as it is told.
type patient struct {
	*httptest.Server
	answer atomic.Int64 // a status
	asked  atomic.Int64
	// meanwhile is called once, before the next answer.
	meanwhile atomic.Pointer[func()]
}

// watched is a stage on which checkout is asked how it does for ten minutes after each deployment to staging.
func watched(t *testing.T) (*stage, *patient) {
	t.Helper()
	p := &patient{}
	p.answer.Store(http.StatusOK)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if r.URL.Path != "/checkout/staging" {
			t.Errorf("asked for %s", r.URL)
		}
		if do := p.meanwhile.Swap(nil); do != nil {
			(*do)()
		}
		w.WriteHeader(int(p.answer.Load()))
	}))
	t.Cleanup(p.Close)
	s := newStage(t)
	s.configure(strings.NewReplacer("links:", `health: {url: "`+p.URL+`/{service}/{environment}", every: 1m}
    links:`, "{aliases: [stg]}", "{aliases: [stg], bake: 10m}").Replace(shipmateYAML))
	return s, p
}

// asksOnce takes one step of watching and moves the clock to the next; false when there is none.
func (s *stage) asksOnce(id string) bool {
	s.Helper()
	next, err := s.StepHealth(context.Background(), id)
	if err != nil {
		s.Fatal(err)
	}
	if next.IsZero() {
		return false
	}
	s.clock.Set(next)
	return true
}

// decides asks until it is decided, and returns the health then.
func (s *stage) decides(id string) delivery.Health {
	s.Helper()
	for range 100 {
		if !s.asksOnce(id) {
			return *s.now(id).Health
		}
	}
	s.Fatalf("never decided: %+v", s.now(id).Health)
	return delivery.Health{}
}

func TestStaysHealthy(t *testing.T) {
	t.Parallel()
	s, p := watched(t)
	d := s.ships("First")
	s.free("staging", true) // it is watched without holding up the next
	h := d.Health
	if h == nil || !h.Since.Equal(d.Noticed) || h.Until.Sub(h.Since) != 10*time.Minute || !s.due(delivery.HealthDomain, d.ID) {
		t.Fatalf("%+v", h)
	}
	for range 2 {
		if !s.asksOnce(d.ID) {
			t.Fatal("decided before its time")
		}
	}
	p.answer.Store(http.StatusServiceUnavailable)
	s.asksOnce(d.ID)
	s.asksOnce(d.ID)
	if h := s.now(d.ID).Health; h.Row != 2 || h.State != delivery.Watched || h.Why != "it answered 503, not 200" {
		t.Fatalf("%+v", h)
	}
	p.answer.Store(http.StatusOK)
	got := s.decides(d.ID)
	if got.State != delivery.Healthy || got.Failed != 2 || got.Row != 0 || got.Checks != 11 || got.Decided.Before(got.Until) {
		t.Errorf("%+v", got)
	}
	p.answer.Store(http.StatusServiceUnavailable)
	asked := p.asked.Load()
	if again := s.decides(d.ID); again != got || p.asked.Load() != asked {
		t.Errorf("decided once more: %+v", again)
	}
}

func TestDoesNotStayHealthy(t *testing.T) {
	t.Parallel()
	s, p := watched(t)
	good := s.ships("First")
	s.decides(good.ID)
	p.answer.Store(http.StatusBadGateway)
	bad := s.ships("Second")
	got := s.decides(bad.ID)
	if got.State != delivery.Unhealthy || got.Checks != 3 || got.Why != "it answered 502, not 200" || s.now(bad.ID).State != delivery.Succeeded {
		t.Fatalf("%+v", got)
	}
	if now, err := s.Stats(context.Background(), delivery.StatsWant{Service: "checkout", Environment: "staging", Days: 1}); err != nil || now.Undone != 1 {
		t.Errorf("a change that failed is not counted: %+v, %v", now, err)
	}
	// It has not succeeded where it has to before it goes on, and nothing goes back to it, however long it stood there.
	if g := s.why("order", to("guarded"), at(bad.Commit.SHA)); g.Code != delivery.NotInOrder || g.Why != delivery.FellIll {
		t.Errorf("%+v", g)
	}
	if g := s.why("order", to("guarded"), at(good.Commit.SHA)); g.Verdict != delivery.Passed {
		t.Errorf("%+v", g)
	}
	s.clock.Advance(time.Hour)
	p.answer.Store(http.StatusOK)
	third := s.ships("Third")
	d, err := s.backs()
	if err != nil || d.Commit.SHA != good.Commit.SHA || d.Rollback.Of != third.ID {
		t.Fatalf("%+v, %v", d, err)
	}
	s.until(d.ID, delivery.Succeeded)
	if got := s.decides(third.ID); got.State != delivery.Replaced || got.Checks != 0 {
		t.Errorf("%+v", got)
	}
}

// What bakes is what runs for less than it has to, unless it was found to be ill.
func TestWhatBakes(t *testing.T) {
	t.Parallel()
	s, p := watched(t)
	bakes := func() []delivery.Bake {
		t.Helper()
		all, err := s.Baking(t.Context(), []string{"checkout", "gone"}, s.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	first := s.ships("First")
	if all := bakes(); len(all) != 1 || all[0].Ledger.Deployment != first.ID || all[0].Environment != "staging" || !all[0].Until.Equal(first.Ended.Add(10*time.Minute)) {
		t.Errorf("%+v", all)
	}
	s.decides(first.ID)
	if all := bakes(); len(all) > 0 {
		t.Errorf("it has run for long enough: %+v", all)
	}
	p.answer.Store(http.StatusBadGateway)
	second := s.ships("Second")
	if all := bakes(); len(all) != 1 {
		t.Errorf("%+v", all)
	}
	if s.decides(second.ID); s.clock.Now().Sub(second.Ended) >= 10*time.Minute {
		t.Fatal("it would not bake any more anyhow")
	}
	if all := bakes(); len(all) > 0 {
		t.Errorf("it is ill: %+v", all)
	}
}

func TestHealthAfterALongTimeAway(t *testing.T) {
	t.Parallel()
	s, p := watched(t)
	d := s.ships("First")
	s.asksOnce(d.ID)
	s.clock.Advance(5 * time.Hour)
	s.connect(time.Second)
	p.answer.Store(http.StatusInternalServerError) // at its end it is not well: nothing is decided by one answer
	if !s.asksOnce(d.ID) || s.now(d.ID).Health.State != delivery.Watched {
		t.Fatalf("%+v", s.now(d.ID).Health)
	}
	next := s.ships("Second")
	p.answer.Store(http.StatusOK)
	if got := s.decides(d.ID); got.State != delivery.Replaced || got.Checks != 2 {
		t.Errorf("%+v", got)
	}
	s.clock.Advance(5 * time.Hour)
	if got := s.decides(next.ID); got.State != delivery.Healthy || got.Checks != 1 {
		t.Errorf("%+v", got)
	}
}

// What nobody knows yet to stay good is not gone back to, even when its time is over.
func TestRollbackSkipsWhatIsNotDecided(t *testing.T) {
	t.Parallel()
	s, _ := watched(t)
	s.ships("First")
	s.clock.Advance(time.Hour)
	s.ships("Second")
	_, err := s.backs()
	s.refuses(delivery.NothingGood, err)
}

// A deployment keeps the check it was asked for with, and one without a bake is not watched.
func TestHealthIsOfTheConfigurationThen(t *testing.T) {
	t.Parallel()
	s, _ := watched(t)
	d := s.ships("First")
	before := s.config
	s.configure(shipmateYAML)
	if got := s.decides(d.ID); got.State != delivery.Healthy {
		t.Errorf("%+v", got)
	}
	if d := s.ships("Second"); d.Health != nil || d.Decided.Health != nil || s.asksOnce(d.ID) {
		t.Errorf("%+v", d.Health)
	}
	before.Environments["staging"].Bake = config.Duration{}
	s.config = before
	if d := s.ships("Third"); d.Health != nil {
		t.Errorf("%+v", d.Health)
	}
	if s.asksOnce("d-aaaaaaaaaa") {
		t.Error("watches what is not there")
	}
}

// due tells whether the runner will step the record.
func (s *stage) due(domain, id string) bool {
	s.Helper()
	found := false
	err := s.db.View(context.Background(), func(snap store.Snapshot) error {
		for key := range snap.Scan(store.Key(domain, "due")+"/", "") {
			found = found || strings.HasSuffix(key, "/"+store.Key(id))
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return found
}

// Nobody is blamed for what is answered while another deployment changes what runs there, nor after it came to nothing.
func TestHealthIsOfOneDeployment(t *testing.T) {
	t.Parallel()
	s, p := watched(t)
	first := s.ships("First")
	s.asksOnce(first.ID)
	p.answer.Store(http.StatusServiceUnavailable)
	s.asksOnce(first.ID)
	s.asksOnce(first.ID)
	s.commit("Second")
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy", "no such column"))
	second := s.until(s.deploys().ID, delivery.Running)
	asked := p.asked.Load()
	for range 5 {
		if next, err := s.StepHealth(context.Background(), first.ID); err != nil || next.IsZero() {
			t.Fatalf("asked again at %s, %v", next, err)
		}
	}
	if h := s.now(first.ID).Health; h.State != delivery.Watched || h.Checks != 3 || p.asked.Load() != asked {
		t.Errorf("%+v, asked %d times", h, p.asked.Load()-asked)
	}
	s.until(second.ID, delivery.Failed)
	if got := s.decides(first.ID); got.State != delivery.Replaced || got.Checks != 3 {
		t.Errorf("%+v", got)
	}
}

// An answer that was asked for before another deployment began, and came after, counts for nothing.
func TestAnAnswerThatComesLate(t *testing.T) {
	t.Parallel()
	s, p := watched(t)
	first := s.ships("First")
	p.answer.Store(http.StatusServiceUnavailable)
	s.asksOnce(first.ID)
	s.asksOnce(first.ID)
	s.commit("Second")
	second := s.deploys()
	meanwhile := func() { s.until(second.ID, delivery.Running) }
	p.meanwhile.Store(&meanwhile)
	s.asksOnce(first.ID)
	if h := s.now(first.ID).Health; h.State != delivery.Watched || h.Row != 2 {
		t.Errorf("%+v", h)
	}
}

// What is rolled back is watched no more, whatever becomes of the rollback.
func TestWhatIsRolledBackIsNotWatched(t *testing.T) {
	t.Parallel()
	s, p := watched(t)
	s.decides(s.ships("First").ID)
	second := s.ships("Second")
	if _, err := s.backs(); err != nil {
		t.Fatal(err)
	}
	p.answer.Store(http.StatusServiceUnavailable)
	if got := s.decides(second.ID); got.State != delivery.Replaced || got.Row != 0 {
		t.Errorf("%+v", got)
	}
}

// It is decided when its time is over, and not some time later.
func TestHealthIsDecidedAtItsEnd(t *testing.T) {
	t.Parallel()
	s, _ := watched(t)
	s.config.Services["checkout"].Health.Every = config.Duration{Duration: 7 * time.Minute}
	if got := s.decides(s.ships("First").ID); !got.Decided.Equal(got.Until) || got.Checks != 3 {
		t.Errorf("%+v", got)
	}
}
