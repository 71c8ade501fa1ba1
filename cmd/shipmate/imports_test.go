package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// anything lets a package import every other one.
const anything = "*"

// mayImport says which of our packages the code of each may import, by path below the module. A package without a line
// of its own goes by that of the folder above it. Data goes from cmd down to store, and imports go the same way.
var mayImport = map[string][]string{
	"cmd":      {anything},
	"commands": {"bot", "chart", "delivery", "incident", "adr", "schedule", "config", "clock"},

	"bot":           {"store", "work", "config", "clock"},
	"bot/slacktest": {"clock"},

	"delivery": {"integrations/github", "integrations/probe", "work", "store", "config", "clock"},
	"incident": {"integrations/github", "integrations/pagerduty", "work", "store", "config", "clock"},
	"adr":      {"integrations/github", "work", "store", "config", "clock"},
	"schedule": {"integrations/github", "work", "store", "config", "clock"},

	"sandbox": {"bot/slacktest", "integrations/github/githubtest", "integrations/pagerduty/pagerdutytest", "config", "clock"},

	"integrations/github":    {"clock"},
	"integrations/pagerduty": {"clock"},
	"integrations/probe":     {},

	"chart":           {},
	"work":            {"store", "clock"},
	"store":           {"clock"},
	"store/storetest": {"store", "clock"},
	"config":          {"clock"},
	"clock":           {},
	"docs":            {}, // has tests only
}

// testsMayImport adds to what tests may import by the rule in allowedInTests.
var testsMayImport = map[string][]string{
	"docs": {"config"},
}

// onlyIn says which of our folders may import somebody else's packages, tests included: what they are used for has one
// place each.
var onlyIn = map[string][]string{
	"github.com/slack-go/slack":         {"bot", "sandbox", "cmd"},
	"github.com/google/go-github":       {"integrations/github"},
	"github.com/PagerDuty/go-pagerduty": {"integrations/pagerduty"},
	"go.etcd.io/bbolt":                  {"store"},
	"gonum.org/v1/plot":                 {"chart"},
	"github.com/robfig/cron":            {"clock"},
	"github.com/spf13/cobra":            {"cmd"},
	"github.com/chromedp":               {"sandbox", "docs"},
	"github.com/getkin/kin-openapi":     {"integrations"},
	"github.com/santhosh-tekuri":        {"cmd", "config", "bot"},
}

// listed is what go list tells of a package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	packages := ourPackages(t)
	if len(packages) < 10 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, wrong := range wrongImports(packages) {
		t.Error(wrong)
	}
}

// The rules must notice what they are there for.
func TestWrongImportsAreNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		inTests  bool
		wrong    bool
	}{
		{from: "delivery", to: "shipmate/incident", wrong: true},
		{from: "delivery", to: "shipmate/bot", wrong: true},
		{from: "delivery", to: "shipmate/commands", wrong: true},
		{from: "delivery", to: "shipmate/bot", inTests: true, wrong: true},
		{from: "delivery", to: "shipmate/integrations/github/githubtest", wrong: true},
		{from: "delivery", to: "shipmate/integrations/github/githubtest", inTests: true},
		{from: "delivery", to: "shipmate/integrations/github"},
		{from: "incident", to: "shipmate/integrations/github"},
		{from: "bot", to: "shipmate/delivery", wrong: true},
		{from: "bot", to: "shipmate/bot/slacktest", wrong: true},
		{from: "bot", to: "shipmate/bot/slacktest", inTests: true},
		{from: "bot/slacktest", to: "shipmate/bot", wrong: true},
		{from: "bot/forms", to: "shipmate/commands", wrong: true},
		{from: "commands", to: "shipmate/store", wrong: true},
		{from: "commands", to: "shipmate/store", inTests: true},
		{from: "commands", to: "shipmate/integrations/github", wrong: true},
		{from: "sandbox", to: "shipmate/bot", wrong: true},
		{from: "integrations/github", to: "shipmate/config", wrong: true},
		{from: "integrations/github/githubtest", to: "shipmate/integrations/github", wrong: true},
		{from: "store", to: "shipmate/work", wrong: true},
		{from: "work", to: "shipmate/config", wrong: true},
		{from: "config", to: "shipmate/store", wrong: true},
		{from: "clock", to: "shipmate/store", wrong: true},
		{from: "util", to: "strings", wrong: true},
		{from: "cmd/shipmate", to: "shipmate/sandbox"},
		{from: "commands", to: "github.com/slack-go/slack", wrong: true},
		{from: "commands", to: "github.com/slack-go/slack", inTests: true, wrong: true},
		{from: "bot/slacktest", to: "github.com/slack-go/slack/socketmode"},
		{from: "delivery", to: "github.com/google/go-github/v60/github", wrong: true},
		{from: "work", to: "go.etcd.io/bbolt", wrong: true},
		{from: "store", to: "go.etcd.io/bbolt/errors"},
	} {
		p := listed{ImportPath: "shipmate/" + c.from}
		if c.inTests {
			p.XTestImports = []string{c.to}
		} else {
			p.Imports = []string{c.to}
		}
		if found := wrongImports([]listed{p}); (len(found) > 0) != c.wrong {
			t.Errorf("%s importing %s (in tests: %t): found %q", c.from, c.to, c.inTests, found)
		}
	}
}

