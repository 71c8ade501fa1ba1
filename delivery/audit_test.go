package delivery_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"shipmate/delivery"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var ids []string
	for i := range 250 { // more than one step of reading
		d := s.deploys(to([]string{"staging", "production"}[i%2]), again)
		s.cancels(d.ID)
		ids = append(ids, d.ID)
		s.clock.Advance(time.Second)
	}
	s.logins["U0CY"] = "cy"
	voted := s.deploys(to("pair"), again)
	if _, err := s.Approve(context.Background(), delivery.VoteWant{Request: "yes", By: "U0CY", ID: voted.ID}); err != nil {
		t.Fatal(err)
	}
	ids = append(ids, voted.ID)
	audit := func(w delivery.AuditWant) (out []string) {
		t.Helper()
		if err := delivery.Audit(context.Background(), s.db, w, func(d *delivery.Deployment) error {
			out = append(out, d.ID)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(out)
		return out
	}
	sixth := morning.Add(5 * time.Second)
	for what, c := range map[string]struct {
		want delivery.AuditWant
		ids  []string
	}{
		"all":             {delivery.AuditWant{}, ids},
		"of a service":    {delivery.AuditWant{Service: "checkout"}, ids},
		"of another":      {delivery.AuditWant{Service: "billing"}, nil},
		"in a place":      {delivery.AuditWant{Service: "checkout", Environment: "pair"}, ids[250:]},
		"since":           {delivery.AuditWant{Since: sixth}, ids[5:]},
		"until":           {delivery.AuditWant{Until: sixth}, ids[:5]},
		"between":         {delivery.AuditWant{Since: sixth, Until: sixth.Add(time.Second)}, ids[5:6]},
		"of an approver":  {delivery.AuditWant{Person: "U0CY"}, ids[250:]},
		"of who asked":    {delivery.AuditWant{Person: "U0ANA"}, ids},
		"of nobody known": {delivery.AuditWant{Person: "U0EVE"}, nil},
	} {
		if got := audit(c.want); !slices.Equal(got, c.ids) {
			t.Errorf("%s: %d deployments, want %d", what, len(got), len(c.ids))
		}
	}
	enough := errors.New("enough")
	if err := delivery.Audit(context.Background(), s.db, delivery.AuditWant{}, func(*delivery.Deployment) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("it goes on: %v", err)
	}
}
