package commands_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
)

// openDecisions makes what keeps decisions; where they are kept only the tests of them configure.
func (h *house) openDecisions() {
	h.Helper()
	people := h.peopleOnCall()
	var err error
	h.deps.Decisions, err = adr.New(adr.Config{DB: h.db, GitHub: h.client, Clock: h.clock, Current: func() *config.Config { return h.config },
		People: adr.People{Name: people.Name, Zone: people.Zone, GitHub: people.GitHub, OnGitHub: people.OnGitHub,
			May: func(ctx context.Context, person string, of []config.Principal) (bool, error) {
				return h.built().IsOne(ctx, person, of)
			}},
		Tell: func(tx store.Tx, n adr.Note) error {
			if kind, id, ok := commands.DecisionReminder(n); ok {
				return h.built().Remind(tx, n.Person, kind, id)
			}
			return h.built().Tell(tx, n.Person, adr.Proposals, n.ID, commands.DecisionNote(n))
		},
		Say: func(tx store.Tx, channel, id string, n adr.Note) error {
			return h.built().Announce(tx, channel, id, commands.DecisionNews(n))
		}})
	if err != nil {
		h.Fatal(err)
	}
}

// withLog keeps decisions in acme/decisions, with one made already.
func (h *house) withLog(more ...string) *githubtest.Repo {
	h.Helper()
	h.configure(append([]string{"\nteams:", "\nadr: {repo: acme/decisions, announce: [\"#releases\"]}\nteams:"}, more...)...)
	repo := h.github.AddRepo("acme/decisions")
	repo.Commit("main", "ana", "Begin", githubtest.Files{"doc/adr/0001-use-kafka.md": string(adr.Draft{Number: 1, Title: "Use Kafka", Date: "2026-01-02",
		Context: "Queues.", Decision: "We use Kafka.", Consequences: "One cluster."}.Render(""))})
	return repo
}

// From a form to the announcement of a decision, as people meet it.
func TestADecisionAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	repo := h.withLog()
	h.open()
	h.types(h.ana, "/adr new")
	h.until("the form is open", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	v := h.slack.Views(h.ana)[0]
	if _, err := h.slack.Submit(h.ana, v.ID, slacktest.Values{"title/v": {"Use NATS"}, "context/v": {"Kafka hurts."}, "decides/v": {"We use NATS.\n## Status\nnot <b>this</b>"},
		"consequences/v": {"Less to run."}, "supersedes/v": {"1"}, "services/v": {"checkout"}}); err != nil {
		t.Fatal(err)
	}
	card := h.shown("*ADR-2*: Use NATS · *proposed*")
	if text := whole(card); !strings.Contains(text, "Supersedes *ADR-1*: Use Kafka") || !strings.Contains(text, "0 of 2") {
		t.Errorf("the card: %s", text)
	}
	h.presses(h.ben, card, "👎")
	h.until("the form is open", func() bool { return len(h.slack.Views(h.ben)) == 1 })
	if _, err := h.slack.Submit(h.ben, h.slack.Views(h.ben)[0].ID, slacktest.Values{"why/v": {"what of the old queues?"}}); err != nil {
		t.Fatal(err)
	}
	card = h.shown("holds it: what of the old queues?")
	h.threaded(card, "what do you say?")
	h.presses(h.ben, h.shown("*ADR-2*: Use NATS"), "👍")
	h.shown("1 of 2")
	h.types(h.cy, "/adr up #2")
	h.shown("*ADR-2*: Use NATS · *accepted*")
	h.find("it is announced", "It supersedes *ADR-1*: Use Kafka", func() []slacktest.Message { return h.slack.Messages(h.releases) })
	h.find("its author is told", "*accepted*", func() []slacktest.Message { return h.slack.DM(h.ana) })
	content, _ := repo.File("main", "doc/adr/0001-use-kafka.md")
	if r := adr.Parse("0001-use-kafka.md", []byte(content)); r.Status != adr.StatusSuperseded {
		t.Errorf("%+v", r)
	}
	content, _ = repo.File("main", "doc/adr/0002-use-nats.md")
	if r := adr.Parse("0002-use-nats.md", []byte(content)); r.Status != adr.StatusAccepted || !strings.Contains(r.Section("Decision"), "not <b>this</b>") {
		t.Errorf("%+v", r)
	}
	h.passes(time.Minute)
	h.types(h.ana, "/adr list")
	h.told(h.ana, "Use NATS")
	h.types(h.ana, "/adr list superseded")
	h.told(h.ana, "1 superseded decision in")
	h.types(h.ana, "/adr search cluster")
	h.told(h.ana, "1 decision of *acme/decisions* with *cluster*")
	h.types(h.ana, "/adr show #1")
	h.told(h.ana, "Superseded by *ADR-2*")
	h.types(h.ana, "/adr toc")
	h.told(h.ana, "2 decisions of *acme/decisions*")
}

