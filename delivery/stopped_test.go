package delivery_test

import (
	"context"
	"errors"
	"testing"

	"shipmate/delivery"
)

func TestStoppedIsKnownByItsRequest(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.deploys()
	if _, err := s.Touched(context.Background(), "stop"); !errors.Is(err, delivery.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	if _, err := s.Cancel(context.Background(), delivery.Stop{Request: "stop", By: "U0BEN", ID: d.ID}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Touched(context.Background(), "stop")
	if err != nil || got.ID != d.ID || got.State != delivery.Cancelled {
		t.Errorf("after: %+v, %v", got, err)
	}
}
