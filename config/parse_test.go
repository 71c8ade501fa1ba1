package config_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

// reserved is what the commands pass in.
var reserved = config.Options{Reserved: []string{"cancel", "retry", "status", "history", "help", "to", "on", "in"}}

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	c, mistakes, _ := config.Parse("shipmate.yaml", []byte(text), reserved)
	if len(mistakes) > 0 {
		t.Fatalf("mistakes in a good file:\n%v", config.Mistakes(mistakes))
	}
	return c
}

func load(t *testing.T, file string) (*config.Config, []config.Warning) {
	t.Helper()
	c, mistakes, warnings := config.Load(filepath.Join("testdata", file), reserved)
	if len(mistakes) > 0 {
		t.Fatalf("%s:\n%v", file, config.Mistakes(mistakes))
	}
	return c, warnings
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run the test with -update and look at what changed. Got:\n%s\nwant:\n%s", file, got, want)
	}
}

// Every file in testdata/bad has exactly the mistakes of the .txt file beside it.
func TestMistakes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 12 {
		t.Fatalf("found %d files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			c, mistakes, warnings := config.Load(file, reserved)
			if c != nil || len(mistakes) == 0 || warnings != nil {
				t.Fatalf("a bad file gave %v, %v, %v", c, mistakes, warnings)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", config.Mistakes(mistakes).Error()+"\n")
		})
	}
}

// The files that are right have exactly the warnings of the .txt file beside them.
func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"design.yaml", "full.yaml", "small.yaml", "warned.yaml"} {
		_, warnings := load(t, file)
		var text strings.Builder
		for _, w := range warnings {
			fmt.Fprintln(&text, w)
		}
		golden(t, "testdata/"+strings.TrimSuffix(file, ".yaml")+".txt", text.String())
	}
}

func TestWhatAFileSays(t *testing.T) {
	t.Parallel()
	c, _ := load(t, "full.yaml")
	checkout, ok := c.Service("SHOP")
	if !ok || checkout.Name != "checkout" || checkout.Repo != "acme/checkout" || checkout.Repo.Owner() != "acme" || checkout.Repo.Name() != "checkout" {
		t.Errorf("SHOP is %+v", checkout)
	}
	production, ok := c.Environment("Prod")
	if !ok || production.Name != "production" || !production.Confirm || production.Approvals.Expire.Duration != 4*time.Hour {
		t.Errorf("Prod is %+v", production)
	}
	payments, ok := c.Team("Payments")
	if !ok || payments.Name != "payments" || payments.Location().String() != "Europe/Berlin" {
		t.Errorf("Payments is %+v", payments)
	}
	if _, ok := c.Service("chekout"); ok {
		t.Error("found a service that does not exist")
	}
	same(t, "services", c.ServiceNames(), []string{"checkout", "search", "website"})
	same(t, "environments", c.EnvironmentNames(), []string{"development", "production", "staging"})
	same(t, "teams", c.TeamNames(), []string{"payments", "web"})
	same(t, "checks", production.Checks.Names, []string{"ci/build", "ci/test"})
	if !checkout.DeploysTo("staging") || checkout.DeploysTo("prod") {
		t.Error("DeploysTo takes canonical names of the service's environments")
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, _ := load(t, "small.yaml")
	s, _ := c.Service("checkout")
	e, _ := c.Environment("staging")
	for _, got := range []struct{ key, is, want any }{
		{"slack.api_url", c.Slack.APIURL, "https://slack.com/api/"},
		{"github.api_url", c.GitHub.APIURL, "https://api.github.com/"},
		{"pagerduty.api_url", c.PagerDuty.APIURL, "https://api.pagerduty.com"},
		{"pagerduty.events_url", c.PagerDuty.EventsURL, "https://events.pagerduty.com"},
		{"store.path", c.Store.Path, "shipmate.db"},
		{"listen", c.Listen, ""},
		{"limits.backlog", c.Limits.Backlog, 10000},
		{"retention", c.Retention.Duration, 400 * 24 * time.Hour},
		{"deploy.workflow", s.Deploy.Workflow, "deploy.yml"},
		{"deploy.search", s.Deploy.Search.Duration, 90 * time.Second},
		{"deploy.start", s.Deploy.Start.Duration, 5 * time.Minute},
		{"slack.guests", c.Slack.Guests, false},
		{"confirm", e.Confirm, false},
		{"checks", e.Checks.None(), true},
		{"approvals", e.Approvals == nil, true},
	} {
		if got.is != got.want {
			t.Errorf("%s is %v by default, want %v", got.key, got.is, got.want)
		}
	}
}

// Endpoints get the end their clients need.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	const text = "slack: {api_url: http://127.0.0.1:1/api}\ngithub: {api_url: http://localhost:2}\npagerduty: {api_url: 'http://[::1]:3/', events_url: http://pager}\n"
	c, _, warnings := config.Parse("shipmate.yaml", []byte(text), reserved)
	same(t, "endpoints", []string{c.Slack.APIURL, c.GitHub.APIURL, c.PagerDuty.APIURL},
		[]string{"http://127.0.0.1:1/api/", "http://localhost:2/", "http://[::1]:3"})
	unencrypted := slices.DeleteFunc(warnings, func(w config.Warning) bool { return !strings.Contains(w.Problem, "unencrypted") })
	if len(unencrypted) != 1 || unencrypted[0].Path != "pagerduty.events_url" {
		t.Errorf("warned of %v", unencrypted)
	}
}

