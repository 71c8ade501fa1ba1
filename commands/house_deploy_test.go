package commands_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/commands"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/integrations/github/githubtest"
)

func TestOneMessageTellsTheDeployment(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	sha := h.repo.Commit("main", "ana", "Add <!channel> basket", githubtest.Files{"a": "b"})
	h.types(h.ana, "/deploy checkout to STG because of the demo")
	h.shown("Deploying *checkout* `" + sha[:7] + "` to *staging*")
	card := h.shown("✅ *checkout* `" + sha[:7] + "` is on *staging*")
	for _, words := range []string{"Add &lt;!channel&gt; basket", "of the demo", "https://grafana.example/checkout", "View run", "<@" + h.ana + ">", "✅ <"} {
		if !strings.Contains(whole(card), words) {
			t.Errorf("the card lacks %q: %s", words, whole(card))
		}
	}
	if runs := h.runs(1); runs[0].Inputs["sha"] != sha {
		t.Errorf("deployed %s", runs[0].Inputs["sha"])
	}
	h.cards(1)
	if len(h.slack.Thread(h.payments, card.TS)) > 1 {
		t.Error("a quick success is told in the thread")
	}
}

func TestFailureIsLoudAndCanBeRetriedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy", "no such column"))
	h.open()
	h.types(h.ana, "/deploy checkout staging")
	card := h.shown("❌ Deploying")
	reply := h.threaded(card, "no such column")
	if !strings.Contains(whole(reply), "<@"+h.ana+">") || !reply.Broadcast {
		t.Errorf("the failure is not loud: %+v", reply)
	}
	h.presses(h.ben, card, "Retry")
	h.shown("✅ *checkout*")
	h.until("the old card tells it", func() bool {
		m, _ := h.slack.Message(h.payments, card.TS)
		return strings.Contains(whole(m), "<@"+h.ben+"> retried it")
	})
	h.types(h.ana, "/deploy retry "+h.oldest().ID)
	h.told(h.ana, "<@"+h.ben+"> already retried it")
	h.runs(2)
}

// oldest is the first deployment.
func (h *house) oldest() *delivery.Deployment {
	h.Helper()
	all, err := h.deps.Delivery.History(context.Background(), "", "", 50)
	if err != nil || len(all) == 0 {
		h.Fatalf("no deployments: %v", err)
	}
	return all[len(all)-1]
}

func TestSecondAskerIsToldWhoAndSinceWhen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.repo.ScriptNext("deploy.yml", githubtest.HangAt("deploy", "Deploy"))
	h.open()
	h.types(h.ana, "/deploy checkout staging")
	h.shown("🚀 Deploying")
	h.types(h.ben, "/deploy shop stg")
	told := h.told(h.ben, "<@"+h.ana+"> is already deploying *checkout*")
	h.presses(h.ben, told, "Stop it")
	h.told(h.ben, "GitHub is asked to stop")
	card := h.shown("was cancelled by <@" + h.ben + ">")
	h.threaded(card, "<@"+h.ana+">, deploying")
	h.types(h.cy, "/deploy cancel checkout staging")
	h.told(h.cy, "You may not do this")
	h.types(h.cy, "/deploy checkout staging")
	h.until("both are refused", func() bool { return len(h.slack.Ephemerals(h.cy, h.payments)) == 2 })
	h.runs(1)
}

func TestConfirmedCommitIsTheOneThatRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	sha := h.repo.Head("main")
	h.types(h.ana, "/deploy checkout production because we must & can")
	question := h.told(h.ana, "Deploy *checkout* `"+sha[:7]+"` to *production*?")
	h.repo.Commit("main", "ana", "Pushed while somebody thinks", githubtest.Files{"a": "b"})
	h.cards(0)
	h.presses(h.ana, question, "Deploy to production")
	card := h.shown("✅ *checkout* `" + sha[:7] + "` is on *production*")
	if !strings.Contains(whole(card), "we must &amp; can") {
		t.Errorf("the reason was lost: %s", whole(card))
	}
	if h.runs(1)[0].Inputs["sha"] != sha {
		t.Error("another commit was deployed")
	}
	h.types(h.ana, "/deploy checkout@"+sha[:7]+" production")
	again := h.told(h.ana, "already runs `"+sha[:7]+"` in *production*")
	h.presses(h.ana, again, "Deploy it again")
	h.wait("a second run", 200*time.Millisecond, func() bool { return len(h.github.Runs("acme/checkout")) == 2 })
	h.types(h.ana, "/deploy checkout production confirmed") // not a commit anybody was asked about
	h.told(h.ana, "already deploying")
}

