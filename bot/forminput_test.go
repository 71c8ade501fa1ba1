package bot

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"shipmate/bot/slacktest"
)

// incidentForm asks for everything a field can be.
func incidentForm(r FormRequest) Form {
	title := ""
	if r.Message != nil {
		title = r.Message.Text
	}
	return Form{Title: "Declare an incident", Submit: "Declare", Fields: []Input{
		{Name: "title", Label: "What is wrong?", Initial: title, MaxLength: 100},
		{Name: "severity", Label: "How bad?", Options: []Option{{Value: "sev1", Label: "Sev 1", Description: strings.Repeat("Everybody is hit. ", 9)}, {Value: "sev2"}}, Initial: "sev2"},
		{Name: "lead", Label: "Who leads?", People: 1, Initial: r.User},
		{Name: "others", Label: "Who helps?", People: 2, Optional: true},
		{Name: "private", Label: "Who may see it?", Box: "Only who is invited", Initial: r.Args["private"]},
	}}
}

func declares(h *harness, got *[]Request) *harness {
	all := h.commands
	h.commands = func(h *harness) []Command {
		return append(all(h), Command{Name: "declare", Args: "[<title>...]", Short: "Declare an incident", Who: Everyone,
			On: Typed | Press | Submit | MessageShortcut, Shortcut: "Declare an incident", Form: incidentForm, Run: h.notes(got)})
	}
	app := h.slack.App()
	app.Shortcuts = append(app.Shortcuts, slacktest.AppShortcut{Name: "Declare an incident", CallbackID: "declare", Message: true})
	app.Commands = append(app.Commands, slacktest.Command{Name: "/declare", Escape: true})
	h.slack.SetApp(app)
	return h
}

// form waits for the person's form.
func (h *harness) form(user string) slacktest.View {
	h.t.Helper()
	h.until("a form is open", func() bool { return len(h.slack.Views(user)) == 1 })
	return h.slack.Views(user)[0]
}

func TestAShortcutOpensAFormFilledInFromItsMessage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var got []Request
	declares(h, &got).start()
	said, err := h.slack.Say(h.ana, h.payments, "", "checkout & basket "+strings.Repeat("are down ", 30))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.slack.Shortcut(h.ben, "declare", h.payments, said.TS); err != nil {
		t.Fatal(err)
	}
	v := h.form(h.ben)
	if s := string(v.State); !strings.Contains(s, "checkout") || !strings.Contains(s, `"selected_user":"`+h.ben+`"`) || !strings.Contains(s, "…") {
		t.Errorf("it starts with %s", s)
	}
	if b := string(v.Blocks); !strings.Contains(b, "Everybody is hit.") || !strings.Contains(b, "Only who is invited") {
		t.Errorf("it shows %s", b)
	}
	submit := func(values slacktest.Values) {
		t.Helper()
		if _, err := h.slack.Submit(h.ben, v.ID, values); err != nil {
			t.Fatal(err)
		}
	}
	submit(slacktest.Values{"title/v": {"Checkout is down"}, "lead/v": {h.ana}, "others/v": {h.dev, h.ben}, "private/v": {"yes"}})
	h.until("it runs", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(got) == 1 })
	r := got[0]
	want := Args{"title": "Checkout is down", "severity": "sev2", "lead": h.ana, "others": h.dev + "," + h.ben, "private": "yes"}
	gave, _ := json.Marshal(r.Args)
	if wanted, _ := json.Marshal(want); string(gave) != string(wanted) {
		t.Errorf("filled in %s", gave)
	}
	if l := r.Args.List("others"); len(l) != 2 || l[1] != h.ben || len(r.Args.List("nothing")) != 0 {
		t.Errorf("helpers: %v", l)
	}
	if r.Via != Submit || r.Message == nil || r.Message.TS != said.TS || r.Message.User != h.ana || r.Channel != h.payments {
		t.Errorf("ran as %+v about %+v", r, r.Message)
	}
	h.unproblematic()
}

