package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"shipmate/config"
)

// testKinds accept what the sample company has, without a configuration.
var testKinds = map[string]Kind{
	"service": {Values: func(*config.Config, Args) []Value {
		return []Value{{Name: "checkout", Aliases: []string{"shop"}}, {Name: "catalog"}}
	}},
	"environment": {Ask: true, Values: func(_ *config.Config, a Args) []Value {
		if a["service"] == "catalog" {
			return []Value{{Name: "staging", Aliases: []string{"stg"}}}
		}
		return []Value{{Name: "staging", Aliases: []string{"stg"}}, {Name: "production", Aliases: []string{"prod"}}}
	}},
	"n": {Parse: func(w string) (string, error) {
		if strings.Trim(w, "0123456789") != "" || w == "" {
			return "", fmt.Errorf("%q is not a number", w)
		}
		return w, nil
	}},
}

func TestBind(t *testing.T) {
	t.Parallel()
	const deploy = "<service>[@ref] [to|on] <environment>"
	const pairs = deploy + " [<input>=<value>...] [because <reason>...]"
	cases := []struct {
		usage, line string
		want        Args
		fails       string // part of the sentence
		missing     string
	}{
		{usage: deploy, line: "checkout staging", want: Args{"service": "checkout", "environment": "staging"}},
		{usage: deploy, line: "Checkout to PROD", want: Args{"service": "checkout", "environment": "production"}},
		{usage: deploy, line: "shop on the stg please", want: Args{"service": "checkout", "environment": "staging"}, fails: "I do not understand `please`"},
		{usage: deploy, line: "shop in the stg", want: Args{"service": "checkout", "environment": "staging"}},
		{usage: deploy, line: "checkout@feature/x staging", want: Args{"service": "checkout", "ref": "feature/x", "environment": "staging"}},
		{usage: deploy, line: "checkout@ staging", fails: "After @ goes a branch, tag or commit."},
		{usage: deploy + " | #<n>", line: "checkout@", fails: "After @ goes a branch, tag or commit."},
		{usage: deploy, line: "@ staging", fails: "There is no service ;"},
		{usage: deploy, line: "chekout staging", fails: "There is no service `chekout`. Did you mean `checkout`?"},
		{usage: deploy, line: "checkout stagin", fails: "Did you mean `staging`?"},
		{usage: deploy, line: "catalog production", fails: "There is no environment `production`; there is `staging`."},
		{usage: deploy, line: "checkout", missing: "environment", fails: "Which environment?"},
		{usage: deploy, line: "", missing: "service", fails: "Which service?"},
		{usage: deploy, line: "checkout staging now", fails: "I do not understand `now`"},
		{usage: "[<service>] [<environment>] [<n>]", line: "", want: Args{}},
		{usage: "[<service>] [<environment>] [<n>]", line: "5", want: Args{"n": "5"}},
		{usage: "[<service>] [<environment>] [<n>]", line: "prod 5", want: Args{"environment": "production", "n": "5"}},
		{usage: "[<service>] [<environment>] [<n>]", line: "shop", want: Args{"service": "checkout"}},
		{usage: "[<service>] [<environment>] [<n>]", line: "shap", fails: "shap"},
		{usage: "<service> [for <n>] <reason>...", line: `shop for 2 database  "moves" now`, want: Args{"service": "checkout", "n": "2", "reason": `database "moves" now`}},
		{usage: "<service> [for <n>] <reason>...", line: "shop maintenance", want: Args{"service": "checkout", "reason": "maintenance"}},
		{usage: "<service> <reason>...", line: "shop: it is down", want: Args{"service": "checkout", "reason": "it is down"}},
		{usage: "<service> <reason>...", line: "shap: it is down", fails: "There is no service `shap:`"},
		{usage: "<service> <reason>...", line: `shop "all of it"`, want: Args{"service": "checkout", "reason": "all of it"}},
		{usage: "<service> (<n>) [because <reason>...]", line: "shop 3 because it is time", want: Args{"service": "checkout", "n": "3", "reason": "it is time"}},
		{usage: "<service>[@ref] | #<n> | <sha>", line: "#12", want: Args{"n": "12"}},
		{usage: "<service>[@ref] | #<n> | <sha>", line: "1a2b3c4", want: Args{"sha": "1a2b3c4"}},
		{usage: "<service>[@ref] | #<n> | <sha>", line: "shop@v1", want: Args{"service": "checkout", "ref": "v1"}},
		{usage: "<service>[#n] | <n> [<service>]", line: "shop#12", want: Args{"service": "checkout", "n": "12"}},
		{usage: "<service>[#n] | <n> [<service>]", line: "shop#x", fails: "is not a number"},
		{usage: "<service>[#n] | <n> [<service>]", line: "shop#", fails: "After # goes a n."},
		{usage: pairs, line: "shop prod", want: Args{"service": "checkout", "environment": "production"}},
		{usage: pairs, line: `shop prod region=eu note="a = b" odd= because x=y`, want: Args{"service": "checkout", "environment": "production",
			"input.region": "eu", "input.note": "a = b", "input.odd": "", "reason": "x=y"}},
		{usage: pairs, line: "shop prod region=<@U024BE7LH|ana>", want: Args{"service": "checkout", "environment": "production", "input.region": "<@U024BE7LH|ana>"}},
		{usage: pairs, line: "shop prod a=1 b=2 a=3", fails: "`a` is given twice."},
		{usage: pairs, line: "shop prod a=1 nothing b=2", fails: "I do not understand `nothing`"},
		{usage: pairs, line: "shop prod =eu", fails: "I do not understand `=eu`"},
		{usage: "<service> [<input>=<value>...] <reason>...", line: "shop a=1 a=2 down", fails: "`a` is given twice."},
		{usage: "<service> [<input>=<value>...] <reason>...", line: "shop a=1 it is down", want: Args{"service": "checkout", "input.a": "1", "reason": "it is down"}},
		{usage: "<person>", line: "<@U024BE7LH|ana>", want: Args{"person": "U024BE7LH"}},
		{usage: "[<command>...]", line: "", want: Args{}},
		{usage: "[<command>...]", line: "deploy cancel", want: Args{"command": "deploy cancel"}},
		{usage: "", line: "", want: Args{}},
		{usage: "", line: "x", fails: "I do not understand `x`"},
	}
	for _, c := range cases {
		t.Run(c.usage+" ← "+c.line, func(t *testing.T) {
			t.Parallel()
			u, err := parseUsage(c.usage)
			if err != nil {
				t.Fatal(err)
			}
			got, err := binder{kinds: testKinds}.bind(u, normalise(c.line))
			if c.fails == "" {
				if err != nil || !maps.Equal(got, c.want) {
					t.Fatalf("got %v, %v; want %v", got, err, c.want)
				}
				return
			}
			var be *bindError
			if !errors.As(err, &be) {
				t.Fatalf("got %v, %v; want an error with %q", got, err, c.fails)
			}
			if !strings.Contains(string(be.sentence), c.fails) || be.missing != c.missing {
				t.Fatalf("got %q missing %q; want %q missing %q", be.sentence, be.missing, c.fails, c.missing)
			}
		})
	}
}