func TestFormDeploys(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.ana, "/deploy")
	var form slacktest.View
	h.until("the form is open", func() bool {
		if open := h.slack.Views(h.ana); len(open) == 1 {
			form = open[0]
			return true
		}
		return false
	})
	submit := func(ref string) {
		t.Helper()
		values := slacktest.Values{"service/v": {"checkout"}, "environment/v": {"staging"}, "ref/v": {ref}, "reason/v": {"by form"}}
		if _, err := h.slack.Submit(h.ana, form.ID, values); err != nil {
			t.Fatal(err)
		}
	}
	says := func(words string) func() bool {
		return func() bool {
			v, ok := h.slack.View(form.ID)
			return ok && (strings.Contains(string(v.Blocks), words) || strings.Contains(v.Errors["ref"], words))
		}
	}
	submit("no spaces")
	h.until("the ref is refused at once", says("no spaces and none of"))
	submit("mian")
	h.until("GitHub knows no such ref", says("no branch, tag or commit `mian`"))
	submit("main")
	h.shown("✅ *checkout*")
	h.runs(1)
}

func TestReadsAndHelp(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.cy, "/deploy status")
	h.told(h.cy, "staging: not read here; `/deploy status checkout` asks GitHub")
	h.types(h.ana, "/deploy checkout staging")
	h.shown("✅ *checkout*")
	h.types(h.ana, "/deploy status shop")
	h.told(h.ana, "Begin (ana) · since")
	h.types(h.ana, "/deploy history checkout staging 5")
	h.told(h.ana, "The latest deployment of *checkout* to *staging*")
	h.types(h.ana, "/deploy history prod")
	h.told(h.ana, "No deployments to *production* yet.")
	h.types(h.ana, "/shipmate version")
	h.told(h.ana, "Shipmate `v0-test`")
	h.types(h.ana, "/shipmate help")
	h.told(h.ana, "Stop a deployment")
	h.types(h.ana, "/shipmate help deploy cancel")
	h.told(h.ana, "`/deploy cancel checkout staging`")
}

// The same reasons are told by why, by the refusal, and by nobody once they have cleared.
func TestWhyAndTheRefusalSayTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.cy, "/deploy why checkout on gated")
	h.told(h.cy, "cannot be deployed now")
	h.told(h.cy, "*gated* comes after *staging*, and this commit has not succeeded there.")
	h.types(h.ana, "/deploy checkout gated")
	h.told(h.ana, "Not deployed: *gated* comes after *staging*, and this commit has not succeeded there. Deploy it to staging first.")
	h.told(h.ana, "`ci/build` has not ended yet; pending is not passed.")
	h.types(h.ana, "/deploy checkout staging")
	h.shown("✅ *checkout*")
	h.repo.SetStatus("main", "ci/build", "success", "", "")
	h.types(h.ben, "/deploy why checkout gated")
	h.told(h.ben, "could be deployed now")
	h.types(h.ana, "/deploy checkout gated")
	h.shown("is on *gated*")
}