func TestWhatPeopleTypeWrongAboutDecisions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withLog()
	h.open()
	h.types(h.ana, "/adr new Use NATS")
	h.shown("*ADR-2*: Use NATS · *draft*")
	h.types(h.ben, "/adr list nats")
	h.told(h.ben, "*Proposed*")
	h.types(h.ben, "/adr list proposed")
	h.told(h.ben, "1 proposed decision in")
	h.github.Repo("acme/decisions").OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "By hand", Files: githubtest.Files{"doc/adr/0090-by-hand.md": "# 90. By hand\n"}})
	h.types(h.ben, "/adr show #90")
	h.told(h.ben, "*ADR-90* is proposed in")
	for line, words := range map[string]string{
		"/adr show #7":                 "There is no decision *ADR-7* here",
		"/adr shwo 1":                  "No decision of *acme/decisions* has *shwo 1* in it",
		"/adr show":                    "Which decision?",
		"/adr show kafka":              "is not the number of a decision",
		"/adr up #1":                   "*ADR-1* is not being proposed: it is decided",
		"/adr up #2":                   "It is your own proposal",
		"/adr accept #1":               "*ADR-1* is accepted",
		"/adr deprecate #2":            "It is not decided yet",
		"/adr supersede #9 Use ZeroMQ": "There is no decision *ADR-9* here",
		"/adr renumber #2":             "Its number is its own",
		"/adr adopt 7":                 "No open pull request #7",
		"/adr list in mobile":          "No decision of *acme/decisions* has *in mobile* in it",
		"/adr new !!!":                 "That title cannot stand in a record",
		"/adr unvote #2":               "You gave no thumb here",
		"/adr reject #1 record no":     "*ADR-1* is accepted",
	} {
		h.types(h.ana, line)
		h.told(h.ana, words)
	}
}

// While GitHub is down, people read what was known, and as of when.
func TestDecisionsWhileGitHubIsDown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withLog()
	h.open()
	h.types(h.ana, "/adr list")
	h.told(h.ana, "Use Kafka")
	h.github.Down(true)
	h.clock.Advance(time.Minute)
	for line, words := range map[string]string{"/adr search cluster": "As of <!date^", "/adr toc": "As of <!date^", "/adr show #1": "GitHub has a problem"} {
		h.types(h.ben, line)
		h.told(h.ben, words)
	}
}

func TestDecisionsAreKeptNowhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.open()
	for _, line := range []string{"/adr list", "/adr new Use NATS", "/adr toc", "/adr show #1"} {
		h.types(h.ana, line)
		h.told(h.ana, "Decisions are kept nowhere yet")
	}
}

// A proposal that was made before the bot died is not made again when its request runs again.
func TestProposingTwiceIsProposingOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withLog()
	find := func(name string) bot.Command {
		for _, c := range commands.All(h.deps) {
			if c.Name == name {
				return c
			}
		}
		t.Fatalf("no %s", name)
		return bot.Command{}
	}
	req := bot.Request{ID: "one-request", At: h.clock.Now(), User: h.ana, Channel: h.payments, Config: h.config, Args: bot.Args{"title": "Use NATS"}}
	propose := find("adr new")
	if _, made, err := propose.Made(t.Context(), req); made || err != nil {
		t.Fatal(made, err)
	}
	first, err := propose.Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	again, made, err := propose.Made(t.Context(), req)
	if err != nil || !made || again.Card == nil || *again.Card != *first.Card {
		t.Errorf("%+v, %v, %v", again, made, err)
	}
	vote := find("adr up")
	req.ID, req.User, req.Args = "a-vote", h.ben, bot.Args{"decision": first.Card.ID}
	h.open()
	h.wait("it is open", time.Second, func() bool {
		p, err := h.deps.Decisions.Proposal(t.Context(), first.Card.ID)
		return err == nil && p.State == adr.Open
	})
	if _, err := vote.Run(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if _, made, err := vote.Made(t.Context(), req); !made || err != nil {
		t.Error(made, err)
	}
}

