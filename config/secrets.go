package config

import (
	"strconv"
	"strings"
)

// Secrets are what the bot proves itself with. They come from the environment, each either as NAME or, as NAME_FILE, from
// a file (as Docker and Kubernetes mount them). A change needs a restart.
type Secrets struct {
	SlackApp    Secret     // SLACK_APP_TOKEN, xapp-…: opens sockets
	SlackBot    Secret     // SLACK_BOT_TOKEN, xoxb-…: everything else on Slack
	GitHubToken Secret     // GITHUB_TOKEN; none with a GitHub App
	GitHubApp   *GitHubApp // nil with a token
	PagerDuty   Secret     // PAGERDUTY_TOKEN; optional

	read func(name string) (string, string)
}

// PageKey is the integration key of a service of the configuration, from PAGERDUTY_KEY_<SERVICE>, the service's name in capitals
// with _ for -; the zero Secret without one, since it can also be read from PagerDuty. problem says what is wrong with it.
func (s Secrets) PageKey(service string) (key Secret, problem *SecretProblem) {
	if s.read == nil {
		return Secret{}, nil
	}
	name := PageKeyName(service)
	value, wrong := s.read(name)
	if wrong != "" {
		return Secret{}, &SecretProblem{Name: name, Problem: wrong}
	}
	return NewSecret(value), nil
}

// PageKeyName is the environment variable that may hold the integration key of a service of the configuration.
func PageKeyName(service string) string {
	return "PAGERDUTY_KEY_" + strings.ToUpper(strings.ReplaceAll(service, "-", "_"))
}

// GitHubApp is the identity of a GitHub App's installation.
type GitHubApp struct {
	ID             int64  // GITHUB_APP_ID
	InstallationID int64  // GITHUB_APP_INSTALLATION_ID
	PrivateKey     Secret // PEM, from the file GITHUB_APP_PRIVATE_KEY_FILE names
}

// SecretProblem is what is wrong with one secret. It never shows any of the value.
type SecretProblem struct {
	Name    string // "SLACK_APP_TOKEN"
	Problem string
}

// String is one line: SLACK_APP_TOKEN: is missing; …
func (p SecretProblem) String() string { return p.Name + ": " + p.Problem }

// howToGet ends the sentence about a secret that is missing.
var howToGet = map[string]string{
	"SLACK_APP_TOKEN": "make one under https://api.slack.com/apps, Basic Information, App-Level Tokens, with the scope connections:write",
	"SLACK_BOT_TOKEN": "install the app under https://api.slack.com/apps, Install App, and take the Bot User OAuth Token",
	"GITHUB_TOKEN": "make one under https://github.com/settings/personal-access-tokens, or set GITHUB_APP_ID, " +
		"GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY_FILE for a GitHub App",
	"GITHUB_APP_ID":              "it stands on the GitHub App's settings page",
	"GITHUB_APP_INSTALLATION_ID": "it is the number at the end of the address of the installation's settings page",
	"GITHUB_APP_PRIVATE_KEY":     "generate one on the GitHub App's settings page and name its file in GITHUB_APP_PRIVATE_KEY_FILE",
}

// ReadSecrets takes the secrets from the environment and lists at once everything that is missing or wrong. getenv is
// os.Getenv and readFile is os.ReadFile.
func ReadSecrets(getenv func(string) string, readFile func(string) ([]byte, error)) (Secrets, []SecretProblem) {
	r := &secretReader{getenv: getenv, readFile: readFile}
	s := Secrets{
		SlackApp:  r.token("SLACK_APP_TOKEN", "xapp-"),
		SlackBot:  r.token("SLACK_BOT_TOKEN", "xoxb-"),
		PagerDuty: NewSecret(r.read("PAGERDUTY_TOKEN")),
	}
	token, isApp := r.read("GITHUB_TOKEN"), r.any("GITHUB_APP_ID", "GITHUB_APP_INSTALLATION_ID", "GITHUB_APP_PRIVATE_KEY")
	switch {
	case token != "" && isApp:
		r.wrong("GITHUB_TOKEN", "is set and so is a GitHub App; unset one of them")
	case isApp:
		s.GitHubApp = r.app()
	case token == "":
		r.missing("GITHUB_TOKEN")
	default:
		s.GitHubToken = NewSecret(token)
	}
	s.read = func(name string) (string, string) {
		one := &secretReader{getenv: getenv, readFile: readFile}
		value := one.read(name)
		if len(one.problems) > 0 {
			return "", one.problems[0].Problem
		}
		return value, ""
	}
	return s, r.problems
}

type secretReader struct {
	getenv   func(string) string
	readFile func(string) ([]byte, error)
	problems []SecretProblem
}

func (r *secretReader) wrong(name, problem string) {
	r.problems = append(r.problems, SecretProblem{Name: name, Problem: problem})
}

// missing reports a secret that is not there, unless another sentence about it already says why.
func (r *secretReader) missing(name string) {
	for _, p := range r.problems {
		if p.Name == name {
			return
		}
	}
	r.wrong(name, "is missing; "+howToGet[name])
}

func (r *secretReader) any(names ...string) bool {
	for _, name := range names {
		if r.getenv(name) != "" || r.getenv(name+"_FILE") != "" {
			return true
		}
	}
	return false
}

// read returns the value of NAME or of the file NAME_FILE names, without the white space around it; nothing when neither
// is set.
func (r *secretReader) read(name string) string {
	value, file := r.getenv(name), r.getenv(name+"_FILE")
	switch {
	case value != "" && file != "":
		r.wrong(name, "is set and so is "+name+"_FILE; unset one of them")
		return ""
	case file == "":
		return strings.TrimSpace(value)
	}
	content, err := r.readFile(file)
	if err != nil {
		r.wrong(name, "reading "+name+"_FILE: "+err.Error())
		return ""
	}
	text := strings.TrimSpace(string(content))
	if text == "" {
		r.wrong(name, "the file that "+name+"_FILE names is empty")
	}
	return text
}

// token reads a Slack token, which shows by its beginning what it is for.
func (r *secretReader) token(name, prefix string) Secret {
	value := r.read(name)
	switch {
	case value == "":
		r.missing(name)
	case strings.HasPrefix(value, "xapp-") && prefix == "xoxb-":
		r.wrong(name, "holds an app token (xapp-…), which belongs in SLACK_APP_TOKEN")
	case strings.HasPrefix(value, "xoxb-") && prefix == "xapp-":
		r.wrong(name, "holds a bot token (xoxb-…), which belongs in SLACK_BOT_TOKEN")
	case !strings.HasPrefix(value, prefix):
		r.wrong(name, "does not begin with "+prefix+"; "+howToGet[name])
	default:
		return NewSecret(value)
	}
	return Secret{}
}

func (r *secretReader) app() *GitHubApp {
	key := r.read("GITHUB_APP_PRIVATE_KEY")
	switch {
	case key == "":
		r.missing("GITHUB_APP_PRIVATE_KEY")
	case !strings.HasPrefix(key, "-----BEGIN"):
		r.wrong("GITHUB_APP_PRIVATE_KEY", "is not a private key in PEM form, which begins with -----BEGIN")
	}
	return &GitHubApp{
		ID:             r.number("GITHUB_APP_ID"),
		InstallationID: r.number("GITHUB_APP_INSTALLATION_ID"),
		PrivateKey:     NewSecret(key),
	}
}

func (r *secretReader) number(name string) int64 {
	text := r.read(name)
	if text == "" {
		r.missing(name)
		return 0
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number <= 0 {
		r.wrong(name, "is not a number; "+howToGet[name])
	}
	return number
}
