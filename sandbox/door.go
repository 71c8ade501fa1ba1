package sandbox

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
)

// lever is one thing that can be done at the stage door.
type lever struct {
	leverState
	pull func() (said string, err error)
	on   func() bool // nil for what has no lasting state
}

// leverState is how the page shows a lever. Those without a label have their own place on the page.
type leverState struct {
	ID     string `json:"id"`
	Group  string `json:"group,omitempty"`
	Label  string `json:"label,omitempty"`
	Hint   string `json:"hint,omitempty"`
	OnHint string `json:"onHint,omitempty"`
	Toggle bool   `json:"toggle"`
	On     bool   `json:"on"`
}

// Names of the groups at the stage door.
const (
	groupDeploys = "The next deploy"
	groupPushes  = "A push"
	groupSites   = "Acme's services"
	groupGitHub  = "GitHub"
	groupPager   = "PagerDuty"
	groupSlack   = "Slack"
	groupSockets = "Connection"
)

func (s *Stage) allLevers() []*lever {
	levers := []*lever{
		s.moodLever(moodFail, "Fail the next build", "The end-to-end tests of the next deploy fail"),
		s.moodLever(moodSlow, "Slow the next build down", "The next deploy takes about five minutes"),
		s.moodLever(moodNever, "Never start the next build", "No runner takes the next deploy"),
		s.pushLever("push", "Push a commit to checkout", "Its checks take half a minute", false),
		s.pushLever("push-fail", "Push one that fails", "Its tests fail", true),
		{leverState: leverState{ID: "terrible", Group: groupPushes, Label: "A terrible day for payments", Hint: "Failing tests on main, a failed deploy, a lock, an open incident"}, pull: s.terribleDay},
		s.illLever(),
		s.gitHubDown(),
		s.gitHubFault("github-hang", "GitHub hangs", "Calls get no answer", githubtest.Fault{Match: "*", When: githubtest.Before, Kind: githubtest.HangUp}),
		s.gitHubFault("github-lost", "Lose a dispatch's answer", "The next run starts, but Shipmate is not told",
			lost(githubtest.OpDispatch)),
		s.gitHubFault("github-lost-pull", "Lose answers about a decision", "The next branch, pull request and merge are made, but Shipmate is not told",
			lost(githubtest.OpCreateRef), lost(githubtest.OpCreatePull), lost(githubtest.OpMergePull)),
		s.gitHubFault("github-archive", "No archives", "What repositories hold cannot be fetched in one piece", githubtest.Fault{Match: githubtest.OpCodeload, When: githubtest.Before, Kind: githubtest.Status503}),
		s.slackFault("slack-429", "Slack is rate limiting", "Messages are refused with 429, retry after 5 s",
			slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.RateLimited, RetryAfter: 5 * time.Second, Times: -1},
			slacktest.Fault{Method: "chat.update", Kind: slacktest.RateLimited, RetryAfter: 5 * time.Second, Times: -1}),
		s.slackFault("slack-lost", "Lose a message's answer", "The next message is posted, but Shipmate is not told",
			slacktest.Fault{Method: "chat.postMessage", Kind: slacktest.Reset, Applied: true}),
		s.slackFault("slack-down", "Slack's API is down", "Calls are answered with 503",
			slacktest.Fault{Kind: slacktest.ServerError, Times: -1}),
		s.noRooms(),
		{leverState: leverState{ID: "redeliver", Group: groupSockets, Label: "Redeliver five times", Hint: "Sends the last envelope again, as Slack may"}, pull: s.redeliver},
		s.socketLever("drop", "Drop the sockets", "Connections are reset without a word", slacktest.Fault{Method: "socket", Kind: slacktest.DropAll}),
		s.socketLever("refresh", "Refresh the sockets", "Slack asks for new connections, then cuts the old", slacktest.Fault{Method: "socket", Kind: slacktest.Refresh}),
		{leverState: leverState{ID: "bot-kill"}, pull: func() (string, error) { return "Shipmate was killed.", s.bot.kill() }},
		{leverState: leverState{ID: "bot-start"}, pull: func() (string, error) { return "", s.bot.start() }},
		{leverState: leverState{ID: "bot-restart"}, pull: s.restartBot},
	}
	levers = append(levers, s.pagerLevers()...)
	levers = append(levers, s.guideLevers()...)
	for id, d := range map[string]time.Duration{"clock-1m": time.Minute, "clock-10m": 10 * time.Minute, "clock-1h": time.Hour, "clock-1d": 24 * time.Hour} {
		levers = append(levers, &lever{leverState: leverState{ID: id}, pull: func() (string, error) { return "", s.moveClock(d) }})
	}
	return levers
}

func (s *Stage) leverStates() []leverState {
	out := []leverState{}
	for _, l := range s.levers {
		if l.Label == "" {
			continue
		}
		state := l.leverState
		state.On = l.on != nil && l.on()
		out = append(out, state)
	}
	return out
}

// pull pulls a lever and returns a word for whoever did.
func (s *Stage) pull(id string) (string, error) {
	for _, l := range s.levers {
		if l.ID == id {
			said, err := l.pull()
			if err != nil {
				return "", err
			}
			s.hub.touch()
			return said, nil
		}
	}
	return "", fmt.Errorf("the stage door has no %q", id)
}

