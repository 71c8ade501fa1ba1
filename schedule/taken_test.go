package schedule_test

import (
	"testing"

	"shipmate/integrations/github/githubtest"
	"shipmate/schedule"
)

// What somebody took is theirs to see to, but for what is put off; what cannot be read is said.
func TestTakenDebt(t *testing.T) {
	t.Parallel()
	s := newDebtStage(t)
	cheap, dear, later, other := s.owes("Cheap", "low"), s.owes("Dear", "high"), s.owes("Later", "high"), s.owes("Of ben", "high")
	s.repo.Assign(cheap, "ana")
	s.repo.Assign(dear, "Ana")
	s.repo.Assign(later, "ana")
	s.repo.Assign(other, "ben")
	d, err := s.decides(ben, schedule.Snooze, later, func(w *schedule.DecideWant) { w.Until = monday.AddDate(0, 0, 30) })
	if err != nil {
		t.Fatal(err)
	}
	s.drives(s.StepDebtDecision, d.ID)
	got, all := s.TakenDebt(t.Context(), []string{"acme/checkout"}, "ana")
	if len(got) != 2 || got[0].Number != dear || got[1].Number != cheap || !all {
		t.Errorf("%+v, all of it: %v", got, all)
	}
	s.github.AddRepo("acme/broken")
	s.github.Fault(githubtest.Fault{Match: "GET /repos/acme/broken/*", Kind: githubtest.Status500})
	if got, all = s.TakenDebt(t.Context(), []string{"acme/checkout", "acme/broken"}, "ana"); len(got) != 2 || all {
		t.Errorf("%+v, all of it: %v", got, all)
	}
}