func TestDeployers(t *testing.T) {
	t.Parallel()
	c, _ := load(t, "full.yaml")
	for _, tc := range []struct {
		service, environment string
		want                 []config.Principal
	}{
		{"checkout", "production", []config.Principal{"payments", "U012AB3CD", "Ana@acme.example", "group:release-managers"}},
		{"checkout", "staging", []config.Principal{"payments"}},
		{"website", "production", []config.Principal{"payments", "U012AB3CD", "Ana@acme.example", "group:release-managers"}},
	} {
		s, _ := c.Service(tc.service)
		e, _ := c.Environment(tc.environment)
		same(t, tc.service+" "+tc.environment, c.Deployers(s, e), tc.want)
	}
	if got := c.Deployers(&config.Service{}, &config.Environment{}); got != nil {
		t.Errorf("a service without a team may be deployed by %v", got)
	}
}

func TestKeepers(t *testing.T) {
	t.Parallel()
	c := parse(t, "slack: {admins: [U012AB3CD]}\nenvironments: {dev: {aliases: [d]}, live: {deployers: [U012AB3CE]}}")
	for environment, want := range map[string]string{"dev": "U012AB3CD", "d": "U012AB3CD", "": "U012AB3CD", "moon": "U012AB3CD", "live": "U012AB3CE"} {
		same(t, environment, c.Keepers(environment), []config.Principal{config.Principal(want)})
	}
}

func TestSpanOfASingleFreeze(t *testing.T) {
	t.Parallel()
	f := parse(t, "environments: {live: {freeze: [{from: \"2026-12-24 12:00\", until: \"2027-01-02 08:00\", timezone: Europe/Berlin}]}}").Environments["live"].Freeze[0]
	from, until, err := f.Span()
	if err != nil || !f.Dated() || !from.Equal(time.Date(2026, 12, 24, 11, 0, 0, 0, time.UTC)) || !until.Equal(time.Date(2027, 1, 2, 7, 0, 0, 0, time.UTC)) {
		t.Errorf("%s to %s, %v", from, until, err)
	}
}

