package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"shipmate/config"
	"shipmate/delivery"
)

const (
	exampleConfig = "../../deploy/shipmate.yaml"
	examplePolicy = "../../deploy/policy.yaml"
	policyPage    = "../../docs/policy.md"
)

func text(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// tries runs shipmate check with a file of cases that says so.
func tries(t *testing.T, cases string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(cases), 0o600); err != nil {
		t.Fatal(err)
	}
	return says(t, "check", exampleConfig, "--policy", path)
}

func TestExamplePolicyPasses(t *testing.T) {
	t.Parallel()
	got, err := says(t, "check", exampleConfig, "--policy", examplePolicy)
	if err != nil || got != exampleConfig+" is in order.\n"+examplePolicy+": 5 cases as expected.\n" {
		t.Errorf("%v:\n%s", err, got)
	}
}

func TestCasesThatFailAreTold(t *testing.T) {
	t.Parallel()
	cases := strings.Replace(text(t, examplePolicy), "approvals: [{person: pia@acme.example, teams: [platform]}]", "approvals: []", 1)
	got, err := tries(t, cases)
	_, shown, _ := strings.Cut(text(t, policyPage), "told with line and column.\n\n```\n")
	shown, _, _ = strings.Cut(shown, "```")
	if err == nil || status(err) != 1 || shown == "" || !strings.Contains(got, shown) || !strings.HasSuffix(got, "\n2 of 5 cases failed.\n") {
		t.Errorf("%v:\n%s\n%s shows\n%s", err, got, policyPage, shown)
	}
	got, err = tries(t, strings.Replace(cases, "2026-11-27 18:30", "2026-11-27 12:00", 1))
	if err == nil || !strings.Contains(got, "nobody deploys to production on a Friday evening: expected [frozen], got [approvals_missing]\n") {
		t.Errorf("%v:\n%s", err, got)
	}
}

func TestMistakesInCasesAreTold(t *testing.T) {
	t.Parallel()
	got, err := tries(t, strings.Replace(text(t, examplePolicy), "expect: [frozen]", "expect: [frosen]", 1))
	want := "policy.yaml:18:14: cases[1].expect[0]: no gate gives the reason frosen; did you mean frozen?\n1 mistake\n"
	if err == nil || status(err) != 1 || got != exampleConfig+" is in order.\n"+want {
		t.Errorf("%v:\n%s", err, got)
	}
	path := filepath.Join(t.TempDir(), "shipmate.yaml")
	if err := os.WriteFile(path, []byte("servces: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := says(t, "check", path, "--policy", examplePolicy); err == nil || strings.Contains(got, "cases") {
		t.Errorf("cases are tried on a broken configuration: %v:\n%s", err, got)
	}
}

// The page shows the example as it is, and names every key and every code.
func TestPolicyPage(t *testing.T) {
	t.Parallel()
	page := text(t, policyPage)
	if !strings.Contains(page, "```yaml\n"+text(t, examplePolicy)+"```\n") {
		t.Errorf("%s does not show %s as it is", policyPage, examplePolicy)
	}
	words := delivery.GateCodes()
	for _, of := range []reflect.Type{reflect.TypeFor[config.Case](), reflect.TypeFor[config.CasePerson](), reflect.TypeFor[config.CaseWhat](), reflect.TypeFor[config.CaseFacts]()} {
		for field := range of.Fields() {
			if key := field.Tag.Get("json"); key != "-" {
				words = append(words, key)
			}
		}
	}
	if len(words) < 40 {
		t.Fatalf("only %q", words)
	}
	for _, word := range words {
		if !strings.Contains(page, "`"+word+"`") && !strings.Contains(page, word+": ") {
			t.Errorf("%s does not name %s", policyPage, word)
		}
	}
}
