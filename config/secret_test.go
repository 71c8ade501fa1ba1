package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"shipmate/config"
)

func TestSecretIsNeverShown(t *testing.T) {
	t.Parallel()
	secret := config.NewSecret("hush-hush")
	type holder struct {
		Open   config.Secret
		closed config.Secret // fmt cannot call methods of unexported fields
		ptr    *config.Secret
	}
	all := config.Secrets{SlackApp: secret, SlackBot: secret, GitHubToken: secret, GitHubApp: &config.GitHubApp{PrivateKey: secret}}
	for _, value := range []any{secret, &secret, holder{secret, secret, &secret}, &holder{secret, secret, &secret}, []config.Secret{secret},
		map[string]config.Secret{"a": secret}, all, *all.GitHubApp} {
		var shown strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s"} {
			fmt.Fprintf(&shown, verb, value)
		}
		fmt.Fprint(&shown, value, errors.New(fmt.Sprint(value)))
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&shown, nil), slog.NewTextHandler(&shown, nil)} {
			slog.New(handler).Info("hello", "secret", value)
		}
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(data)
		for _, leak := range []string{"hush", fmt.Sprintf("%x", "hush"), fmt.Sprintf("%X", "hush")} {
			if strings.Contains(shown.String(), leak) {
				t.Errorf("%T is shown: %s", value, shown.String())
			}
		}
	}
	if secret.Reveal() != "hush-hush" || !secret.Given() || (config.Secret{}).Given() {
		t.Error("Reveal and Given do not tell what is there")
	}
	if text := fmt.Sprintf("%v %s %#v", secret, secret, secret); text != "[hidden] [hidden] [hidden]" {
		t.Errorf("shown as %s", text)
	}
	if text, err := secret.MarshalText(); err != nil || !bytes.Equal(text, []byte("[hidden]")) {
		t.Errorf("as text %s, %v", text, err)
	}
}

// environment is what ReadSecrets reads: variables, and files by their path.
type environment struct{ vars, files map[string]string }

func (e environment) read() (config.Secrets, string) {
	s, problems := config.ReadSecrets(func(name string) string { return e.vars[name] }, func(path string) ([]byte, error) {
		if content, ok := e.files[path]; ok {
			return []byte(content), nil
		}
		return nil, errors.New("open " + path + ": no such file")
	})
	var text strings.Builder
	for _, p := range problems {
		fmt.Fprintln(&text, p)
	}
	return s, text.String()
}

func TestSecretsFromTheEnvironment(t *testing.T) {
	t.Parallel()
	s, problems := environment{vars: map[string]string{"SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": " xoxb-1\n", "GITHUB_TOKEN": "ghp_1",
		"PAGERDUTY_TOKEN": "pd"}}.read()
	if problems != "" || s.SlackApp.Reveal() != "xapp-1" || s.SlackBot.Reveal() != "xoxb-1" || s.GitHubToken.Reveal() != "ghp_1" ||
		s.PagerDuty.Reveal() != "pd" || s.GitHubApp != nil {
		t.Errorf("got %+v, problems %s", s, problems)
	}
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	s, problems := environment{
		vars: map[string]string{"SLACK_APP_TOKEN_FILE": "/a", "SLACK_BOT_TOKEN_FILE": "/b", "GITHUB_APP_ID": "12",
			"GITHUB_APP_INSTALLATION_ID_FILE": "/i", "GITHUB_APP_PRIVATE_KEY_FILE": "/k"},
		files: map[string]string{"/a": "xapp-2\n", "/b": "xoxb-2\n", "/i": "34\n", "/k": "-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\n"},
	}.read()
	if problems != "" || s.SlackApp.Reveal() != "xapp-2" || s.SlackBot.Reveal() != "xoxb-2" || s.GitHubToken.Given() || s.PagerDuty.Given() {
		t.Fatalf("got %+v, problems %s", s, problems)
	}
	if app := s.GitHubApp; app == nil || app.ID != 12 || app.InstallationID != 34 || !strings.HasPrefix(app.PrivateKey.Reveal(), "-----BEGIN") {
		t.Errorf("app %+v", app)
	}
}