// A lock says who, since when, why and how to end it; its owner hears of it when somebody else does.
func TestLockAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.cy, "/deploy lock checkout staging for 2h because I can")
	h.told(h.cy, "You may not do this.")
	h.types(h.ana, "/deploy lock shop on stg for 2h the database moves")
	h.shown("🔒 *checkout* on *staging* is locked by <@" + h.ana + ">, until")
	h.types(h.ben, "/deploy checkout staging")
	h.told(h.ben, "Not deployed: It is locked by <@"+h.ana+"> since")
	h.told(h.ben, "`/deploy unlock checkout staging`")
	h.types(h.cy, "/deploy locks")
	h.told(h.cy, "*checkout* on *staging*: <@"+h.ana+"> since")
	h.types(h.ben, "/deploy unlock checkout staging")
	h.told(h.ben, "was locked by <@"+h.ana+">")
	h.types(h.ben, "/deploy unlock checkout staging anyway")
	h.shown("🔓 *checkout* on *staging* is unlocked by <@" + h.ben + ">.")
	h.find("a direct message to ana", "has ended your lock of *checkout* on *staging*", func() []slacktest.Message { return h.slack.DM(h.ana) })
	h.types(h.ben, "/deploy checkout staging")
	h.shown("✅ *checkout*")
	h.types(h.ben, "/deploy lock all staging for a look at the errors")
	h.told(h.ben, "You may not do this.")
	h.types(h.ana, "/deploy lock checkout production for a look at the errors")
	h.shown("until somebody unlocks it: a look at the errors")
}

// Every example of every command is understood.
func TestExamplesBind(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	want := 0
	for _, c := range commands.All(h.deps) {
		for _, example := range c.Examples {
			want++
			h.types(h.ana, "/"+example)
		}
	}
	seen := map[string]bot.Audit{}
	h.wait("all examples are answered", 100*time.Millisecond, func() bool {
		_ = bot.AuditLog(context.Background(), h.db, time.Time{}, func(a bot.Audit) bool {
			seen[a.Line] = a
			return true
		})
		return len(seen) == want
	})
	for line, a := range seen {
		if a.Decision != "allowed" {
			t.Errorf("%s: %s, %s", line, a.Decision, a.Outcome)
		}
	}
}

