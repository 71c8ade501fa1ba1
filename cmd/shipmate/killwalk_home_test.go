//go:build killwalk

package main

import (
	"errors"
	"strings"

	"shipmate/bot/slacktest"
)

// atHome are the scenarios of what people do from their home tab.
var atHome = []scenario{
	{
		name:  "approve at home",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play: []act{
			{
				what: "ben opening his home tab",
				can:  func(*walk) bool { return true },
				do: func(w *walk) (string, error) {
					ids, err := w.slack.OpenHome(w.people["ben"])
					if err != nil || len(ids) == 0 {
						return "", errors.Join(err, errors.New("nobody heard of it"))
					}
					return ids[0], nil
				},
				came: func(w *walk) bool { return w.home("ben", "Nothing waits for you") },
			},
			types("/deploy checkout guarded", func(w *walk) bool { return w.home("ben", "waits for your approval") }),
			{
				what: "ben pressing Approve in his home tab",
				can:  func(w *walk) bool { return w.home("ben", "waits for your approval") },
				do: func(w *walk) (string, error) {
					v, _ := w.slack.Home(w.people["ben"])
					id := buttonID(slacktest.Message{Blocks: v.Blocks}, "Approve")
					if id == "" {
						return "", errors.New("the button is gone")
					}
					return w.slack.Press(w.people["ben"], slacktest.OnView(v), id, "")
				},
				came: func(w *walk) bool { return w.shows(0, "Approved by") || w.shows(0, "✅ *checkout*") },
			},
		},
		from: 2,
		done: func(w *walk) bool {
			return w.shows(0, "✅ *checkout*", "Approved by") && w.home("ben", "Nothing waits for you") && !w.home("ben", "Being deployed, or waiting")
		},
		runs: 1, cards: 1, left: []string{"home/due/"},
		check: func(w *walk) {
			if n := len(w.replies(0)); n != 1 {
				w.Errorf("whoever asked was told %d times that it is approved", n)
			}
			if n := strings.Count(whole(w.card(0)), "Approved by"); n != 1 {
				w.Errorf("it was approved %d times", n)
			}
		},
	},
}

// home tells whether somebody's home tab says all of the words.
func (w *walk) home(name string, words ...string) bool {
	v, ok := w.slack.Home(w.people[name])
	return ok && hasAll(whole(slacktest.Message{Blocks: v.Blocks}), words)
}
