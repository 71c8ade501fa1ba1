package incident_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/incident"
)

func private(w *incident.DeclareWant) { w.Private, w.Shown = true, false }

// A private incident that Slack makes no channel for runs nowhere others read: each of its people has it in their direct messages.
func TestAPrivateIncidentWithoutAChannel(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.rooms.refused["room"] = forGood("Slack refused: restricted_action.")
	i := s.seeTo(s.declares(private).ID, time.Minute)
	if !i.Roomless() || i.Where() != "" {
		t.Fatalf("it runs in %q", i.Where())
	}
	if s.rooms.headers[i.ID] != "1.0" || !slices.Equal(i.Shown, []string{dee}) || !slices.Equal(s.told(dee), []string{i.ID + "-roomless-" + dee}) {
		t.Errorf("header %q, shown to %v, told %v", s.rooms.headers[i.ID], i.Shown, s.told(dee))
	}
	if _, err := s.SetRole(context.Background(), s.change(i, dee), incident.Commander, benSlack, false); err != nil {
		t.Fatal(err)
	}
	i = s.seeTo(i.ID, 2*time.Hour)
	if !slices.Equal(s.rooms.shown, []string{benSlack}) || !slices.Contains(s.told(benSlack), i.ID+"-roomless-"+benSlack) {
		t.Errorf("shown to %v, ben is told %v", s.rooms.shown, s.told(benSlack))
	}
	if len(s.told(dee)) != 1 || !slices.ContainsFunc(s.told(benSlack), func(id string) bool { return strings.Contains(id, "-due-") }) {
		t.Errorf("dee is told %v, ben %v", s.told(dee), s.told(benSlack))
	}
}

// While it is being tried it has no place yet, and what gets its channel late is shown in that alone.
func TestAPrivateIncidentIsNotRoomlessTooSoon(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.rooms.refused["room"] = errors.New("Slack did not answer.")
	i := s.seeTo(s.declares(private).ID, time.Minute)
	if i.Roomless() || i.Where() != "" || len(s.told(dee)) > 0 {
		t.Errorf("it runs in %q, dee is told %v", i.Where(), s.told(dee))
	}
	delete(s.rooms.refused, "room")
	if i = s.seeTo(i.ID, 5*time.Minute); i.Room.ID == "" || i.Where() != i.Room.ID || len(i.Shown) > 0 || len(s.told(dee)) > 0 {
		t.Errorf("it runs in %q, is shown to %v, dee is told %v", i.Where(), i.Shown, s.told(dee))
	}
}

// Whoever acknowledges a page of a private incident gets in, and whoever is merely on call does not; without a channel they are told.
func TestWhoAnswersGetsIn(t *testing.T) {
	t.Parallel()
	for _, refused := range []bool{false, true} {
		s := newStage(t)
		if refused {
			s.rooms.refused["room"] = forGood("Slack refused: restricted_action.")
		}
		i := s.seeTo(s.declares(severe("sev1"), private).ID, time.Minute)
		if slices.Contains(i.People(), anaSlack) || slices.Contains(s.rooms.invited, anaSlack) {
			t.Fatalf("ana is in before she answers: %v, %v", i.People(), s.rooms.invited)
		}
		on := s.page(i.Paged[0].Page).Alarm.ID
		s.pager.Ack(on, anaID)
		s.seeTo(i.ID, time.Minute)
		s.pager.Ack(on, benID) // and so does a second
		i = s.seeTo(i.ID, 2*time.Minute)
		if want := []string{dee, anaSlack, benSlack}; !slices.Equal(i.People(), want) {
			t.Errorf("its people are %v", i.People())
		}
		for _, person := range []string{anaSlack, benSlack, cySlack} {
			in := person != cySlack
			if told := slices.Contains(s.told(person), i.ID+"-roomless-"+person); told != (refused && in) {
				t.Errorf("refused %v: %s is told %v", refused, person, s.told(person))
			}
			if slices.Contains(s.rooms.invited, person) != (!refused && in) {
				t.Errorf("refused %v: invited %v", refused, s.rooms.invited)
			}
		}
		if got := s.timeline(i.ID); slices.Index(got, "acknowledged") < 0 {
			t.Errorf("timeline %v", got)
		}
	}
}
