//go:build killwalk

package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// unfinished tells of a key that it stands for something that is still to be done, or was given up.
func unfinished(key string) bool {
	for _, prefix := range []string{"journal/open/", "journal/parked/", "say/message/", "delivery/slot/", "delivery/waiting/", "delivery/line/",
		"delivery/review/", "page/open/", "adr/line/", "adr/turn/", "adr/change/"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	_, rest, _ := strings.Cut(key, "/")
	return strings.HasPrefix(rest, "due/") || strings.HasPrefix(rest, "parked/") // of any domain
}

// check checks what must hold in the end, wherever the program was killed.
func (w *walk) check() {
	w.Helper()
	w.checkRuns()
	if n := len(w.theCards()); n != w.scenario.cards {
		w.Errorf("%d cards, want %d", n, w.scenario.cards)
	}
	w.scenario.check(w)
	w.checkStore()
	for _, p := range w.slack.Problems() {
		w.Errorf("Slack does not like: %s: %s", p.Kind, p.Detail)
	}
	for _, p := range w.github.Problems() {
		w.Errorf("GitHub does not know: %s", p)
	}
	for _, p := range w.pager.Problems() {
		w.Errorf("PagerDuty does not know: %s", p)
	}
	if w.Failed() {
		w.Logf("in the end:\n%s", w.everything())
	}
}

// checkRuns checks the runs that deploy; those of CI are the commits' own.
func (w *walk) checkRuns() {
	w.Helper()
	of := map[string]int{}
	n := 0
	for _, r := range w.github.Runs("acme/checkout") {
		if r.Workflow != "deploy.yml" {
			continue
		}
		n++
		if of[r.Inputs["correlation_id"]]++; of[r.Inputs["correlation_id"]] == 2 {
			w.Errorf("two runs of %s", r.Inputs["correlation_id"])
		}
	}
	if all := len(w.github.Deployments("acme/checkout")); w.scenario.orders > 0 && all != w.scenario.orders {
		w.Errorf("%d deployments for others, want %d", all, w.scenario.orders)
	}
	if n != w.scenario.runs {
		w.Errorf("%d runs deploy, want %d", n, w.scenario.runs)
	}
}

func (w *walk) checkStore() {
	w.Helper()
	db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(w.dir, "shipmate.db")})
	if err != nil {
		w.Fatal(err)
	}
	defer db.Close()
	err = db.View(context.Background(), func(s store.Snapshot) error {
		left := map[string]bool{}
		for key, value := range s.Scan("", "") {
			stays := slices.IndexFunc(w.scenario.left, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
			if stays >= 0 {
				left[w.scenario.left[stays]] = true
			}
			if stays < 0 && unfinished(key) {
				w.Errorf("left in the store: %s = %s", key, value)
			}
		}
		for _, prefix := range w.scenario.left {
			if !left[prefix] {
				w.Errorf("not in the store: %s", prefix)
			}
		}
		for key, value := range s.Scan("delivery/watch/", "") {
			if !strings.Contains(string(value), `"ended":`) {
				w.Errorf("a pipeline is still watched: %s = %s", key, value)
			}
		}
		ended := 0
		for key, value := range s.Scan("delivery/deployment/", "") {
			if !strings.Contains(string(value), `"ended":`) {
				w.Errorf("a deployment has not ended: %s = %s", key, value)
			}
			if strings.Contains(string(value), `"attempted":`) { // others ended before anything was sent
				ended++
			}
		}
		if sent := w.scenario.runs + w.scenario.orders; ended != sent {
			w.Errorf("%d deployments were sent, want %d", ended, sent)
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

// says tells whether the bot has said so in #payments, in a card or in an answer that everybody sees, which after a crash may be
// there twice.
func (w *walk) says(words string) bool {
	for _, m := range w.slack.Messages(w.channel("payments")) {
		if m.BotID != "" && strings.Contains(whole(m), words) {
			return true
		}
	}
	return false
}

// theCards are the bot's live messages in #payments, oldest first. Unlike answers they carry their record's key.
func (w *walk) theCards() []slacktest.Message {
	var cards []slacktest.Message
	for _, m := range w.slack.Messages(w.channel("payments")) {
		if m.BotID != "" && m.Metadata != nil && (m.ThreadTS == "" || m.ThreadTS == m.TS) {
			cards = append(cards, m)
		}
	}
	return cards
}

// card is the nth card, the zero message while there is none.
func (w *walk) card(n int) slacktest.Message {
	if all := w.theCards(); n < len(all) {
		return all[n]
	}
	return slacktest.Message{}
}

// shows tells whether the nth card holds the words.
func (w *walk) shows(n int, words ...string) bool {
	return w.card(n).TS != "" && hasAll(whole(w.card(n)), words)
}

// replies are what the bot said in the thread of the nth card.
func (w *walk) replies(n int) []slacktest.Message {
	all := w.slack.Thread(w.channel("payments"), w.card(n).TS)
	return all[min(1, len(all)):]
}

// lastTold is the latest message of the bot to one person alone that holds the words, the zero message when there is none.
func (w *walk) lastTold(name string, words ...string) (last slacktest.Message) {
	for _, m := range w.slack.Ephemerals(w.people[name], w.channel("payments")) {
		if m.User != "USLACKBOT" && hasAll(whole(m), words) {
			last = m
		}
	}
	return last
}

// told are the bot's words to one person alone that hold the words.
func (w *walk) told(name string, words ...string) int {
	n := 0
	for _, m := range w.slack.Ephemerals(w.people[name], w.channel("payments")) {
		if m.User != "USLACKBOT" && hasAll(whole(m), words) {
			n++
		}
	}
	return n
}

// said counts the bot's direct messages to a person that hold the words.
func (w *walk) said(name string, words ...string) int {
	n := 0
	for _, m := range w.slack.DM(w.people[name]) {
		if m.BotID != "" && hasAll(whole(m), words) {
			n++
		}
	}
	return n
}

// progress is how far a card's headline is.
var progress = []string{"⏳", "🚀", "⛔ Cancelling", "✅", "❌", "⛔", "⚠️", "⏪"}

// paging is how far the headline of a page is.
var paging = []string{"📟", "🔴", "🟡", "✅"}

// again is on every card of what was run once more, and such a card is further than any of before.
const again = "🔁"

// cardMoved checks that no card shows an earlier stage after a later one.
func (w *walk) cardMoved(c slacktest.Call) {
	if c.Method != "chat.update" {
		return
	}
	at := 0
	for i, icon := range progress {
		if strings.HasPrefix(c.Params["text"], icon) {
			at = min(i, 3) // the endings are equal
			if icon == "⏪" {
				at = 4 // but what is undone comes after them
			}
		}
	}
	for i, icon := range paging {
		if strings.Contains(c.Params["text"], "Page to") && strings.HasPrefix(c.Params["text"], icon) {
			at = i
		}
	}
	if strings.Contains(c.Params["blocks"], again) {
		at += len(progress)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if at < w.cards[c.Params["ts"]] {
		w.Errorf("a card shows an earlier stage again: %s", c.Params["text"])
	}
	w.cards[c.Params["ts"]] = at
}
