package commands_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// takesInputs has checkout's workflow given something.
func (h *house) takesInputs() *house {
	h.Helper()
	yaml := strings.Replace(houseYAML, "    repo: acme/checkout\n", `    repo: acme/checkout
    deploy: {inputs: {cluster: main, region: {options: [eu, us], required: true}, note: {pattern: "[^!]+"}}}
`, 1)
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(yaml), config.Options{})
	if len(mistakes) > 0 {
		h.Fatal(mistakes)
	}
	h.config = cfg
	h.repo.Commit("main", "ana", "Take inputs", githubtest.Files{".github/workflows/deploy.yml": strings.Replace(github.ExampleWorkflow,
		"    inputs:\n", "    inputs:\n      cluster: {type: string}\n      region: {type: string}\n      note: {type: string}\n", 1)})
	h.repo.Script("deploy.yml", githubtest.Script{Queue: time.Second, Step: time.Second})
	return h
}

func TestInputsAsPeopleMeetThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t).takesInputs().open()
	h.types(h.ana, "/deploy checkout staging regoin=eu")
	h.told(h.ana, `There is no input \"regoin\"; did you mean region?`)
	h.types(h.ana, "/deploy checkout staging region=mars")
	h.told(h.ana, `region must be eu or us, not \"mars\".`)
	h.types(h.ana, "/deploy why checkout staging")
	h.told(h.ana, "region is missing; it must be eu or us.")
	h.types(h.ana, `/deploy shop stg note="a <b> &amp; *c*" because of it`)
	h.presses(h.ana, h.told(h.ana, "Which `region`?"), "us")
	card := h.shown("✅ *checkout*")
	for _, words := range []string{"With `note=a &lt;b&gt; &amp;amp; *c*` `region=us`, and by the configuration `cluster=main`", "of it"} {
		if !strings.Contains(whole(card), words) {
			t.Errorf("the card lacks %q: %s", words, whole(card))
		}
	}
	if got := h.runs(1)[0].Inputs; got["region"] != "us" || got["note"] != "a <b> &amp; *c*" || got["cluster"] != "main" {
		t.Errorf("sent %v", got)
	}
	h.types(h.ana, "/deploy history checkout")
	h.told(h.ana, "with `note=a &lt;b&gt; &amp;amp; *c*` `region=us`")
}

func TestConfirmedInputsAreThoseThatRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t).takesInputs().open()
	h.types(h.ana, `/deploy checkout production region=EU note="two words"`)
	question := h.told(h.ana, "With `note=two words` `region=eu`, and by the configuration `cluster=main`")
	h.presses(h.ana, question, "Deploy to production")
	h.shown("✅ *checkout*")
	if got := h.runs(1)[0].Inputs; got["region"] != "eu" || got["note"] != "two words" {
		t.Errorf("sent %v", got)
	}
	h.types(h.ana, "/deploy checkout production region=us")
	again := h.told(h.ana, "already runs")
	h.presses(h.ana, again, "Deploy it again")
	h.wait("a second run", 200*time.Millisecond, func() bool { return len(h.github.Runs("acme/checkout")) == 2 })
	if got := h.runs(2)[1].Inputs; got["region"] != "us" {
		t.Errorf("sent %v again", got)
	}
}

func TestFormAsksForInputs(t *testing.T) {
	t.Parallel()
	h := newHouse(t).takesInputs().open()
	h.types(h.ana, "/deploy")
	h.until("the form is open", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	id := h.slack.Views(h.ana)[0].ID
	shows := func(words string) {
		t.Helper()
		h.until("the form shows "+words, func() bool {
			v, ok := h.slack.View(id)
			return ok && strings.Contains(string(v.Blocks)+v.Errors["input.note"], words)
		})
	}
	submit := func(values slacktest.Values) {
		t.Helper()
		values["service/v"], values["environment/v"], values["reason/v"] = []string{"checkout"}, []string{"staging"}, []string{"by form"}
		if _, err := h.slack.Submit(h.ana, id, values); err != nil {
			t.Fatal(err)
		}
	}
	shows("input.region") // checkout is the only service, so its inputs are asked for at once
	submit(slacktest.Values{"input.region/v": {"eu"}, "input.note/v": {"no!"}})
	shows("note must be a text that matches [^!]+")
	submit(slacktest.Values{"input.region/v": {"eu"}, "input.note/v": {"yes"}})
	h.shown("✅ *checkout*")
	if got := h.runs(1)[0].Inputs; got["region"] != "eu" || got["note"] != "yes" {
		t.Errorf("sent %v", got)
	}
}

// What looks like a secret is refused, and stands nowhere afterwards.
func TestSecretAsAnInput(t *testing.T) {
	t.Parallel()
	h := newHouse(t).takesInputs().open()
	h.types(h.ana, "/deploy checkout staging region=eu note=ghp_0123456789abcdef")
	m := h.told(h.ana, "note looks like a secret")
	if strings.Contains(whole(m)+h.everything(), "0123456789abcdef") {
		t.Errorf("it is repeated: %s", h.everything())
	}
	h.runs(0)
}

func TestLineKeepsInputs(t *testing.T) {
	t.Parallel()
	h := newHouse(t).takesInputs().open()
	h.locks("staging")
	h.types(h.ben, `/deploy checkout staging region=us note="x y"`)
	h.presses(h.ben, h.told(h.ben, "Not deployed: It is locked by"), "Tell me when it is free")
	h.told(h.ben, "nobody is before you")
	if _, err := h.deps.Delivery.Unlock(context.Background(), h.aboutLock("unlock", "staging")); err != nil {
		t.Fatal(err)
	}
	h.presses(h.ben, h.dm(h.ben, "with `note=x y` `region=us`"), "Deploy")
	h.wait("it is deployed", 200*time.Millisecond, func() bool { return len(h.github.Runs("acme/checkout")) == 1 })
	if got := h.runs(1)[0].Inputs; got["region"] != "us" || got["note"] != "x y" {
		t.Errorf("sent %v", got)
	}
}

// What a promotion gives is said anew: what is right for one environment may not be for the next.
func TestPromotionAsksForInputs(t *testing.T) {
	t.Parallel()
	h := newHouse(t).takesInputs().open()
	h.types(h.ana, "/deploy checkout staging region=eu note=first")
	h.shown("✅ *checkout*")
	h.types(h.ana, "/deploy promote checkout staging spare because it is good")
	h.presses(h.ana, h.told(h.ana, "Which `region`?"), "us")
	h.wait("it is promoted", 200*time.Millisecond, func() bool { return len(h.github.Runs("acme/checkout")) == 2 })
	runs := h.runs(2)
	if got := runs[1].Inputs; got["region"] != "us" || got["note"] != "" || got["sha"] != runs[0].Inputs["sha"] || got["environment"] != "spare" {
		t.Errorf("sent %v", got)
	}
	h.types(h.ana, "/deploy promote checkout to gated region=eu note=typed")
	if card := h.shown("*gated* waits for 1 check"); !strings.Contains(whole(card), "`note=typed` `region=eu`") {
		t.Errorf("the card does not say what was given: %s", whole(card))
	}
}
