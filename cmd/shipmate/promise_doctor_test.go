package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
)

// bothSockets waits until both connections to Slack stand, without which the doctor has something to say.
func bothSockets(h *harness) {
	h.Helper()
	h.still("both connections stand", func() bool { return len(h.app.bot.Hearing().Open) == 2 })
}

func TestDoctorSaysThatAllIsWell(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	bothSockets(h)
	h.as("ana").in("#payments").types("/shipmate doctor").isTold("You may not do this")
	h.as("dev").in("#platform").types("/shipmate doctor").isTold("All is well.",
		"Slack: 2 connections", "has all 21 scopes", "I am in 4 channels", "2 user groups are there",
		"GitHub knows me as", "calls are left until", "acme/catalog, acme/checkout and the workflow files there",
		"PagerDuty accepts my key; I looked at the escalation policy PPAYMENTS of team payments",
		"shipmate.yaml is in order", "The store holds", "This is Shipmate `"+version()+"`")
}

func TestDoctorSaysWhatIsWrongAndHowToMendIt(t *testing.T) {
	t.Parallel()
	yaml := strings.Replace(companyYAML, "slack_group: storefront-eng", "slack_group: shopfront-eng", 1)
	yaml = strings.Replace(yaml, "repo: acme/catalog", "repo: acme/gone", 1)
	yaml = strings.Replace(yaml, "environments: [staging]}", "environments: [production]}", 1)
	yaml = strings.Replace(yaml, "confirm: true", "after: staging", 1)
	h := newHarness(t, func(s *stage) {
		s.configure(yaml)
		s.checkout().Commit("main", "ana", "Forget the inputs", githubtest.Files{".github/workflows/deploy.yml": "on: {workflow_dispatch: {}}\njobs: {}\n"})
	})
	bothSockets(h)
	dev := h.as("dev").in("#platform").types("/shipmate doctor")
	dev.isTold("There is no user group @shopfront-eng, so nobody is in team *storefront* by it", "Make the group in Slack",
		"`acme/gone`: ", "Give the token or the App access",
		"*checkout* cannot be deployed: .github/workflows/deploy.yml does not declare the input sha", "docs/workflow.md",
		"production comes after staging, which is not among the service's environments")
	text := whole(dev.seen)
	if strings.Index(text, "❌") > strings.Index(text, "⚠️") || strings.Index(text, "⚠️") > strings.Index(text, "✅") {
		t.Errorf("the worst is not first: %s", text)
	}
}

func TestDoctorWarnsOfWhatListensToRecords(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *stage) {
		s.configure(strings.Replace(companyYAML, "links:", "deploy: {record: true}\n    links:", 1))
		s.checkout().Commit("main", "ana", "Listen", githubtest.Files{".github/workflows/smoke.yml": "on: deployment\njobs: {}\n"})
	})
	bothSockets(h)
	h.as("dev").in("#platform").types("/shipmate doctor").isTold("smoke.yml in `acme/checkout` starts on deployments", "`record: true`")
}

func TestDoctorReadsTheFileThatIsBroken(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.configure(strings.Replace(companyYAML, "repo: acme/checkout", "repository: acme/checkout", 1))
	h.mayHear("The new configuration is broken")
	h.as("dev").in("#platform").types("/shipmate doctor").isTold("unknown key", "stays in force until that is mended")
}

// githubAlone is a fake GitHub, and how to make a client that speaks to it with a token.
func githubAlone(t *testing.T, o githubtest.Options) (*githubtest.Server, func(token string) *github.Client) {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC))
	o.Clock = c
	s := githubtest.New(o)
	t.Cleanup(s.Close)
	return s, func(token string) *github.Client {
		client, err := github.New(github.Config{APIURL: s.URL(), Token: token, Clock: c, Timeout: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
}

func companyOf(t *testing.T, n int) *config.Config {
	t.Helper()
	yaml := "services:\n"
	for i := range n {
		yaml += fmt.Sprintf("  s%02d: {repo: acme/r%02d, team: t, environments: [staging]}\n", i, i)
	}
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(yaml+"teams: {t: {slack_group: g}}\nenvironments: {staging: {}}\n"), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	return cfg
}

func toldOf(found []bot.Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s: %s → %s\n", f.Level, f.Text, f.Mend)
	}
	return b.String()
}

func wants(t *testing.T, got string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(got, w) {
			t.Errorf("not told: %s\namong:\n%s", w, got)
		}
	}
}

func addRepos(t *testing.T, s *githubtest.Server, n int) {
	t.Helper()
	workflow, err := os.ReadFile("../../deploy/example/deploy.yml")
	if err != nil {
		t.Fatal(err)
	}
	s.AddUser(githubtest.User{Login: "ana"})
	for i := range n {
		s.AddRepo(fmt.Sprintf("acme/r%02d", i)).Commit("main", "ana", "Begin", githubtest.Files{".github/workflows/deploy.yml": string(workflow)})
	}
}