func TestKeysOfServices(t *testing.T) {
	t.Parallel()
	s, problems := environment{vars: map[string]string{"SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": "xoxb-1", "GITHUB_TOKEN": "ghp_1",
		"PAGERDUTY_KEY_WEB_SHOP": "key-1", "PAGERDUTY_KEY_CATALOG_FILE": "/c", "PAGERDUTY_KEY_BILLING_FILE": "/none"},
		files: map[string]string{"/c": "key-2\n"}}.read()
	if problems != "" {
		t.Fatal(problems)
	}
	for service, want := range map[string]string{"web-shop": "key-1", "catalog": "key-2", "other": ""} {
		if key, problem := s.PageKey(service); problem != nil || key.Reveal() != want {
			t.Errorf("%s: %q, %v", service, key.Reveal(), problem)
		}
	}
	if _, problem := s.PageKey("billing"); problem == nil || !strings.Contains(problem.String(), "PAGERDUTY_KEY_BILLING: reading PAGERDUTY_KEY_BILLING_FILE: open /none") {
		t.Errorf("told %v", problem)
	}
}

func TestSecretProblems(t *testing.T) {
	t.Parallel()
	good := map[string]string{"SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": "xoxb-1", "GITHUB_TOKEN": "ghp_1"}
	for name, tc := range map[string]struct {
		change, files map[string]string
		want          []string // beginnings of the lines
	}{
		"all missing": {change: map[string]string{"SLACK_APP_TOKEN": "", "SLACK_BOT_TOKEN": "", "GITHUB_TOKEN": ""},
			want: []string{"SLACK_APP_TOKEN: is missing; make", "SLACK_BOT_TOKEN: is missing; install", "GITHUB_TOKEN: is missing; make"}},
		"swapped": {change: map[string]string{"SLACK_APP_TOKEN": "xoxb-HUSH", "SLACK_BOT_TOKEN": "xapp-HUSH"},
			want: []string{"SLACK_APP_TOKEN: holds a bot token", "SLACK_BOT_TOKEN: holds an app token"}},
		"another kind":   {change: map[string]string{"SLACK_BOT_TOKEN": "xoxp-HUSH"}, want: []string{"SLACK_BOT_TOKEN: does not begin with xoxb-"}},
		"both":           {change: map[string]string{"SLACK_BOT_TOKEN_FILE": "/HUSHless"}, want: []string{"SLACK_BOT_TOKEN: is set and so is SLACK_BOT_TOKEN_FILE"}},
		"no such file":   {change: map[string]string{"PAGERDUTY_TOKEN_FILE": "/none"}, want: []string{"PAGERDUTY_TOKEN: reading PAGERDUTY_TOKEN_FILE: open /none"}},
		"empty file":     {change: map[string]string{"PAGERDUTY_TOKEN_FILE": "/e"}, files: map[string]string{"/e": " \n"}, want: []string{"PAGERDUTY_TOKEN: the file"}},
		"token and app":  {change: map[string]string{"GITHUB_APP_ID": "1"}, want: []string{"GITHUB_TOKEN: is set and so is a GitHub App"}},
		"half an app":    {change: map[string]string{"GITHUB_TOKEN": "", "GITHUB_APP_ID": "1"}, want: []string{"GITHUB_APP_PRIVATE_KEY: is missing", "GITHUB_APP_INSTALLATION_ID: is missing"}},
		"broken app":     {change: map[string]string{"GITHUB_TOKEN": "", "GITHUB_APP_ID": "HUSH", "GITHUB_APP_INSTALLATION_ID": "-1", "GITHUB_APP_PRIVATE_KEY": "HUSH"}, want: []string{"GITHUB_APP_PRIVATE_KEY: is not a private key", "GITHUB_APP_ID: is not a number", "GITHUB_APP_INSTALLATION_ID: is not a number"}},
		"no second word": {change: map[string]string{"SLACK_APP_TOKEN": "", "SLACK_APP_TOKEN_FILE": "/none"}, want: []string{"SLACK_APP_TOKEN: reading SLACK_APP_TOKEN_FILE"}},
	} {
		e := environment{vars: map[string]string{}, files: tc.files}
		for _, vars := range []map[string]string{good, tc.change} {
			for k, v := range vars {
				e.vars[k] = v
			}
		}
		_, problems := e.read()
		lines := strings.Split(strings.TrimSuffix(problems, "\n"), "\n")
		if len(lines) != len(tc.want) || strings.Contains(strings.ReplaceAll(problems, "HUSHless", ""), "HUSH") {
			t.Errorf("%s: %s", name, problems)
			continue
		}
		for i, want := range tc.want {
			if !strings.HasPrefix(lines[i], want) {
				t.Errorf("%s: %s, want %s", name, lines[i], want)
			}
		}
	}
}