// decides is a proposal of Ben's whose pull request is open, while no bot runs.
func (h *house) decides() *adr.Proposal {
	h.Helper()
	h.clock.Advance(time.Second)
	p, err := h.deps.Decisions.Propose(h.Context(), adr.Want{Request: "decides " + h.clock.Now().String(), At: h.clock.Now(), By: h.ben, Channel: h.payments,
		Title: "Use it from " + h.clock.Now().Format("15 04 05"), Decision: "We do."})
	for err == nil && p.State == adr.Numbering {
		if _, err = h.deps.Decisions.StepProposal(h.Context(), p.ID); err == nil {
			p, err = h.deps.Decisions.Proposal(h.Context(), p.ID)
		}
	}
	if err != nil {
		h.Fatal(err)
	}
	return p
}

// collides is one whose number somebody else's record got.
func (h *house) collides(repo *githubtest.Repo) *adr.Proposal {
	h.Helper()
	p := h.decides()
	repo.Commit("main", "ana", "By hand", githubtest.Files{"doc/adr/" + adr.FileName(p.Number, "Mine"): "# Mine\n"})
	h.clock.Advance(time.Minute)
	if _, err := h.deps.Decisions.StepLog(h.Context(), "main"); err != nil {
		h.Fatal(err)
	}
	return p
}

// byHand is the number of a pull request with a record that nobody asked Shipmate for.
func (h *house) byHand(repo *githubtest.Repo) string {
	h.Helper()
	if _, err := h.deps.Links.Set(h.Context(), bot.Naming{Proven: true, At: h.clock.Now(), Person: h.ana, Service: bot.OnGitHub, Login: "ana", By: h.cy}); err != nil {
		h.Fatal(err)
	}
	n := repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "By hand", Files: githubtest.Files{"doc/adr/0090-by-hand.md": "# 90. By hand\n"}})
	return strconv.Itoa(n)
}

// liked is one to which Ana gave a thumb.
func (h *house) liked() *adr.Proposal {
	h.Helper()
	p := h.decides()
	if _, err := h.deps.Decisions.Vote(h.Context(), adr.VoteWant{Request: "likes", At: h.clock.Now(), By: h.ana, Proposal: p.ID, Thumb: adr.Up}); err != nil {
		h.Fatal(err)
	}
	return p
}