func TestWhatIsLeftOutOfAFormIsMissing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var got []Request
	declares(h, &got).start()
	h.types(h.ben, h.payments, "/declare")
	v := h.form(h.ben)
	if _, err := h.slack.Submit(h.ben, v.ID, slacktest.Values{"title/v": {"x"}, "others/v": {h.ana, h.ben, h.dev}}); err == nil {
		t.Error("three people where two may be")
	}
	if _, err := h.slack.Submit(h.ben, v.ID, slacktest.Values{"title/v": {"x"}}); err != nil {
		t.Fatal(err)
	}
	h.until("it runs", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(got) == 1 })
	if r := got[0]; len(r.Args) != 3 || r.Args["lead"] != h.ben || r.Message != nil {
		t.Errorf("filled in %v about %v", r.Args, r.Message)
	}
	h.unproblematic()
}

func TestAShortcutWhoseFormComesTooLateIsToBeUsedAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var got []Request
	declares(h, &got).start()
	said, err := h.slack.Say(h.ana, h.payments, "", "it broke")
	if err != nil {
		t.Fatal(err)
	}
	h.inject(slacktest.Fault{Method: "views.open", Kind: slacktest.Refuse, Error: "expired_trigger_id"})
	if _, err := h.slack.Shortcut(h.ben, "declare", h.payments, said.TS); err != nil {
		t.Fatal(err)
	}
	if m := h.told(h.ben, h.payments, "use the shortcut again"); strings.Contains(string(m.Blocks), "button") {
		t.Error("a button is offered that would not know the message")
	}
}

func TestPeopleAreHeldAgainstTheForm(t *testing.T) {
	t.Parallel()
	f := Form{Fields: []Input{{Name: "who", People: 1}, {Name: "box", Box: "Yes"}}}
	if wrong := f.check(Args{"who": "U1,U2"}); wrong["who"] == "" || wrong["box"] != "" {
		t.Errorf("%v", wrong)
	}
	if wrong := f.check(Args{"who": "U1"}); len(wrong) != 0 {
		t.Errorf("%v", wrong)
	}
	e := input(Input{Name: "who", Label: "Who?", People: 2, Initial: "U1,U2,U3"})
	if text, _ := json.Marshal(e); strings.Contains(string(text), "U3") || !strings.Contains(string(text), `"initial_users":["U1","U2"]`) {
		t.Errorf("%s", text)
	}
	ticked := input(Input{Name: "box", Label: "Box", Box: "Yes", Initial: "yes"})
	if text, _ := json.Marshal(ticked); !ticked.Optional || !strings.Contains(string(text), "initial_options") {
		t.Errorf("%s", text)
	}
}

func TestSeveralOptionsAreChosenInOneField(t *testing.T) {
	t.Parallel()
	services := Input{Name: "services", Label: "Services", Several: 2, Optional: true, Initial: "b,gone", Options: []Option{{Value: "a"}, {Value: "b"}, {Value: "c"}}}
	h := newHarness(t)
	var got []Request
	all := h.commands
	h.commands = func(h *harness) []Command {
		return append(all(h), Command{Name: "declare", Short: "Declare an incident", Who: Everyone, On: Typed | Submit,
			Form: func(FormRequest) Form { return Form{Title: "Declare", Submit: "Declare", Fields: []Input{services}} }, Run: h.notes(&got)})
	}
	app := h.slack.App()
	app.Commands = append(app.Commands, slacktest.Command{Name: "/declare"})
	h.slack.SetApp(app)
	h.start()
	h.types(h.ben, h.payments, "/declare")
	v := h.form(h.ben)
	if s := string(v.State); !strings.Contains(s, `"value":"b"`) || strings.Contains(s, "gone") {
		t.Errorf("it starts with %s", s)
	}
	if _, err := h.slack.Submit(h.ben, v.ID, slacktest.Values{"services/v": {"a", "c"}}); err != nil {
		t.Fatal(err)
	}
	h.until("it runs", func() bool { h.mu.Lock(); defer h.mu.Unlock(); return len(got) == 1 })
	if s := got[0].Args.List("services"); !slices.Equal(s, []string{"a", "c"}) {
		t.Errorf("chosen: %q", s)
	}
	f := Form{Fields: []Input{services}}
	for values, fine := range map[string]bool{"": true, "a": true, "a,c": true, "a,b,c": false, "a,gone": false} {
		if wrong := f.check(Args{"services": values}); (len(wrong) == 0) != fine {
			t.Errorf("%q: %v", values, wrong)
		}
	}
	for n := range 101 {
		services.Options = append(services.Options, Option{Value: "s" + strconv.Itoa(n)})
	}
	if text, _ := json.Marshal(input(services)); !strings.Contains(string(text), "multi_external_select") {
		t.Errorf("%s", text)
	}
}
