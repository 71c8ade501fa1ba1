package main

import (
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
)

// While GitHub does not answer at all, everything that does not need it goes on at once, time standing still.
func TestHangingGitHubDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	letGo := h.github.Fault(githubtest.Fault{Match: "*", When: githubtest.Before, Kind: githubtest.HangUp})
	ana := h.as("ana").in("#payments").types("/deploy checkout staging")
	h.still("GitHub is asked and does not answer", func() bool { return len(h.github.Calls()) > 0 })
	ben := h.as("ben").in("#storefront")
	for range 20 {
		ben.types("/shipmate help").isTold("Stop a deployment")
	}
	if len(h.github.Runs("acme/checkout")) > 0 {
		t.Error("GitHub did something")
	}
	letGo()
	ana.sees("✅ *checkout*")
	h.runs("acme/checkout", 1)
}

func TestGitHubDownIsSaidAndEnds(t *testing.T) {
	t.Parallel()
	h := newHarness(t, hanging)
	h.github.Down(true)
	ana := h.as("ana").in("#payments").types("/deploy checkout staging")
	ana.hearsOnly("GitHub")
	h.runs("acme/checkout", 0)
	h.github.Down(false)
	ana.types("/deploy checkout staging").sees("🚀 Deploying")
	h.github.Down(true)
	ana.sees("GitHub cannot be read since", "I keep trying")
	h.github.FinishRun("acme/checkout", h.runs("acme/checkout", 1)[0].ID, "success")
	h.github.Down(false)
	ana.sees("✅ *checkout*")
	h.mayHear("is on *staging* after") // how long GitHub is looked away from decides whether it took two minutes
	h.runs("acme/checkout", 1)
}

// The dispatch was taken and its answer lost, in each way an answer can be lost.
func TestLostAnswerToTheDispatchStartsNoSecondRun(t *testing.T) {
	t.Parallel()
	for _, kind := range []githubtest.Kind{githubtest.Status502, githubtest.Reset, githubtest.Truncate} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, When: githubtest.After, Kind: kind})
			h.as("ana").in("#payments").types("/deploy checkout staging").sees("✅ *checkout*")
			h.runs("acme/checkout", 1)
		})
	}
}

func TestDispatchThatWasNotTakenIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, kind := range []githubtest.Kind{githubtest.Status500, githubtest.Reset, githubtest.SecondaryLimit403} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.mayHear("is on *staging* after") // it is told when it takes long, which it does on a slow machine
			h.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, When: githubtest.Before, Kind: kind, RetryAfter: 20 * time.Second})
			h.as("ana").in("#payments").types("/deploy checkout staging").sees("✅ *checkout*")
			h.runs("acme/checkout", 1)
		})
	}
}

// What could not be sent for a quarter of an hour is not sent at all, and said so.
func TestDeployThatCannotBeSentInTimeIsNotSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.github.Fault(githubtest.Fault{Match: githubtest.OpDispatch, When: githubtest.Before, Kind: githubtest.PrimaryLimit})
	ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("⏳ Deploying")
	card := ana.seen
	ana.readsInThread("It has not started since")
	ana.sees("❌ Deploying")
	ana.seen = card
	ana.readsInThread("could not be sent to GitHub within 15 min")
	h.github.ClearFaults()
	h.leaps(time.Hour)
	h.runs("acme/checkout", 0)
	ana.types("/deploy checkout staging").sees("✅ *checkout*")
	h.runs("acme/checkout", 1)
}

// Whatever goes wrong once with a call to Slack, there is one card and it ends as it must; answers arrive.
func TestTroubleWithSlackLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	kinds := []slacktest.Fault{
		{Kind: slacktest.RateLimited, RetryAfter: 7 * time.Second}, {Kind: slacktest.RateLimitedNo}, {Kind: slacktest.ServerError},
		{Kind: slacktest.ServerError, Applied: true}, {Kind: slacktest.Reset}, {Kind: slacktest.Reset, Applied: true},
		{Kind: slacktest.BadJSON, Applied: true}, {Kind: slacktest.Refuse, Error: "internal_error"},
	}
	for _, method := range []string{"chat.postMessage", "chat.update", "response_url"} {
		for _, f := range kinds {
			f.Method = method
			name := method + " " + string(f.Kind)
			if f.Applied {
				name += " applied"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := newHarness(t, broken)
				if _, err := h.slack.Inject(f); err != nil {
					t.Fatal(err)
				}
				ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("❌ Deploying")
				ana.readsInThread("no such column")
				ana.types("/deploy status checkout").hearsOnly("What runs where")
				h.mayHear("What runs where") // an answer whose fate is not known may come twice
				h.runs("acme/checkout", 1)
			})
		}
	}
}