func TestPrincipals(t *testing.T) {
	t.Parallel()
	for text, want := range map[config.Principal]struct {
		kind  config.PrincipalKind
		value string
	}{
		"payments":         {config.TeamPrincipal, "payments"},
		"U012AB3CD":        {config.UserPrincipal, "U012AB3CD"},
		"W012AB3CD":        {config.UserPrincipal, "W012AB3CD"},
		"Ana@Acme.example": {config.EmailPrincipal, "ana@acme.example"},
		"group:oncall":     {config.GroupPrincipal, "oncall"},
		"group:@oncall":    {config.GroupPrincipal, "oncall"},
	} {
		if text.Kind() != want.kind || text.Value() != want.value {
			t.Errorf("%s is %v %q, want %v %q", text, text.Kind(), text.Value(), want.kind, want.value)
		}
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	c, _ := load(t, "design.yaml")
	for path, want := range map[string]string{
		"environments.production.freeze[0]":        "design.yaml:27:14",
		"environments.production.freeze[0].reason": "design.yaml:27:45",
		"environments.production.approvals":        "design.yaml:24:5",
		"slack.admin_channel":                      "design.yaml:1:47",
		"services.checkout.deploy.search":          "design.yaml:16:5", // a default: the section it belongs to
		"limits.backlog":                           "design.yaml",
		"":                                         "design.yaml",
	} {
		if got := c.At(path); got != want {
			t.Errorf("%q stands at %s, want %s", path, got, want)
		}
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	one := parse(t, "teams: {a: {channel: \"#a\"}, b: {}}\nlisten: 127.0.0.1:80\n")
	moved := parse(t, "# a comment\nlisten: 127.0.0.1:80\nteams:\n  b: {}\n  a: {channel: \"#a\"}\n")
	other := parse(t, "teams: {a: {channel: \"#b\"}, b: {}}\nlisten: 127.0.0.1:80\n")
	if one.Hash() != moved.Hash() {
		t.Error("layout and order change the hash")
	}
	if one.Hash() == other.Hash() {
		t.Error("a changed value does not change the hash")
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	_, mistakes, _ := config.Load(filepath.Join(t.TempDir(), "none.yaml"), reserved)
	if len(mistakes) != 1 || !strings.HasPrefix(mistakes[0].String(), "none.yaml: cannot be read: ") {
		t.Errorf("got %v", mistakes)
	}
}

// A file is not cut where reading ends.
func TestLargeFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "large.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:1\n"+strings.Repeat("# padding\n", 1<<17)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, mistakes, _ := config.Load(file, reserved)
	if len(mistakes) != 1 || !strings.Contains(mistakes[0].Problem, "larger than 1 MiB") {
		t.Errorf("got %v", mistakes)
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		length time.Duration
		again  string
	}{
		"90s": {90 * time.Second, "90s"}, "1m30s": {90 * time.Second, "90s"}, "15m": {15 * time.Minute, "15m"}, "72h": {72 * time.Hour, "3d"},
		"3d": {72 * time.Hour, "3d"}, "1d12h": {36 * time.Hour, "36h"}, "400d": {400 * 24 * time.Hour, "400d"}, "0s": {0, "0s"},
		"1h0m": {time.Hour, "1h"}, "10d00s": {240 * time.Hour, "10d"},
	} {
		var d, same config.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || d.Duration != want.length {
			t.Errorf("%s is %v, %v", text, d.Duration, err)
		}
		again, err := d.MarshalText()
		if err != nil || string(again) != want.again || same.UnmarshalText(again) != nil || same != d {
			t.Errorf("%s is written as %s (%v)", text, again, err)
		}
	}
	for _, text := range []string{"", "5", "-5m", "5m1h", "1.5h", "1w", "5 m", "5M", "d", "1000000d", "9999999999h", "999999h"} {
		if err := new(config.Duration).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a duration", text)
		}
	}
}

// What was reported once is enough: a file that is all wrong has a list that ends.
func TestListOfMistakesEnds(t *testing.T) {
	t.Parallel()
	_, mistakes, _ := config.Parse("shipmate.yaml", []byte("services:\n"+strings.Repeat("  a: {}\n", 1000)), reserved)
	if len(mistakes) != 201 || !strings.HasPrefix(mistakes[200].Problem, "and ") {
		t.Errorf("%d mistakes, last %v", len(mistakes), mistakes[len(mistakes)-1])
	}
}

func same[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