// What fits nowhere is told in whole sentences, and of everything that could have stood there.
func TestWhatFitsNowhere(t *testing.T) {
	t.Parallel()
	kinds := maps.Clone(testKinds)
	kinds["member"] = Kind{Person: true}
	kinds["long"] = Kind{Parse: func(string) (string, error) { return "", errors.New("a shift lasts from a minute") }}
	nobodyHere := func(word string) (string, error) { return "", &nobody{Textf("Nobody here is called %s.", Code(word))} }
	for _, c := range []struct{ usage, line, want string }{
		{"[<service>] [<n>]", "zzz", "There is no service `zzz`; there is `checkout` and `catalog`. \"zzz\" is not a number."},
		{"[<service>] [<n>]", "chekout", "There is no service `chekout`. Did you mean `checkout`?"},
		{"[<n>] [<service>]", "chekout", "There is no service `chekout`. Did you mean `checkout`?"},
		{"[<service>] [<environment>] [<long>]", "7", "A shift lasts from a minute."},
		{"[for] <long>", "banana", "A shift lasts from a minute."},
		{"<service> <reason>... | <member> <reason>...", "@nobody it is down", "Nobody here is called `@nobody`."},
		{"<service> <reason>... | <member> <reason>...", "chekout it is down", "There is no service `chekout`. Did you mean `checkout`?"},
		{"[<service>] | <member>", "@nobody", "Nobody here is called `@nobody`."},
	} {
		u, err := parseUsage(c.usage)
		if err != nil {
			t.Fatal(err)
		}
		_, err = binder{kinds: kinds, person: nobodyHere}.bind(u, c.line)
		var be *bindError
		if !errors.As(err, &be) || string(be.sentence) != c.want {
			t.Errorf("%s ← %s: got %v, want %s", c.usage, c.line, err, c.want)
		}
	}
}

