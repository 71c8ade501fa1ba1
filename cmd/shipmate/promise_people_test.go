package main

import (
	"strings"
	"testing"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/store"
)

func TestPeopleAreLinkedByAdminsAndClaimForThemselves(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana, ben, dev := h.as("ana").in("#payments"), h.as("ben").in("#payments"), h.as("dev").in("#payments")
	ana.types("/shipmate link me github ana-l").isTold("<@"+ana.id+"> is `ana-l` on GitHub, by their own word", "does not count for approving")
	ben.types("/shipmate link @ana github ben-l").isTold("You may not do this")
	ben.types("/shipmate link me gh ANA-L").isTold("`ANA-L` on *GitHub* is <@" + ana.id + "> already by their own word")
	dev.types("/shipmate link ana@acme.example github ana-l").isTold("<@" + ana.id + "> is `ana-l` on GitHub, as <@" + dev.id + "> said")
	ana.types("/shipmate unlink me github").isTold("only an admin can change that")
	dev.types("/shipmate link @dev github dev-l").isTold("by their own word") // also an admin about themselves
	ben.types("/shipmate link me github -ben").isTold("`-ben` is no GitHub login")
	ben.types("/shipmate link me github @ana").isTold("A login goes without @")
	ben.types("/shipmate links ana").isTold("<@"+ana.id+"> is `ana-l` on GitHub", "as <@"+dev.id+"> said")
	ben.types("/shipmate links").isTold("2 people are linked")
	h.restart()
	proven := func(person string) (login string, yes bool) {
		err := h.app.db.View(t.Context(), func(s store.Snapshot) (err error) {
			login, yes, err = bot.NewLinks(h.app.db).Login(s, person, bot.OnGitHub)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return login, yes
	}
	if login, yes := proven(ana.id); login != "ana-l" || !yes {
		t.Errorf("ana is %q, %t", login, yes)
	}
	if login, yes := proven(dev.id); login != "dev-l" || yes {
		t.Errorf("dev is %q, %t: an admin's word about themselves counts", login, yes)
	}
	dev.types("/shipmate unlink @ana github").isTold("<@" + ana.id + "> is no longer `ana-l` on GitHub")
	dev.types("/shipmate unlink @ana github").isTold("was not linked")
	if login, _ := proven(ana.id); login != "" {
		t.Errorf("ana is still %q", login)
	}
}

// opensHome opens the home tab of the app and waits until it shows the words.
func (s *seat) opensHome(words ...string) slacktest.View {
	s.h.Helper()
	if _, err := s.h.slack.OpenHome(s.id); err != nil {
		s.h.Fatal(err)
	}
	var got slacktest.View
	s.h.still(s.name+"'s home tab shows "+strings.Join(words, ", "), func() bool {
		v, ok := s.h.slack.Home(s.id)
		got = v
		return ok && hasAll(whole(slacktest.Message{Blocks: v.Blocks}), words)
	})
	return got
}

func TestHomeTabTellsWhatRunsWhere(t *testing.T) {
	t.Parallel()
	h := newHarness(t, hanging)
	ana := h.as("ana").in("#payments")
	v := ana.opensHome("`/deploy checkout staging`", "of your teams", "*checkout*\\nstaging: not read here")
	if strings.Contains(string(v.Blocks), "catalog") {
		t.Error("ana's home shows the services of other teams")
	}
	if dev := h.as("dev").opensHome("*What runs where*"); !strings.Contains(string(dev.Blocks), "catalog") {
		t.Error("who is in no team does not see all services")
	}
	ana.types("/deploy checkout staging").sees("🚀 Deploying")
	ana.opensHome("*Being deployed, or waiting*", "<@"+ana.id+">", "running")
	h.github.FinishRun("acme/checkout", h.runs("acme/checkout", 1)[0].ID, "success")
	ana.sees("✅ *checkout*")
	v = ana.opensHome("staging: <https://", "by <@"+ana.id+">")
	if strings.Contains(string(v.Blocks), "Being deployed, or waiting") {
		t.Error("nothing is being deployed any more")
	}
}
