package delivery_test

import (
	"context"
	"strings"
	"testing"

	"shipmate/delivery"
)

func glass(w *delivery.Want) { w.Glass, w.Reason = true, "orders are lost" }

func TestBreakGlassSkipsOnlyWhatItMay(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	s.commit("Begin")
	_, err := s.Deploy(bg, s.want(to("gated"), glass))
	s.refuses(delivery.NoGlass, err)
	_, err = s.Deploy(bg, s.want(to("sealed"), glass, func(w *delivery.Want) { w.By = "U0BEN" }))
	if g := s.refuses(delivery.NotPermitted, err).Gates[0]; len(g.Who) != 1 || g.Who[0] != "leads" {
		t.Errorf("told %+v", g)
	}
	if _, err := s.Lock(bg, s.lock(by("U0BEN"), func(w *delivery.LockWant) { w.Environment = "sealed" })); err != nil {
		t.Fatal(err)
	}
	_, err = s.Deploy(bg, s.want(to("sealed")))
	if g := s.refuses(delivery.Locked, err).Gates[0]; len(g.Except) != 1 || g.Except[0] != "leads" {
		t.Errorf("not told who can make an exception: %+v", g)
	}
	d := s.deploys(to("sealed"), glass)
	names := ""
	for _, g := range d.Glass.Skipped {
		names += g.Name + " "
	}
	if d.State != delivery.Wanted || names != "lock order checks approvals " || d.Approval != nil || len(d.Glass.Ask) == 0 {
		t.Fatalf("%s: %+v", names, d)
	}
	_, err = s.Deploy(bg, s.want(to("sealed"), glass)) // the slot is no gate that may be skipped
	s.refuses(delivery.SlotTaken, err)
	s.until(d.ID, delivery.Succeeded)
}

func TestBreakGlassIsSignedBySomebodyElse(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bg := context.Background()
	s.commit("Begin")
	d := s.until(s.deploys(to("sealed"), glass).ID, delivery.Succeeded)
	s.commit("Second")
	_, err := s.Deploy(bg, s.want(to("sealed"), glass))
	if r := s.refuses(delivery.ReviewOpen, err); r.Deployment.ID != d.ID {
		t.Errorf("told of %+v", r.Deployment)
	}
	if all, err := s.Reviews(bg); err != nil || len(all) != 1 || all[0].ID != d.ID {
		t.Errorf("%+v, %v", all, err)
	}
	_, err = s.Sign(bg, s.word(d.ID, vote("U0ANA")))
	s.refuses(delivery.OwnReview, err)
	w := s.word(d.ID)
	for range 2 {
		if got, err := s.Sign(bg, w); err != nil || got.Glass.Review.By != "U0BEN" {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	_, err = s.Sign(bg, s.word(d.ID, vote("U0CY")))
	if r := s.refuses(delivery.AlreadySigned, err); r.By != "U0BEN" {
		t.Errorf("%+v", r)
	}
	other := s.deploys()
	_, err = s.Sign(bg, s.word(other.ID))
	s.refuses(delivery.NoReview, err)
	s.until(other.ID, delivery.Succeeded)
	s.deploys(to("sealed"), glass) // with the review signed the glass may be broken again
	if all, err := s.Reviews(bg); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestBreakGlassWithoutNeed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.configure(strings.Replace(shipmateYAML, "\nenvironments:\n", "\nenvironments:\n  open: {break_glass: {skip: [lock]}}\n", 1))
	s.config.Services["checkout"].Environments = append(s.config.Services["checkout"].Environments, "open")
	_, err := s.Deploy(context.Background(), s.want(to("open"), glass))
	s.refuses(delivery.GlassNotNeeded, err)
	if all, err := s.Reviews(context.Background()); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}
