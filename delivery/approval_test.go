package delivery_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/delivery"
)

// linked gives everybody a login on GitHub.
func (s *stage) linked() *stage {
	s.logins["U0ANA"], s.logins["U0BEN"], s.logins["U0CY"] = "ana", "ben", "cy"
	return s
}

func TestApprovalsOfTwoOthers(t *testing.T) {
	t.Parallel()
	s := newStage(t).linked()
	bg := context.Background()
	s.commit("Begin") // by ana
	d := s.deploys(to("pair"), func(w *delivery.Want) { w.By = "U0BEN" })
	if a := d.Approval; d.State != delivery.Waiting || a.Need != 2 || strings.Join(a.Ask, " ") != "S0PAY" || strings.Join(a.Authors, " ") != "ana" {
		t.Fatalf("%+v", d.Approval)
	}
	_, err := s.Approve(bg, s.word(d.ID)) // who asked
	s.refuses(delivery.OwnVote, err)
	_, err = s.Approve(bg, s.word(d.ID, vote("U0ANA"))) // who wrote it
	s.refuses(delivery.AuthorVote, err)
	delete(s.logins, "U0CY")
	_, err = s.Approve(bg, s.word(d.ID, vote("U0CY"))) // who may have
	s.refuses(delivery.AuthorUnknown, err)
	s.logins["U0CY"] = "cy"
	cy := s.word(d.ID, vote("U0CY"))
	for range 2 {
		got, err := s.Approve(bg, cy)
		if err != nil || len(got.Approval.Votes) != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	_, err = s.Approve(bg, s.word(d.ID, vote("U0CY")))
	if r := s.refuses(delivery.AlreadyVoted, err); r.By != "U0CY" {
		t.Errorf("%+v", r)
	}
	if now := s.now(d.ID); len(now.Open) != 1 || len(now.Open[0].Votes) != 1 || now.Offer() != delivery.OfferVote {
		t.Fatalf("the first is not shown at once: %+v", now.Open)
	}
	s.look(d.ID)
	if now := s.now(d.ID); now.State != delivery.Waiting {
		t.Fatalf("one of two was enough: %+v", now)
	}
	s.people["payments"] = append(s.people["payments"], "U0DEV")
	s.logins["U0DEV"] = "dev"
	if _, err := s.Approve(bg, s.word("", vote("U0DEV"), func(w *delivery.VoteWant) { w.Service, w.Environment = "shop", "pair" })); err != nil {
		t.Fatal(err)
	}
	if now := s.now(d.ID); len(now.Open) != 0 || now.Offer() != delivery.OfferCancel {
		t.Fatalf("it is asked for more, though all are there: %+v", now.Open)
	}
	done := s.until(d.ID, delivery.Succeeded)
	if w := done.Waits; len(w) != 1 || w[0].Gate != "approvals" || !w[0].Until.Equal(done.Approval.Votes[1].At) {
		t.Errorf("waits %+v", w)
	}
	_, err = s.Approve(bg, s.word(d.ID, vote("U0DEV")))
	s.refuses(delivery.NotWaiting, err)
}

func TestOneNoEndsIt(t *testing.T) {
	t.Parallel()
	s := newStage(t).linked()
	bg := context.Background()
	s.commit("Begin")
	d := s.deploys(to("pair"))
	if _, err := s.Approve(bg, s.word(d.ID)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reject(bg, s.word(d.ID, vote("U0CY"), func(w *delivery.VoteWant) { w.Reason = "not on a Friday" })); err != nil {
		t.Fatal(err)
	}
	s.look(d.ID)
	now := s.now(d.ID)
	if now.State != delivery.Denied || now.Denied[0].Code != delivery.Rejected || now.Denied[0].By != "U0CY" || now.Denied[0].Why != "not on a Friday" {
		t.Fatalf("%+v", now)
	}
	again, err := s.Retry(bg, d.ID, s.want())
	if err != nil || len(again.Approval.Votes) != 0 {
		t.Fatalf("an approval of what was rejected is used again: %+v, %v", again, err)
	}
}

func TestApproverWhoMayNoLongerDoesNotCount(t *testing.T) {
	t.Parallel()
	s := newStage(t).linked()
	s.commit("Begin")
	d := s.deploys(to("pair"))
	for _, who := range []string{"U0BEN", "U0CY"} {
		if _, err := s.Approve(context.Background(), s.word(d.ID, vote(who))); err != nil {
			t.Fatal(err)
		}
	}
	s.people["payments"] = []string{"U0ANA", "U0BEN"}
	s.look(d.ID)
	if now := s.now(d.ID); now.State != delivery.Waiting || len(now.Open[0].Votes) != 1 {
		t.Fatalf("%+v", now)
	}
}

// Whatever an approval was for, it is void as soon as one part of it moves, and nothing is sent.
func TestApprovalIsVoidWhenAnythingMoves(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(*stage, string){
		delivery.MovedFrom: func(s *stage, before string) {
			s.configure(strings.Replace(shipmateYAML, "pair: {approvals: {count: 2, reuse: 1h, not_author: true, expire: 4h}}", "pair: {}", 1))
			s.until(s.deploys(to("pair"), at(before)).ID, delivery.Succeeded)
			s.configure(shipmateYAML)
		},
		delivery.MovedRules: func(s *stage, _ string) {
			s.configure(strings.Replace(shipmateYAML, "not_author: true, expire: 4h}", "not_author: true, expire: 5h}", 1))
		},
		delivery.MovedInputs: func(s *stage, _ string) {
			s.configure(strings.Replace(shipmateYAML, "deploy: {workflow: deploy.yml}", "deploy: {workflow: deploy.yml, inputs: {region: eu}}", 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t).linked()
			bg := context.Background()
			before := s.commit("Before")
			s.commit("Begin")
			d := s.deploys(to("pair"))
			if _, err := s.Approve(bg, s.word(d.ID)); err != nil {
				t.Fatal(err)
			}
			move(s, before)
			runs := len(s.github.Runs("acme/checkout"))
			_, err := s.Approve(bg, s.word(d.ID, vote("U0CY")))
			if r := s.refuses(delivery.ApprovalVoid, err); r.Why != name {
				t.Errorf("told %q", r.Why)
			}
			s.look(d.ID)
			if now := s.now(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.ApprovalVoid || now.Denied[0].Why != name {
				t.Fatalf("%+v", now)
			}
			if len(s.github.Runs("acme/checkout")) != runs {
				t.Error("something was sent")
			}
		})
	}
}

// Between the last approval and the sending something moves: nothing is sent.
func TestApprovedIsWhatRuns(t *testing.T) {
	t.Parallel()
	s := newStage(t).linked()
	s.commit("Begin")
	d := s.deploys(to("pair"))
	for _, who := range []string{"U0BEN", "U0CY"} {
		if _, err := s.Approve(context.Background(), s.word(d.ID, vote(who))); err != nil {
			t.Fatal(err)
		}
	}
	for s.now(d.ID).State == delivery.Waiting {
		s.look(d.ID)
	}
	if s.now(d.ID).State != delivery.Wanted {
		t.Fatalf("%+v", s.now(d.ID))
	}
	s.configure(strings.Replace(shipmateYAML, "deploy: {workflow: deploy.yml}", "deploy: {workflow: deploy.yml, inputs: {region: eu}}", 1))
	s.look(d.ID)
	if now := s.now(d.ID); now.State != delivery.Denied || now.Denied[0].Code != delivery.ApprovalVoid {
		t.Fatalf("%+v", now)
	}
	s.runs(0)
	s.free("pair", true)
}

// At the same instant: two approvers, or an approval and a cancellation. One outcome, and both are told the truth.
func TestApprovingAtTheSameInstant(t *testing.T) {
	t.Parallel()
	for range 15 {
		s := newStage(t).linked()
		bg := context.Background()
		s.commit("Begin")
		d := s.deploys(to("pair"))
		var all sync.WaitGroup
		words := []delivery.VoteWant{s.word(d.ID), s.word(d.ID, vote("U0CY")), s.word(d.ID)}
		failed := make([]error, len(words))
		for i, w := range words { // ben twice
			all.Go(func() { _, failed[i] = s.Approve(bg, w) })
		}
		all.Wait()
		if now := s.now(d.ID); len(now.Approval.Votes) != 2 || failed[1] != nil || (failed[0] == nil) == (failed[2] == nil) {
			t.Fatalf("%+v: %v", now.Approval, failed)
		}
		s.until(d.ID, delivery.Succeeded)
		s.runs(1)
	}
	for range 15 {
		s := newStage(t).linked()
		bg := context.Background()
		s.commit("Begin")
		d := s.deploys(to("both"))
		sha := d.Commit.SHA
		s.repo.SetStatus(sha, "ci/build", "success", "", "")
		s.clock.Advance(time.Minute)
		s.look(d.ID)
		var all sync.WaitGroup
		yes, stop := s.word(d.ID), delivery.Stop{Request: "stop", By: "U0CY", ID: d.ID}
		var approved, stopped error
		all.Go(func() { _, approved = s.Approve(bg, yes) })
		all.Go(func() { _, stopped = s.Cancel(bg, stop) })
		all.Go(func() {
			if _, err := s.Step(bg, d.ID); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		if stopped != nil {
			t.Fatal(stopped)
		}
		s.until(d.ID, delivery.Cancelled)
		if approved != nil {
			s.refuses(delivery.NotWaiting, approved)
		}
	}
}

// For random courses of events nothing is sent that was not approved as it is.
func TestNothingIsSentWithoutItsApprovals(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	sent := 0
	for range 12 {
		s := newStage(t).linked()
		bg := context.Background()
		refs := []string{s.commit("Before"), s.commit("Begin")}
		var ids []string
		for range 25 {
			who := []string{"U0ANA", "U0BEN", "U0CY"}[rng.IntN(3)]
			id := ""
			if len(ids) > 0 {
				id = ids[rng.IntN(len(ids))]
			}
			var d *delivery.Deployment
			var err error
			switch rng.IntN(6) {
			case 0, 1:
				if d, err = s.Deploy(bg, s.want(to("pair"), at(refs[rng.IntN(2)]), again, func(w *delivery.Want) { w.By = who })); err == nil {
					ids = append(ids, d.ID)
				}
			case 2, 3, 4:
				_, err = s.Approve(bg, s.word(id, vote(who)))
			case 5:
				for range rng.IntN(30) {
					if id == "" || !s.step(id) {
						break
					}
				}
			}
			var no *delivery.Refused
			if err != nil && !asRefused(err, &no) {
				t.Fatal(err)
			}
		}
		for _, id := range ids {
			d := s.now(id)
			if d.Attempted.IsZero() {
				continue
			}
			sent++
			voted := map[string]bool{}
			for _, v := range d.Approval.Votes {
				if v.By != d.By && s.logins[v.By] != "ana" { // ana wrote both
					voted[v.By] = true
				}
			}
			if len(voted) < 2 {
				t.Fatalf("sent with %+v", d.Approval)
			}
		}
	}
	if sent == 0 {
		t.Error("nothing was ever sent, which proves nothing")
	}
}
