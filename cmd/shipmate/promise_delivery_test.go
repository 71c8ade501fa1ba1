package main

import (
	"encoding/json"
	"testing"

	"shipmate/bot/slacktest"
)

func TestEnvelopeDeliveredFiveTimesAlsoAcrossARestart(t *testing.T) {
	t.Parallel()
	h := newHarness(t, hanging)
	ana := h.as("ana").in("#payments").types("/deploy checkout staging")
	redeliver := func(sameID bool) {
		t.Helper()
		ids, err := h.slack.Redeliver(ana.envelope, 2, sameID)
		if err != nil {
			t.Fatal(err)
		}
		h.still("all are acked", func() bool { return len(h.unacked()) == 0 && len(ids) == 2 })
	}
	redeliver(true)
	ana.sees("🚀 Deploying")
	redeliver(true)
	h.restart()
	redeliver(true)
	h.github.FinishRun("acme/checkout", h.runs("acme/checkout", 1)[0].ID, "success")
	ana.sees("✅ *checkout*")
	redeliver(true)
	h.runs("acme/checkout", 1)
}

// A mention is redelivered by Slack itself under another envelope when its ack was lost.
func TestMentionRedeliveredUnderAnotherEnvelope(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments").says("@shipmate deploy checkout staging", "")
	for range 2 {
		if _, err := h.slack.Redeliver(ana.envelope, 2, false); err != nil {
			t.Fatal(err)
		}
		h.still("all are acked", func() bool { return len(h.unacked()) == 0 })
		h.restart()
	}
	ana.sees("✅ *checkout*")
	h.runs("acme/checkout", 1)
}

func TestFormResubmittedUnderANewEnvelopeDeploysOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments").types("/deploy")
	ana.submits(slacktest.Values{"service/v": {"checkout"}, "environment/v": {"staging"}})
	for range 2 {
		if _, err := h.slack.Redeliver(ana.envelope, 2, false); err != nil {
			t.Fatal(err)
		}
		h.still("all are acked", func() bool { return len(h.unacked()) == 0 })
		h.restart()
	}
	ana.sees("✅ *checkout*")
	h.runs("acme/checkout", 1)
}

func TestDoubleClickCancelsOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t, hanging)
	ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("🚀 Deploying")
	card := ana.seen
	ana.presses("Stop it").isTold("GitHub is asked to stop")
	ana.pressesAgain("Stop it", card).isTold("asked to cancel")
	ana.sees("⛔ Deploying", "was cancelled by")
	ana.pressesAgain("Stop it", card).isTold("out of date", "was cancelled by <@"+ana.id+">")
	h.runs("acme/checkout", 1)
}

// A guest and somebody of another workspace are told no, whatever they type.
func TestOnlyMembersAreServed(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	told := map[string]string{"gil": "Guests may not use Shipmate here", "fay": "I only work for members of this workspace"}
	for _, u := range []slacktest.User{{Name: "gil", Restricted: true}, {Name: "fay", TeamID: "T0ELSEWHERE"}} {
		id := h.slack.AddUser(u).ID
		h.people[u.Name] = id
		room := h.slack.AddChannel(slacktest.Channel{Name: "with-" + u.Name, Members: []string{id, h.slack.BotUserID}})
		h.as(u.Name).in(room.Name).types("/deploy checkout staging").hearsOnly(told[u.Name])
	}
	h.runs("acme/checkout", 0)
}

// The card of a run that ended while the program was not there is right when it is back.
func TestCardIsRightAfterTheRunEndedUnseen(t *testing.T) {
	t.Parallel()
	h := newHarness(t, hanging)
	h.mayHear("I was down from about")
	ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("🚀 Deploying")
	h.leaps(0)
	h.stop()
	h.still("Slack sees it gone", func() bool { return h.slack.Connections().Open == 0 })
	h.github.FinishRun("acme/checkout", h.runs("acme/checkout", 1)[0].ID, "failure")
	h.clock.Advance(downFor)
	h.start()
	ana.sees("❌ Deploying")
	ana.readsInThread("<@" + ana.id + ">")
	h.runs("acme/checkout", 1)
}

// rename gives an envelope another ID.
func rename(t *testing.T, raw json.RawMessage, id string) json.RawMessage {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	if _, has := e["envelope_id"]; has {
		e["envelope_id"] = id
	}
	out, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