// ourPackages lists the module's packages with every file that any of our build tags adds.
func ourPackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-tags=browser,killwalk",
		"-json=ImportPath,Imports,TestImports,XTestImports", "shipmate/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing packages: %v\n%s", err, stderr.Bytes())
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// wrongImports says, one sentence each, which imports break the rules.
func wrongImports(packages []listed) []string {
	var wrong []string
	for _, p := range packages {
		from := ours(p.ImportPath)
		allowed, known := mayImport[ruleOf(from)]
		if !known {
			wrong = append(wrong, fmt.Sprintf("%s has no line in mayImport", from))
			continue
		}
		wrong = append(wrong, forbidden(from, p.Imports, allowed, "")...)
		tests := slices.Concat(p.TestImports, p.XTestImports)
		wrong = append(wrong, forbidden(from, tests, allowedInTests(from), "the tests of ")...)
	}
	return wrong
}

func forbidden(from string, imports, allowed []string, who string) []string {
	var wrong []string
	for _, path := range imports {
		to := ours(path)
		switch {
		case to == "" && !mayUse(from, path):
			wrong = append(wrong, fmt.Sprintf("%s%s must not import %s", who, from, path))
		case to == "" || slices.Contains(allowed, anything) || slices.Contains(allowed, to):
		case strings.HasPrefix(to, from+"/") && !strings.HasSuffix(to, "test"): // a part of itself
		default:
			wrong = append(wrong, fmt.Sprintf("%s%s must not import %s", who, from, to))
		}
	}
	return wrong
}

// allowedInTests is what the tests of a package may import: the package itself, whatever it reaches through what it may
// import, and the fakes and contracts of all that. So a domain's tests may open a store and play GitHub; they still see
// no other domain, and never the bot.
func allowedInTests(from string) []string {
	reached := []string{from}
	for i := 0; i < len(reached); i++ {
		for _, next := range mayImport[ruleOf(reached[i])] {
			if !slices.Contains(reached, next) {
				reached = append(reached, next)
			}
		}
	}
	for _, contract := range []string{"bot/slacktest", "store/storetest", "integrations/github/githubtest",
		"integrations/github/githubtest/openapi", "integrations/pagerduty/pagerdutytest"} {
		if slices.Contains(reached, above(contract)) {
			reached = append(reached, contract)
		}
	}
	return append(reached, testsMayImport[from]...)
}

// mayUse tells whether a package may import somebody else's.
func mayUse(from, path string) bool {
	for prefix, folders := range onlyIn {
		if within(path, prefix) {
			return slices.ContainsFunc(folders, func(folder string) bool { return within(from, folder) })
		}
	}
	return true
}

// ruleOf returns the path whose line in mayImport holds for a package: its own or that of the nearest folder above.
func ruleOf(path string) string {
	for path != "" {
		if _, ok := mayImport[path]; ok {
			return path
		}
		path = above(path)
	}
	return ""
}

// above returns the path of the folder a path stands in, and nothing for one at the top.
func above(path string) string { return path[:max(0, strings.LastIndex(path, "/"))] }

// ours returns a package's path below the module, and nothing for one that is not ours.
func ours(path string) string {
	if below, ok := strings.CutPrefix(path, "shipmate/"); ok {
		return below
	}
	return ""
}

func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }
