package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/clock"
)

// morningDigest is the guide's fifth chapter.
var morningDigest = []guideStep{
	{ID: "digest", Title: "Let the morning come",
		Why:     "It gets half past eight in Lisbon: what broke, what waits for whom, who is on call. Long lists are in its thread.",
		Actions: []guideAction{{ID: "morning", Label: "Go on to the morning", Lever: "guide-digest"}}},
	{ID: "choose", Title: "Look ahead, and choose",
		Why: "See what it would say now, only you. Then choose what it tells of, and press Save.",
		Actions: []guideAction{{ID: "preview", Line: "/digest preview", Channel: digestRoom},
			{ID: "settings", Line: "/digest settings", Channel: digestRoom}}},
	{ID: "mute", Title: "Mute it for a while",
		Why: "Holidays, a quiet week. The next one tells of the time since the last.",
		Actions: []guideAction{{ID: "mute", Line: "/digest mute for 1d", Channel: digestRoom},
			{ID: "unmute", Line: "/digest unmute", Channel: digestRoom}}},
	{ID: "outage", Title: "Take GitHub down",
		Why: "The digest comes all the same and says what it lacks. Once GitHub is back, the same message is completed.",
		Actions: []guideAction{{ID: "down", Label: "No GitHub in the morning", Lever: "guide-digest-down"},
			{ID: "back", Label: "GitHub is back", Lever: "guide-digest-back"}}},
}

// The guide's digest is that of the team whose channel this is.
const (
	digestTeam = "payments"
	digestRoom = "payments"
)

// Words of the bot about the guide's digest.
const (
	wordsDigest   = "📰 *" + digestTeam + "*, "
	wordsLacking  = "Not read yet"
	wordsChosen   = "The digest of *" + digestTeam + "* tells of"
	wordsUnmuted  = "the digest of *" + digestTeam + "* comes again"
	untilItIsRead = 31 * time.Minute // how long it takes at most until the bot asks a source again
	digestHasCome = 2 * time.Second
)

// digestComes is when the guide's digest comes next.
func (s *Stage) digestComes(now time.Time) (time.Time, error) {
	none := errors.New(digestTeam + " has no digest: shipmate.yaml says when it comes")
	cfg := s.names.config()
	if cfg == nil {
		return now, none
	}
	team, ok := cfg.Team(digestTeam)
	if !ok || team.Digest == "" {
		return now, none
	}
	times, err := clock.ParseCron(team.Digest, team.Location())
	if err != nil {
		return now, fmt.Errorf("reading when the digest comes: %w", err)
	}
	at := times.Next(now)
	for range len(team.Holidays) {
		if slices.Contains(team.Holidays, at.In(team.Location()).Format(time.DateOnly)) {
			at = times.Next(at)
		}
	}
	return at, nil
}

// letDigestCome moves the clock to when the guide's digest comes.
func (s *Stage) letDigestCome(note func(*notes, time.Time)) (string, error) {
	now := s.clock.Now()
	at, err := s.digestComes(now)
	if err != nil {
		return "", err
	}
	s.changeNotes(func(n *notes) { note(n, at) })
	return "", s.moveClock(at.Add(digestHasCome).Sub(now))
}

// withoutGitHub has the digest come while GitHub is down.
func (s *Stage) withoutGitHub() (string, error) {
	if _, err := s.digestComes(s.clock.Now()); err != nil {
		return "", err
	}
	if err := s.switchLever("github-down", true); err != nil {
		return "", err
	}
	return s.letDigestCome(func(n *notes, at time.Time) { n.Outage = at })
}

// gitHubIsBack has GitHub answer again, and the bot ask it.
func (s *Stage) gitHubIsBack() (string, error) {
	s.mu.Lock()
	since := s.notes.Outage
	s.mu.Unlock()
	if since.IsZero() {
		return "", errors.New("GitHub was not down in a morning yet: do that first")
	}
	if err := s.switchLever("github-down", false); err != nil {
		return "", err
	}
	return "", s.moveClock(untilItIsRead)
}

// switchLever has a lever that stays where it is be on, or off.
func (s *Stage) switchLever(id string, on bool) error {
	for _, l := range s.levers {
		if l.ID == id && l.on() != on {
			_, err := l.pull()
			return err
		}
	}
	return nil
}

// digestSince tells whether the bot has posted the guide's digest since then, and it is as it shall be.
func (s *Stage) digestSince(since time.Time, as func(slacktest.Message) bool) bool {
	room, ok := s.slack.Channel(digestRoom)
	if !ok || since.IsZero() {
		return false
	}
	return slices.ContainsFunc(s.slack.Messages(room.ID), func(m slacktest.Message) bool {
		return m.BotID != "" && strings.HasPrefix(m.Text, wordsDigest) && !momentOf(m.TS).Before(since) && as(m)
	})
}

// completed tells whether a digest lacked something and does not any more.
func completed(m slacktest.Message) bool {
	return m.Updates > 0 && !strings.Contains(m.Text+string(m.Blocks), wordsLacking)
}

// previewed tells whether anybody was shown what the guide's digest would say.
func (s *Stage) previewed() bool {
	for _, u := range s.slack.Users() {
		for _, m := range s.slack.Ephemerals(u.ID, "") {
			if m.BotID != "" && strings.HasPrefix(m.Text, wordsDigest) {
				return true
			}
		}
	}
	return false
}