func (s *Stage) moodLever(m mood, label, hint string) *lever {
	return &lever{
		leverState: leverState{ID: "next-" + string(m), Group: groupDeploys, Label: label, Hint: hint, Toggle: true},
		on:         func() bool { return s.director.now() == m },
		pull: func() (string, error) {
			if s.director.now() == m {
				s.director.set(moodUsual)
			} else {
				s.director.set(m)
			}
			return "", nil
		},
	}
}

func (s *Stage) gitHubDown() *lever {
	sw := &toggle{set: func() (func(), func() bool, error) {
		s.github.Down(true)
		return func() { s.github.Down(false) }, nil, nil
	}}
	return sw.lever(leverState{ID: "github-down", Group: groupGitHub, Label: "GitHub is down", Hint: "Every call is answered with 503"})
}

// lost is that an operation takes place once, and its answer does not arrive.
func lost(operation string) githubtest.Fault {
	return githubtest.Fault{Match: operation, When: githubtest.After, Kind: githubtest.Reset, Times: 1}
}

// gitHubFault, whose faults say when they strike, is on until all of its faults have struck, where they do so only some times.
func (s *Stage) gitHubFault(id, label, hint string, faults ...githubtest.Fault) *lever {
	sw := &toggle{set: func() (func(), func() bool, error) {
		var releases []func()
		for _, f := range faults {
			releases = append(releases, s.github.Fault(f))
		}
		release := func() {
			for _, r := range releases {
				r()
			}
		}
		spent := func() bool {
			inForce := s.github.Faults()
			return !slices.ContainsFunc(faults, func(f githubtest.Fault) bool { return slices.Contains(inForce, f) })
		}
		return release, spent, nil
	}}
	return sw.lever(leverState{ID: id, Group: groupGitHub, Label: label, Hint: hint})
}

func (s *Stage) slackFault(id, label, hint string, faults ...slacktest.Fault) *lever {
	sw := &toggle{set: func() (func(), func() bool, error) {
		var in []*slacktest.Injected
		for _, f := range faults {
			i, err := s.slack.Inject(f)
			if err != nil {
				return nil, nil, err
			}
			in = append(in, i)
		}
		remove := func() {
			for _, i := range in {
				i.Remove()
			}
		}
		return remove, func() bool { return faults[0].Times == 0 && in[0].Hits() > 0 }, nil
	}}
	return sw.lever(leverState{ID: id, Group: groupSlack, Label: label, Hint: hint})
}

// noRooms is the workspace's rule about who makes channels.
func (s *Stage) noRooms() *lever {
	on := func() bool { return s.slack.Rules().BotsMakeNoChannels }
	return &lever{
		leverState: leverState{ID: "slack-no-rooms", Group: groupSlack, Label: "Bots may not make channels", Hint: "As an administrator can rule", Toggle: true},
		on:         on,
		pull: func() (string, error) {
			s.slack.SetRules(slacktest.Rules{BotsMakeNoChannels: !on()})
			return "", nil
		},
	}
}

func (s *Stage) socketLever(id, label, hint string, f slacktest.Fault) *lever {
	return &lever{leverState: leverState{ID: id, Group: groupSockets, Label: label, Hint: hint}, pull: func() (string, error) {
		_, err := s.slack.Inject(f)
		return "", err
	}}
}

// redeliver sends the last envelope that was delivered five times more under its own id.
func (s *Stage) redeliver() (string, error) {
	all := s.slack.Deliveries()
	if len(all) == 0 {
		return "", fmt.Errorf("nothing was delivered yet")
	}
	last := all[len(all)-1]
	if _, err := s.slack.Redeliver(last.EnvelopeID, 5, true); err != nil {
		return "", err
	}
	return "The last envelope (" + last.Type + ") was delivered five times more.", nil
}

func (s *Stage) restartBot() (string, error) {
	if err := s.bot.stop(); err != nil {
		return "", err
	}
	return "Shipmate ended in good order and was started again.", s.bot.start()
}

// moveClock moves the clock of the fakes and of the bot.
func (s *Stage) moveClock(d time.Duration) error {
	s.clock.Advance(d)
	return s.keep() // a kept past would lie in the future
}

// toggle is a fault that is on until it is taken back or has struck for the last time.
type toggle struct {
	set func() (remove func(), spent func() bool, err error)

	mu     sync.Mutex
	remove func()
	spent  func() bool
}

func (t *toggle) lever(state leverState) *lever {
	state.Toggle = true
	return &lever{leverState: state, pull: t.flip, on: t.on}
}

func (t *toggle) on() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.remove != nil && t.spent != nil && t.spent() {
		t.remove()
		t.remove = nil
	}
	return t.remove != nil
}

func (t *toggle) flip() (string, error) {
	was := t.on()
	t.mu.Lock()
	defer t.mu.Unlock()
	if was && t.remove != nil {
		t.remove()
		t.remove = nil
		return "", nil
	}
	remove, spent, err := t.set()
	if err != nil {
		return "", err
	}
	t.remove, t.spent = remove, spent
	return "", nil
}