// A word that was perhaps meant to be another command is answered with where these are found.
func TestAnotherCommandWasMeant(t *testing.T) {
	t.Parallel()
	all := []Command{{Name: "shipmate help", Args: "[<command>...]", Short: "Help", Who: Everyone, Run: noRun},
		{Name: "boat", Args: "[#<n>]", Short: "Show", Who: Everyone, Run: noRun}, {Name: "boat sink", Args: "[#<n>]", Short: "Sink", Who: Everyone, Run: noRun}}
	r, err := newRouter(all, testKinds)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"boat foo":       "`<n>` begins with `#`. `/boat help` says what else there is. [Help]",
		"boat sinkk":     "`<n>` begins with `#`. Or `/boat sink`? []",
		"boat sink foo":  "`<n>` begins with `#`. []",
		"boat #1 afloat": "I do not understand `afloat`. []",
	} {
		c, rest, _ := r.find(line)
		_, err := r.bind(c, rest, nil, nil)
		var be *bindError
		if !errors.As(err, &be) {
			t.Fatalf("%s: %v", line, err)
		}
		m := r.unfit(c, rest, be)
		var labels []string
		for _, b := range m.Buttons {
			labels = append(labels, b.Label)
		}
		if got := fmt.Sprintf("%s %v", m.Text, labels); strings.ReplaceAll(got, "&lt;n&gt;", "<n>") != want {
			t.Errorf("%s is answered with %s, not %s", line, got, want)
		}
	}
}

func TestUsageIsRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"service", "<service", "[<service>", "<reason>... <more>", "<Service>", "[to on]", "<input>=<value>...", "[<input>=<value>]"} {
		if _, err := parseUsage(bad); err == nil {
			t.Errorf("usage %q was read", bad)
		}
	}
}