func TestGitHubThatHangsIsToldInTime(t *testing.T) {
	t.Parallel()
	s, client := githubAlone(t, githubtest.Options{})
	addRepos(t, s, 2)
	release := s.Fault(githubtest.Fault{Match: "*", Kind: githubtest.HangUp})
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	wants(t, toldOf(checkGitHub(ctx, client(githubtest.DefaultToken), companyOf(t, 2))), "problem: GitHub: GitHub answers slowly", "Check the way from this machine to https://api.github.com/")
}

func TestGitHubThatHangsHalfwayIsToldInTime(t *testing.T) {
	t.Parallel()
	s, client := githubAlone(t, githubtest.Options{})
	addRepos(t, s, 2)
	defer s.Fault(githubtest.Fault{Match: "GET /repos/acme/r01", Kind: githubtest.HangUp})()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	wants(t, toldOf(checkGitHub(ctx, client(githubtest.DefaultToken), companyOf(t, 2))), "fine: GitHub knows me as", "warning: GitHub did not tell in time about acme/r01.")
}

func TestOnlyTheFirstRepositoriesAreLookedAt(t *testing.T) {
	t.Parallel()
	s, client := githubAlone(t, githubtest.Options{})
	addRepos(t, s, maxRepos+2)
	got := toldOf(checkGitHub(t.Context(), client(githubtest.DefaultToken), companyOf(t, maxRepos+2)))
	wants(t, got, "I looked at acme/r00, acme/r01, acme/r02 and 7 more", "notice: And 2 more were not looked at: I look at the first 10 repositories.")
	if strings.Contains(got, "problem") || strings.Contains(got, "warning") {
		t.Errorf("something is wrong:\n%s", got)
	}
}

func TestMissingPermissionsAreToldOnceForAllRepositories(t *testing.T) {
	t.Parallel()
	lacks := github.Permission{Name: "Actions: read and write", For: "start runs", State: github.Missing, Mend: "Give it <that>."}
	unknown := github.Permission{Name: "Checks: read", For: "read checks", State: github.Unknown, Mend: "Look."}
	granted := github.Permission{Name: "Contents: read", State: github.Granted}
	spare := github.Permission{Name: "Issues: read", For: "read issues", State: github.Missing, Mend: "Give it.", Optional: true}
	got := toldOf(missing([]lookedAt{{repo: "acme/a", permissions: []github.Permission{granted, lacks}},
		{repo: "acme/b", permissions: []github.Permission{granted, lacks, unknown, spare}}, {repo: "acme/c"}}))
	if want := "problem: On GitHub I lack *Actions: read and write*, to start runs, in acme/a, acme/b. → Give it &lt;that&gt;.\n" +
		"notice: Whether I have *Checks: read* in acme/b GitHub does not tell. → Look.\n" +
		"warning: On GitHub I lack *Issues: read*, to read issues, in acme/b. → Give it.\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestOnlyWhatGitHubSaysIsHeldAgainstARepository(t *testing.T) {
	t.Parallel()
	for status, unanswered := range map[int]bool{0: true, http.StatusBadGateway: true, http.StatusTooManyRequests: true,
		http.StatusForbidden: false, http.StatusNotFound: false, http.StatusMovedPermanently: false} {
		l := lookedAt{repo: "acme/a"}.failed(&github.Error{Op: "read", Status: status, Message: "no"}, "Mend it.")
		if l.unanswered != unanswered || (len(l.wrong) == 1) == unanswered {
			t.Errorf("%d: unanswered %t, %s", status, l.unanswered, toldOf(l.wrong))
		}
	}
}

func TestALowBudgetIsAWarning(t *testing.T) {
	t.Parallel()
	for left, level := range map[int]bot.Level{499: bot.Warning, 500: bot.Fine} {
		f := checkBudget(github.Identity{Login: "bot"}, github.Rate{Limit: 5000, Remaining: left, Reset: time.Unix(0, 0)})
		if f.Level != level || (f.Mend == "") != (level == bot.Fine) {
			t.Errorf("%d left: %s", left, toldOf([]bot.Finding{f}))
		}
	}
}

func TestWhatWasGivenUpIsToldAndCounted(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	err := h.app.db.Update(t.Context(), func(tx store.Tx) error {
		for i := range maxTold + 2 {
			record := map[string]any{"since": h.clock.Now(), "tries": 20, "error": "no <route>", "told": true}
			if err := store.Save(tx, store.Key("say", "parked", fmt.Sprintf("m%d", i)), record); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, toldOf(h.app.checkGivenUp(t.Context())), "warning: `say m0` was given up", "after 20 tries: no &lt;route&gt;.", "`say m4`", "And 2 more given up")
}

func TestSized(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 KiB", 32 << 10: "32 KiB", 20 << 20: "20 MiB", 11 << 30: "11 GiB"} {
		if got := sized(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