// Every command is run twice with the same request: the same records, the same answer.
func TestEveryCommandTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	decisions := h.withLog("[staging, ", "[staging, preview, ", "\n  gated:", "\n  preview: {}\n  gated:", "\nteams:", "\npostmortem: {repo: acme/decisions}\nteams:", "slack_group: payments-eng", "slack_group: payments-eng, digest: \"0 9 * * *\"")
	h.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	failed := h.deployed("production", delivery.Failed)
	h.ci(githubtest.FailAt("test", "Unit tests"))
	h.locks("gated")
	h.deployed("production", delivery.Succeeded)
	good, bad := h.twoGood()
	page, unsent := h.paged(incident.Triggered), h.paged(incident.NotSent)
	h.declared()
	learnt, private := h.over("learnt", true), h.over("private", true)
	args := map[string]bot.Args{
		"deploy":                {"service": "checkout", "environment": "staging"},
		"deploy promote":        {"service": "checkout", "source environment": "production", "environment": "preview"},
		"deploy cancel":         {"service": "checkout", "environment": "staging"},
		"deploy retry":          {"deployment": failed.ID, "answer": "confirmed"},
		"deploy rollback":       {"service": "checkout", "environment": "spare", "answer": "confirmed", "ref": good, "bad": "from:" + bad},
		"deploy unveto":         {"service": "checkout", "environment": "spare", "sha": bad[:7]},
		"deploy break-glass":    {"service": "checkout", "ref": h.repo.Head("main"), "environment": "sealed", "answer": "confirmed", "reason": "orders are lost"},
		"deploy review":         {"deployment": h.broken().ID},
		"deploy reviews":        {},
		"deploy approve":        {"deployment": h.waits("to be approved", "guarded", h.ben).ID},
		"deploy reject":         h.rejectable(),
		"deploy start":          {"deployment": h.startable()},
		"deploy why":            {"service": "checkout", "environment": "staging"},
		"deploy diff":           {"service": "checkout", "environment": "production"},
		"deploy where":          {"sha": h.repo.Head("main")},
		"deploy lock":           {"service or all": "checkout", "environment": "guarded", "reason": "a move"},
		"deploy unlock":         {"service or all": "checkout", "environment": "guarded"},
		"deploy locks":          {},
		"deploy freeze":         {"environment or all": "guarded", "duration": "2h", "reason": "a sale"},
		"deploy thaw":           {"environment or all": "guarded"},
		"deploy freezes":        {},
		"deploy keep":           {"service or all": "checkout", "environment": "gated"},
		"deploy notify":         {"service": "checkout", "environment": "gated", "ref": "main"},
		"deploy leave":          {"service": "checkout", "environment": "gated"},
		"deploy take":           {"service": "checkout", "environment": "staging"},
		"deploy status":         {},
		"deploy history":        {},
		"deploy stats":          {"service": "checkout", "environment": "staging"},
		"pipeline":              {"service": "checkout"},
		"pipeline watch":        {"service": "checkout"},
		"pipeline rerun":        {"jobs": "failed", "service": "checkout"},
		"oncall":                {"team or service": "payments"},
		"oncall am i":           {},
		"oncall next":           {},
		"page":                  {"team or service": "team:payments", "sure": "confirm:yes", "message": "it is slow"},
		"page ack":              {"page": page},
		"page escalate":         {"page": page},
		"page resolve":          {"page": page},
		"page add":              {"page": page, "person": h.ben},
		"page note":             {"page": page, "text": "it is the disk"},
		"page again":            {"page": unsent},
		"oncall take":           {"team or service": "payments", "long": "2h", "sure": "confirm:yes"},
		"oncall give":           {"team or service": "payments", "long": "2h", "sure": "confirm:yes", "person": h.ben},
		"oncall accept":         {"handover": h.offered()},
		"oncall decline":        {"handover": h.offered()},
		"oncall undo":           {"handover": h.offered()},
		"incident":              {"incident": "1"},
		"incident new":          {"title": "it is down", "severity": "sev3", "service": "checkout", "page": "yes"},
		"incident list":         {},
		"incident timeline":     {"incident": "1"},
		"incident stats":        {},
		"incident severity":     {"incident": "1", "severity": "sev2"},
		"incident status":       {"incident": "1", "status": "identified"},
		"incident reopen":       {"incident": "2", "reason": "it is back"},
		"incident role":         {"incident": "1", "role": "commander", "person": h.ben},
		"incident edit":         {"incident": "1", "title": "it is very slow", "severity": "sev2", "impact": "nobody can pay"},
		"incident impact":       {"incident": "1", "text": "nobody can pay"},
		"incident title":        {"incident": "1", "text": "cards fail"},
		"incident add":          {"incident": "1", "service": "checkout"},
		"incident remove":       {"incident": "1", "service": "checkout"},
		"incident note":         {"incident": "1", "text": "it is the disk"},
		"incident update":       {"incident": "1", "text": "it is the disk", "do": "a new one", "next": "1h"},
		"incident snooze":       {"incident": "1", "duration": "15m"},
		"postmortem":            {"incident": learnt},
		"postmortem due":        {},
		"postmortem list":       {},
		"postmortem items":      {"service": "checkout"},
		"postmortem new":        {"incident": h.over("to be learnt from", false)},
		"postmortem accept":     {"incident": learnt},
		"postmortem owner":      {"incident": learnt, "person": h.ben},
		"postmortem snooze":     {"incident": learnt, "duration": "1d"},
		"postmortem not-needed": {"incident": learnt, "reason": "a drill"},
		"postmortem done":       {"incident": private},
		"adr new":               {"title": "Use NATS"},
		"adr list":              {},
		"adr show":              {"decision": "1"},
		"adr toc":               {},
		"adr supersede":         {"decision": "1", "title": "Use ZeroMQ"},
		"adr accept":            {"decision": h.decides().ID},
		"adr reject":            {"decision": h.decides().ID, "why": "no"},
		"adr deprecate":         {"decision": "1"},
		"adr renumber":          {"decision": h.collides(decisions).ID},
		"adr adopt":             {"pull": h.byHand(decisions)},
		"adr up":                {"decision": h.decides().ID},
		"adr down":              {"decision": h.decides().ID, "why": "what of it?"},
		"adr unvote":            {"decision": h.liked().ID},
		"schedule":              {},
		"schedule show":         {"schedule": h.scheduled("deploy status").ID},
		"schedule add":          {"sure": "confirm:yes", "times": "0 9 * * *", "line": "deploy status"},
		"schedule pause":        {"schedule": h.scheduled("deploy locks").ID},
		"schedule resume":       {"schedule": h.paused("deploy freezes").ID},
		"schedule skip":         {"schedule": h.scheduled("deploy history").ID},
		"schedule run":          {"schedule": h.scheduled("deploy reviews").ID},
		"schedule remove":       {"schedule": h.scheduled("pipeline checkout").ID},
		"digest":                {},
		"digest preview":        {},
		"digest now":            {},
		"digest mute":           {"team": "payments", "duration": "1d"},
		"digest unmute":         {},
		"digest settings":       {"team": "payments", "sections": "deploys", "quiet": "nothing", "details": "button"},
		"digest details":        {"digest": h.toldDigest()},
		"debt":                  {},
		"debt add":              {"service": "checkout", "title": "Two clocks", "costs": "We pay twice.", "cost": "high", "size": "M"},
		"debt take":             {"item": "checkout#" + h.owes("Take me", "")},
		"debt snooze":           {"item": "checkout#" + h.owes("Snooze me", ""), "until": "6w", "reason": "after the move"},
		"debt drop":             {"item": "checkout#" + h.owes("Drop me", ""), "reason": "never"},
		"home":                  {},
		"shipmate notify":       {"topic": "postmortem", "choice": "off"},
		"shipmate link":         {"person": h.cy, "provider": "github", "login": "cy"},
		"shipmate unlink":       {"person": h.cy, "provider": "github"},
		"shipmate links":        {},
		"shipmate doctor":       {},
		"shipmate help":         {},
		"shipmate version":      {},
	}
	for _, c := range commands.All(h.deps) {
		given, ok := args[c.Name]
		if c.On&bot.Event != 0 {
			continue // events are run twice where they happen
		}
		if !ok {
			t.Errorf("%s is not run twice", c.Name)
			continue
		}
		req := bot.Request{ID: "req " + c.Name, At: h.clock.Now(), Via: bot.Slash, User: h.ana, Channel: h.payments, Args: given, Config: h.config}
		switch c.Name {
		case "deploy take":
			h.isFirst("staging")
		case "oncall take": // ana is on call already
			req.User = h.ben
		}
		first, err := c.Run(context.Background(), req)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		before := h.snapshot()
		second, err := c.Run(context.Background(), req)
		if err != nil || !same(t, first, second) {
			t.Errorf("%s answers %+v, then %+v, %v", c.Name, first, second, err)
		}
		if h.snapshot() != before {
			t.Errorf("%s wrote something the second time", c.Name)
		}
	}
}