func FuzzBind(f *testing.F) {
	for _, line := range []string{"checkout staging", `shop "`, "<@U1|", "checkout@ staging", "“shop” — stg", "#", "<<>>\"\"", "a@<@|>", "shop stg a=b c=\"d e\" =f"} {
		f.Add(line)
	}
	u, err := parseUsage("<service>[@ref] [to|on] <environment> [<input>=<value>...] | #<n> | <sha> [for <n>] <reason>...")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args, err := binder{kinds: testKinds}.bind(u, normalise(line))
		if (err == nil) == (args == nil) {
			t.Fatalf("%q gives %v and %v", line, args, err)
		}
		for name := range args {
			if name == "" {
				t.Fatalf("%q binds a nameless argument", line)
			}
		}
	})
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"deploy\u00a0checkout  staging ":                        "deploy checkout staging",
		"lock “all” — ‘now’":                                    `lock "all" -- 'now'`,
		"see <https://example.com/a?b=1&amp;c=2>":               "see https://example.com/a?b=1&c=2",
		"see <http://checkout.example|checkout.example> please": "see checkout.example please",
		"mail <mailto:ana@acme.example|ana@acme.example>":       "mail ana@acme.example",
		"a &lt;b&gt; &amp;amp;":                                 "a <b> &amp;",
		"hi <@U024BE7LH|ana> in <#C1|ops>":                      "hi <@U024BE7LH|ana> in <#C1|ops>",
	} {
		if got := normalise(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"deploy", "oncall", "shipmate", "pipeline"}
	for word, want := range map[string]string{"deplyo": "deploy", "Pipe": "pipeline", "on": "oncall", "xyz": "", "shipmat": "shipmate"} {
		if got := strings.Join(nearest(word, known, 3), " "); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
}

func TestHelpIsUnderstoodInEveryWay(t *testing.T) {
	t.Parallel()
	help := Command{Name: "shipmate help", Args: "[<command>...]", Short: "Help", Who: Everyone, Run: noRun}
	ship := Command{Name: "ship", Args: "<service>", Short: "Ship", Who: Everyone, Run: noRun}
	r, err := newRouter([]Command{help, ship}, testKinds)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"": "shipmate help|", "shipmate": "shipmate help|", "help": "shipmate help|", "help ship": "shipmate help|ship",
		"ship help": "shipmate help|ship", "ship the boat, please help": "ship|the boat, please help", "ship --help": "shipmate help|ship", "shipmate help": "shipmate help|",
		"please ship checkout": "ship|checkout", "Hey, ship checkout": "ship|checkout", "ship checkout": "ship|checkout",
	} {
		c, rest, ok := r.find(line)
		if !ok || c.Name+"|"+rest != want {
			t.Errorf("%q is understood as %+v %q, want %s", line, c, rest, want)
		}
	}
}

func noRun(context.Context, Request) (Reply, error) { return Reply{}, nil }

func TestLineIsWhatFollowsTheMention(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"<@U0BOT> deploy":               "deploy",
		"hey <@U0BOT|shipmate>, deploy": "deploy",
		"I love <@U0BOT>":               "",
		"<@U0BOT>: ask <@U0ANA>":        "ask <@U0ANA>",
		"deploy checkout":               "deploy checkout",
	} {
		if got := cutMention(text, "U0BOT"); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
	if got := cutMention("<@U0ANA> is nice", ""); got != "is nice" {
		t.Errorf("before the name is known: %q", got)
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	all := []Command{{Name: "oncall", Also: []string{"who's on call", "who is on call"}, Args: "[for] [<service>]", Short: "Who", Who: Everyone, Run: noRun},
		{Name: "oncall next", Also: []string{"who is on call tomorrow"}, Args: "[for] [<service>]", Short: "Next", Who: Everyone, Run: noRun},
		{Name: "oncall am i", Also: []string{"am i on call"}, Short: "Me", Who: Everyone, Run: noRun}}
	r, err := newRouter(all, testKinds)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"who is on call?": "oncall ", "Who is on-call?": "oncall ", "who's on call for the checkout service": "oncall checkout",
		"who's the on-call engineer for checkout right now?": "I do not understand `now`.", "who is on call today": "oncall ",
		"who's on call for checkout?": "oncall checkout", "who is on call tomorrow?": "oncall next ", "who is on call tomorrow for the shop?": "oncall next checkout",
		"am I on-call?": "oncall am i ", "oncall shop?": "oncall checkout", "oncall for the checkout": "oncall checkout",
		"who broke it?":    "I do not know what `who broke it?` asks. This I know: Who is on call? → oncall Who is on call tomorrow? → oncall next",
		"am I the captain": "I do not know what `am I the captain` asks. This I know: Am i on call? → oncall am i",
	} {
		got := ""
		if c, rest, ok := r.find(line); ok {
			args, err := r.bind(c, rest, nil, nil)
			var be *bindError
			if got = c.Name + " " + args["service"]; errors.As(err, &be) {
				got = string(be.sentence)
			}
		} else {
			m := r.unknownLine(line)
			got = string(m.Text)
			for _, b := range m.Buttons {
				got += " " + b.Label + " → " + b.Line
			}
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}
