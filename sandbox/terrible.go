package sandbox

import (
	"errors"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
)

// takenUpAfter is how long the bot may take to do what a terrible day needs of it, on the machine's clock.
const takenUpAfter = 5 * time.Second

// terribleDay has everything go wrong that a digest can tell of: tests that fail on main, a deployment that fails, a lock, and an incident
// that stays open.
func (s *Stage) terribleDay() (string, error) {
	if s.slack.Connections().Open == 0 {
		return "", errors.New("nobody listens: start Shipmate first")
	}
	s.github.Repo("acme/ledger").ScriptNext("ci.yml", githubtest.FailAt("test", "Test", "--- FAIL: TestRounding (0.01s)", "    round_test.go:17: got 0.30000000000000004, want 0.3", "FAIL"))
	s.commit("acme/ledger", "ben", "Sum up as floats")
	s.director.set(moodFail)
	runs := len(s.github.Dispatches(""))
	if err := s.types("ana", "/deploy ledger staging"); err != nil {
		return "", err
	}
	if err := s.types("ben", "/deploy lock checkout production we look for the cause"); err != nil {
		return "", err
	}
	if err := s.declares("ben", "Nobody can pay by card"); err != nil {
		return "", err
	}
	if !within(takenUpAfter, func() bool { return len(s.github.Dispatches("")) > runs }) {
		return "", errors.New("the ledger is not deployed: the log says why")
	}
	return "Everything goes wrong in #payments. Its next digest tells of it.", s.moveClock(3 * time.Minute)
}

// types is somebody typing a line into #payments.
func (s *Stage) types(who, line string) error {
	room, _ := s.slack.Channel(digestRoom)
	return s.heard(s.slack.Slash(s.person(who).ID, room.ID, line))
}

// heard waits until the bot has acknowledged an envelope, before the clock is moved.
func (s *Stage) heard(envelope string, err error) error {
	if err != nil {
		return err
	}
	if !within(takenUpAfter, func() bool { _, acked := s.slack.Ack(envelope); return acked }) {
		return errors.New("nobody answers: the log says why")
	}
	return nil
}

// declares is somebody filling in the form of an incident of checkout.
func (s *Stage) declares(who, what string) error {
	user := s.person(who).ID
	before := len(s.slack.Views(user))
	if err := s.types(who, "/incident new "+what); err != nil {
		return err
	}
	if !within(takenUpAfter, func() bool { return len(s.slack.Views(user)) > before }) {
		return errors.New("no form for an incident has come")
	}
	views := s.slack.Views(user)
	return s.heard(s.slack.Submit(user, views[len(views)-1].ID, slacktest.Values{"severity/v": {"sev1"}, "service/v": {"checkout"}}))
}

// within waits until something is so, at most so long, on the machine's clock.
func within(d time.Duration, cond func() bool) bool {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if cond() {
			return true
		}
	}
	return cond()
}