// deployed deploys the newest commit, while no bot runs, and sees it end.
func (h *house) deployed(environment string, want delivery.State) *delivery.Deployment {
	h.Helper()
	d, err := h.deps.Delivery.Deploy(context.Background(), delivery.Want{Request: environment + string(want) + h.clock.Now().String(), At: h.clock.Now(),
		Service: "checkout", Environment: environment, By: h.ana})
	if err != nil {
		h.Fatal(err)
	}
	for next := h.clock.Now(); !next.IsZero(); {
		h.clock.Set(next)
		if next, err = h.deps.Delivery.Step(context.Background(), d.ID); err != nil {
			h.Fatal(err)
		}
	}
	if d, err = h.deps.Delivery.Deployment(context.Background(), d.ID); err != nil || d.State != want {
		h.Fatalf("it is %+v, %v", d, err)
	}
	return d
}

func same(t *testing.T, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(x) == string(y)
}

// snapshot is everything the domains have written, but for when they look again.
func (h *house) snapshot() string {
	h.Helper()
	var b strings.Builder
	for _, domain := range []string{"delivery/", "page/", "rota/", "handover/"} {
		h.each(domain, func(key string, value []byte) {
			if !strings.HasPrefix(key, domain+"due/") && !strings.HasPrefix(key, domain+"next/") {
				b.WriteString(key + "=" + string(value) + "\n")
			}
		})
	}
	return b.String()
}

func TestRetryWhereDeploymentsAreConfirmed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	h.open()
	h.types(h.ana, "/deploy checkout production")
	h.presses(h.ana, h.told(h.ana, "Deploy *checkout*"), "Deploy to production")
	card := h.shown("❌ Deploying")
	h.presses(h.ben, card, "Retry")
	question := h.told(h.ben, "Deploy *checkout*")
	h.runs(1)
	h.presses(h.ben, question, "Deploy to production")
	h.shown("✅ *checkout*")
	h.runs(2)
}

func TestMissingEnvironmentIsAskedFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.ana, "/deploy checkout")
	h.presses(h.ana, h.told(h.ana, "Which environment?"), "staging")
	h.shown("✅ *checkout*")
}

func TestWhoMayCancel(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.ana, "/deploy checkout staging")
	h.shown("Deploying *checkout*")
	id := h.oldest().ID
	h.types(h.cy, "/deploy cancel "+id)
	h.told(h.cy, "You may not do this")
	h.types(h.cy, "/deploy cancel d-aaaaaaaaaa") // who may not cancel learns nothing
	h.until("the second is refused too", func() bool {
		all := h.slack.Ephemerals(h.cy, h.payments)
		return len(all) == 2 && strings.Contains(whole(all[1]), "You may not do this")
	})
	h.types(h.ana, "/deploy cancel d-aaaaaaaaaa")
	h.told(h.ana, "There is no such deployment")
	h.types(h.ana, "/deploy cancel d-1")
	h.told(h.ana, "is not a deployment")
	if d := h.oldest(); d.Cancel != nil {
		t.Errorf("it was cancelled: %+v", d.Cancel)
	}
}

// A slow success is told in the thread, since nobody is notified of an edit.
func TestSlowSuccessMentionsTheAsker(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.repo.ScriptNext("deploy.yml", githubtest.Script{Step: time.Minute})
	h.open()
	h.types(h.ana, "/deploy checkout staging")
	h.wait("it has ended", time.Second, func() bool {
		all := h.slack.Messages(h.payments)
		return len(all) > 0 && strings.Contains(whole(all[0]), "✅ *checkout*")
	})
	h.threaded(h.cards(1)[0], "<@"+h.ana+">, *checkout*")
}

// What people asked for stays on the card when the line behind a question names the commit.
func TestQuestionsKeepTheRefAsAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.repo.Tag("v5.2.0", h.repo.Head("main"))
	h.open()
	h.types(h.ana, "/deploy checkout@v5.2.0 production because it is time")
	h.presses(h.ana, h.told(h.ana, "Deploy *checkout*"), "Deploy to production")
	card := h.shown("✅ *checkout*")
	if !strings.Contains(whole(card), "asked for `v5.2.0`") || !strings.Contains(whole(card), "it is time") {
		t.Errorf("the card: %s", whole(card))
	}
	h.types(h.ana, "/deploy checkout@v5.2.0 staging")
	h.wait("it is on staging", 200*time.Millisecond, func() bool { return len(h.saying("is on *staging*")) == 1 })
	h.types(h.ben, "/deploy checkout@v5.2.0 staging")
	h.presses(h.ben, h.told(h.ben, "already runs"), "Deploy it again")
	h.wait("it is on staging again", 200*time.Millisecond, func() bool { return len(h.saying("is on *staging*")) == 2 })
	for _, m := range h.saying("is on *staging*") {
		if !strings.Contains(whole(m), "asked for `v5.2.0`") {
			t.Errorf("the card: %s", whole(m))
		}
	}
}

// saying are the messages in #payments with the words.
func (h *house) saying(words string) []slacktest.Message {
	var out []slacktest.Message
	for _, m := range h.slack.Messages(h.payments) {
		if strings.Contains(whole(m), words) {
			out = append(out, m)
		}
	}
	return out
}

func TestRetryByPlace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	h.open()
	h.types(h.ana, "/deploy retry checkout staging")
	h.told(h.ana, "so there is none to retry")
	h.types(h.ana, "/deploy checkout staging")
	h.shown("❌ Deploying")
	h.types(h.cy, "/deploy retry checkout on staging")
	h.told(h.cy, "You may not do this")
	h.types(h.ben, "/deploy retry shop on stg")
	h.shown("✅ *checkout*")
	h.types(h.ana, "/deploy retry checkout staging")
	h.told(h.ana, "There is nothing to retry")
	h.types(h.ana, "/deploy history")
	h.told(h.ana, "asked by <@"+h.ben+">")
	h.runs(2)
}
