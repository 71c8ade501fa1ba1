package bot

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

// found waits for a finding of that level whose text holds the words, and returns it.
func (h *harness) found(level Level, words string) Finding {
	h.t.Helper()
	all := h.diagnosed()
	for _, f := range all {
		if f.Level == level && strings.Contains(string(f.Text), words) {
			if level >= Warning && f.Mend == "" {
				h.t.Errorf("%q does not say how to mend it", f.Text)
			}
			return f
		}
	}
	h.t.Fatalf("no %s %q among:\n%s", level, words, written(all))
	return Finding{}
}

func (h *harness) diagnosed() []Finding {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 2*time.Second)
	defer cancel()
	return h.bot.Diagnose(ctx)
}

func written(all []Finding) string {
	var b strings.Builder
	for _, f := range all {
		b.WriteString(f.Level.String() + ": " + string(f.Text) + " → " + string(f.Mend) + "\n")
	}
	return b.String()
}

func TestNothingIsFoundWhereAllIsWell(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.slack.Join(h.slack.BotUserID, h.payments); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.until("both connections stand", func() bool { return len(h.bot.Hearing().Open) == 2 })
	all := h.diagnosed()
	for _, f := range all {
		if f.Level != Fine || f.Mend != "" {
			t.Errorf("%s", written([]Finding{f}))
		}
	}
	for _, words := range []string{"Slack: 2 connections", "has all 20 scopes", "I am in 2 channels", "1 user group is there", "0 requests under way"} {
		h.found(Fine, words)
	}
	h.unproblematic()
}

func TestMissingScopesAreFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	app := h.slack.App()
	app.Scopes = slices.DeleteFunc(Scopes(nil), func(s string) bool { return s == "im:write" })
	h.slack.SetApp(app)
	h.start()
	h.until("who we are is known", func() bool { return h.bot.self.botUser() != "" })
	h.found(Problem, "lacks the scope `im:write`, which is for telling a person something")
}

// The app token's scopes are not the bot token's.
func TestScopesAreThoseOfTheBotToken(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.until("who we are is known", func() bool { return h.bot.self.botUser() != "" })
	h.bot.api.note("apps.connections.open", http.Header{"X-Oauth-Scopes": {"connections:write"}})
	if got := written(h.bot.checkScopes()); !strings.Contains(got, "has all 20 scopes") {
		t.Error(got)
	}
}

func TestChannelsItCannotSpeakInAreFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.found(Warning, "I am not in #payments, where what is for team *payments* belongs")
	if err := h.slack.Join(h.slack.BotUserID, h.payments); err != nil {
		t.Fatal(err)
	}
	h.found(Fine, "I am in 2 channels")
	if err := h.slack.Archive(h.ana, h.payments); err != nil {
		t.Fatal(err)
	}
	h.found(Problem, "The channel #payments is archived")
	if err := h.slack.Kick(h.ana, "platform", h.slack.BotUserID); err != nil {
		t.Fatal(err)
	}
	h.found(Problem, "I am not in #platform, so what goes wrong is not said")
	h.cfg.Slack.AdminChannel = "#nowhere"
	h.found(Problem, "There is no channel #nowhere that I can see, so what goes wrong is not said (shipmate.yaml:2:")
}

func TestUserGroupsWithoutPeopleAreFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.found(Fine, "1 user group is there")
	if err := h.slack.SetGroupMembers(h.group); err != nil {
		t.Fatal(err)
	}
	h.forward(freshFor + time.Second)
	h.found(Warning, "@payments-eng has nobody in it, so nobody is in team *payments* by it (shipmate.yaml:5:")
	h.cfg.Slack.Admins = append(h.cfg.Slack.Admins, "group:captains")
	h.found(Problem, "There is no user group @captains, so nobody is an admin by it")
}

func TestDeafnessAndItsReasonAreFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.inject(slacktest.Fault{Method: "apps.connections.open", Kind: slacktest.ServerError, Times: -1})
	h.inject(slacktest.Fault{Method: "socket", Kind: slacktest.DropAll})
	h.until("a new connection was refused", func() bool {
		now := h.bot.Hearing()
		return !now.DeafSince.IsZero() && strings.Contains(now.Reason, "http_503")
	})
	f := h.found(Problem, "No connection to Slack delivers since")
	if !strings.Contains(string(f.Text), "http_503") {
		t.Errorf("the reason is not told: %s", f.Text)
	}
}

func TestASlackThatDoesNotAnswerIsFoundInTime(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for _, method := range []string{"conversations.list", "usergroups.list"} {
		defer h.inject(slacktest.Fault{Method: method, Kind: slacktest.Hang, Times: -1}).Remove()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	got := written(h.bot.Diagnose(ctx))
	for _, words := range []string{"warning: Slack did not list its channels: no answer in time", "warning: Slack did not list its user groups: no answer in time",
		"Slack: "} {
		if !strings.Contains(got, words) {
			t.Errorf("not told: %s\n%s", words, got)
		}
	}
}

func TestClocksApartAreFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for skew, words := range map[time.Duration]string{6 * time.Second: "6s behind", -time.Minute: "1m0s ahead of"} {
		h.until("a date that is "+words, func() bool {
			h.bot.api.note("auth.test", http.Header{"Date": {h.clock.Now().Add(skew).UTC().Format(http.TimeFormat)}})
			return strings.Contains(written(h.bot.checkClock()), words)
		})
	}
	h.bot.api.note("auth.test", http.Header{"Date": {h.clock.Now().Add(5 * time.Second).UTC().Format(http.TimeFormat)}})
	if got := h.bot.checkClock(); len(got) != 0 {
		t.Errorf("5 s apart: %s", written(got))
	}
}

func TestParkedRequestsAndAFullBacklogAreFound(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.start()
	if err := h.bot.park(t.Context(), entry{ID: "e1"}, "Shipmate ended 3 times while it ran", nil); err != nil {
		t.Fatal(err)
	}
	f := h.found(Warning, "1 request was put aside")
	if !strings.Contains(string(f.Mend), reference("e1")) {
		t.Errorf("what to look for in the log is not told: %s", f.Mend)
	}
	h.cfg.Limits.Backlog = 5
	h.types(h.ana, h.payments, "/hold")
	h.found(Warning, "1 request under way or waiting; 5 may")
	close(h.gate)
}