// A line that does not say what is decided opens the form, with what it does say; what was typed is answered with whose thumb it has.
func TestLinesAboutDecisionsThatOpenTheForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withLog()
	h.open()
	h.types(h.ana, "/adr supersede")
	h.until("the form is open", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	if _, err := h.slack.Submit(h.ana, h.slack.Views(h.ana)[0].ID, slacktest.Values{"title/v": {"Use NATS"}, "context/v": {"Kafka hurts."}, "decides/v": {"We use NATS."},
		"consequences/v": {"Less to run."}, "supersedes/v": {"#1"}}); err != nil {
		t.Fatal(err)
	}
	h.shown("Supersedes *ADR-1*: Use Kafka")
	h.types(h.ben, "/adr supersede #1")
	h.until("the form is open", func() bool { return len(h.slack.Views(h.ben)) == 1 })
	v := h.slack.Views(h.ben)[0]
	if v.Title != "Supersede ADR-1" {
		t.Errorf("it is called %q", v.Title)
	}
	if _, err := h.slack.Submit(h.ben, v.ID, slacktest.Values{"title/v": {"Use ZeroMQ"}, "context/v": {"Kafka hurts."}, "decides/v": {"We use ZeroMQ."}, "consequences/v": {"Nothing to run."}}); err != nil {
		t.Fatal(err)
	}
	h.shown("*ADR-3*: Use ZeroMQ")
	h.types(h.ben, "/adr up #2")
	h.told(h.ben, "It has your 👍")
	h.types(h.ana, "/adr deprecate #1")
	h.shown("to be *deprecated*")
	h.types(h.ben, "/adr deprecate #1")
	h.told(h.ben, "That is being proposed already")
	// What is asked for in private is for others to decide.
	if _, err := h.slack.Slash(h.ben, h.slack.DMChannel(h.ben), "/adr new Drop Kafka"); err != nil {
		t.Fatal(err)
	}
	h.find("it is shown where decisions are announced", "Drop Kafka", func() []slacktest.Message { return h.slack.Messages(h.releases) })
	// The button on the card asks what stays of it, and why.
	m := h.shown("*ADR-2*: Use NATS · *proposed*")
	h.presses(h.ana, m, "Reject…")
	h.until("the form is open", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	if _, err := h.slack.Submit(h.ana, h.slack.Views(h.ana)[0].ID, slacktest.Values{"outcome/v": {"close"}, "why/v": {"Asked twice."}}); err != nil {
		t.Fatal(err)
	}
	h.shown("closed without a decision")
	// What was written into a form that is refused is given back.
	h.types(h.ben, "/adr new")
	h.until("the form is open", func() bool { return len(h.slack.Views(h.ben)) == 1 })
	if _, err := h.slack.Submit(h.ben, h.slack.Views(h.ben)[0].ID, slacktest.Values{"title/v": {"Use ZeroMQ"}, "context/v": {strings.Repeat("Long. ", 499)}, "decides/v": {"We use ZeroMQ."},
		"consequences/v": {"Nothing to run."}, "supersedes/v": {"99"}}); err != nil {
		t.Fatal(err)
	}
	if m := h.told(h.ben, "There is no decision *ADR-99*"); !strings.Contains(whole(m), "Nothing to run.") || !strings.Contains(whole(m), "Long. Long.") {
		t.Errorf("what was written is lost: %s", whole(m))
	}
}

// A form that was opened in a log's channel is for that log, unless another is chosen.
func TestTheFormIsForTheChannelsLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withLog(`announce: ["#releases"]}`, `announce: ["#releases"], logs: {pay: {dir: docs/pay, channels: ["#payments"]}}}`)
	h.open()
	h.types(h.ana, "/adr new")
	h.until("the form is open", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	if _, err := h.slack.Submit(h.ana, h.slack.Views(h.ana)[0].ID, slacktest.Values{"title/v": {"Use NATS"}, "context/v": {"Kafka hurts."}, "decides/v": {"We use NATS."},
		"consequences/v": {"Less to run."}}); err != nil {
		t.Fatal(err)
	}
	h.shown("*ADR-1*: Use NATS · *proposed*")
}

// A log that is not there is no title; one that a line names is meant wherever it is typed.
func TestLogsThatALineNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withLog(`announce: ["#releases"]}`, `announce: ["#releases"], dir: doc/adr, logs: {pay: {dir: docs/pay}}}`)
	h.open()
	h.types(h.ana, "/adr new in pya use less")
	h.told(h.ana, "There is no decision log `pya`")
	if pulls := h.github.Pulls("acme/decisions"); len(pulls) != 0 {
		t.Errorf("%d pull requests", len(pulls))
	}
	h.types(h.ana, "/adr new in pay use less")
	h.shown("*ADR-1*: use less · *draft*")
	h.types(h.ben, "/adr up #1 in pay")
	h.told(h.ben, "It has your 👍.")
	h.types(h.ben, "/adr reject #1 in pay close not now")
	reply := h.told(h.ben, "being closed by")
	if strings.Contains(whole(reply), "It has your") {
		t.Errorf("a rejection says what one's thumb is: %s", whole(reply))
	}
	h.shown("*ADR-1*: use less · closed without a decision")
}
