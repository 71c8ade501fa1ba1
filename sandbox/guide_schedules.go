package sandbox

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"shipmate/clock"
)

// atATime is the guide's fourth chapter.
var atATime = []guideStep{
	{ID: "schedule", Title: "Put a line on a schedule",
		Why:     "It shows when it would run, and asks first. Press Save it: from then on it runs with your rights.",
		Actions: []guideAction{{ID: "line", Line: `/schedule add "` + everyNine + `" deploy status checkout`, Channel: "payments"}}},
	{ID: "morning", Title: "Let the morning come",
		Why:     "It gets nine in Lisbon, where payments is. The answer is in the channel for everybody.",
		Actions: []guideAction{{ID: "morning", Label: "Go on to nine", Lever: "guide-morning"}}},
	{ID: "late", Title: "Be down at nine",
		Why: "Kill it, let nine pass, start it again: it catches up once, and says that it is late.",
		Actions: []guideAction{{ID: "kill", Label: "Kill it", Lever: "bot-kill"}, {ID: "nine", Label: "Let nine pass", Lever: "guide-nine"},
			{ID: "start", Label: "Start it", Lever: "bot-start"}}},
	{ID: "workdays", Title: "Leave days off out",
		Why:     "Weekends and the holiday that shipmate.yaml has for payments are not among the next times.",
		Actions: []guideAction{{ID: "line", Line: `/schedule add "30 8 * * *" on workdays deploy locks`, Channel: "payments"}}},
}

// The guide's line runs at nine in the zone of the channel's team.
const (
	everyNine = "0 9 * * *"
	nineZone  = "Europe/Lisbon"
	nineRoom  = "payments"
)

// Words of what the bot says about a schedule: once it is saved, and under each answer.
const (
	wordsSaved  = "Scheduled by "
	wordsTimed  = ", scheduled by "
	wordsLate   = ", late"
	nineIsPast  = 2 * time.Hour   // how long the guide lets the bot be down after nine
	nineHasCome = 2 * time.Second // how long after it the morning has come
)

// untilNine is how long it is until the line of the guide is due, and a little more.
func untilNine(now time.Time, more time.Duration) (time.Duration, error) {
	zone, err := clock.LoadZone(nineZone)
	if err != nil {
		return 0, err
	}
	nine, err := clock.ParseCron(everyNine, zone)
	if err != nil {
		return 0, err
	}
	return nine.Next(now).Add(more).Sub(now), nil
}

// letNineCome moves the clock to the next nine, or beyond.
func (s *Stage) letNineCome(more time.Duration, note func(*notes, time.Time)) (string, error) {
	if !s.botSaid(time.Time{}, wordsSaved) {
		return "", errors.New("nothing is on a schedule: do the first step, and press Save it")
	}
	now := s.clock.Now()
	d, err := untilNine(now, more)
	if err != nil {
		return "", err
	}
	s.changeNotes(func(n *notes) { note(n, now.Add(d-more)) })
	return "", s.moveClock(d)
}

// botSaid tells whether the bot has said all of the words in one message in #payments since then.
func (s *Stage) botSaid(since time.Time, words ...string) bool {
	room, ok := s.slack.Channel(nineRoom)
	if !ok {
		return false
	}
	for _, m := range s.slack.Messages(room.ID) {
		whole := m.Text + string(m.Blocks)
		if m.BotID != "" && !momentOf(m.TS).Before(since) && hasAll(whole, words) {
			return true
		}
	}
	return false
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// momentOf is when a message was posted, to the second.
func momentOf(ts string) time.Time {
	seconds, _, _ := strings.Cut(ts, ".")
	n, _ := strconv.ParseInt(seconds, 10, 64) // 0 for what is no timestamp
	return time.Unix(n, 0)
}
