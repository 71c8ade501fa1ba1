package config

import (
	"errors"
	"net"
	"net/url"
	"path"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// format is how a string must look: a pattern, which the JSON Schema shows to editors too, and where that does not say it
// all, a function that is asked for the sentence about what is wrong. want ends the sentence "… is not".
type format struct {
	pattern *regexp.Regexp
	want    string
	check   func(string) string
}

var (
	word   = `[a-z0-9][a-z0-9-]{0,39}`
	name   = regexp.MustCompile(`^` + word + `$`)
	userID = regexp.MustCompile(`^[UW][A-Z0-9]{5,20}$`)
	email  = `[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+`
	handle = `@?[a-z0-9][a-z0-9._-]{0,79}`
)

var formats = map[string]format{
	"address":    {regexp.MustCompile(`^$|^[^\s/]*:[0-9]{1,5}$`), "an address to listen on, such as 127.0.0.1:8080", address},
	"channel":    {regexp.MustCompile(`^(#[^\s#@,<>|]{1,80}|[CG][A-Z0-9]{5,20})$`), `a channel, such as "#platform" or its ID`, nil},
	"check":      oneOf("success", "failure", "pending", "cancelled", "skipped", "neutral", "timed out"),
	"code":       {regexp.MustCompile(`^[a-z_]{1,40}$`), "a reason code, such as frozen", nil},
	"cron":       {regexp.MustCompile(`\S`), `a cron expression, such as "0 9 * * 1-5"`, nil},
	"date":       {regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`), "a date, such as 2026-12-25", date},
	"dated":      {nil, "a date, a time of day and a time zone, such as 2026-11-27 18:30 Europe/Berlin", nil},
	"details":    oneOf(DetailsInThread, DetailsByButton),
	"dir":        {regexp.MustCompile(`^[^\s\\]{1,200}$`), "a directory in the repository, such as doc/adr", dir},
	"email":      {regexp.MustCompile(`^` + email + `$`), "an e-mail address", nil},
	"event":      oneOf(OnWaiting, OnStarted, OnSucceeded, OnFailed, OnCancelled, OnUnhealthy, OnRolledBack),
	"file":       {regexp.MustCompile(`\S`), "a path of a file", nil},
	"freeze":     oneOf("environment", "all"),
	"gate":       oneOf("lock", "freeze", "incident", "veto", "order", "outdated", "checks", "approvals"),
	"git branch": {regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._+#-]*(/[A-Za-z0-9_][A-Za-z0-9._+#-]*)*$`), "a branch, such as release/2", nil},
	"handle":     {regexp.MustCompile(`^` + handle + `$`), "a handle of a Slack user group, such as payments-eng", nil},
	"hours": {regexp.MustCompile(`^([01]?[0-9]|2[0-3]):[0-5][0-9]-(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$`),
		"two times of day with a dash between, such as 9:00-17:00", hours},
	"input":    {regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,99}$`), "a name of a workflow's input: letters, digits, - and _", reservedInput},
	"label":    {regexp.MustCompile(`^\S(.{0,48}\S)?$`), "a name of at most 50 characters", nil},
	"lock":     oneOf("service", "all", "rollback"),
	"merge":    oneOf(MergeShipmate, MergeAuthor),
	"moved":    oneOf("runs", "rules", "inputs"),
	"template": {regexp.MustCompile(`^https?://[^\s/?#]+[^\s#]*$`), "an address that begins with https://", namedAddress},
	"moment": {regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$`),
		"a date with a time of day, such as 2026-12-24 12:00", moment},
	"name":      {name, "a name: lower-case letters, digits and -, at most 40, beginning with a letter or digit", lowerCase},
	"option":    {regexp.MustCompile("^[^\\s\"`]([^\\n\"`]{0,73}[^\\s\"`])?$"), "a text of at most 75 characters on one line and without quotes", nil},
	"owner":     {regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,38}$`), "a GitHub organisation or user", nil},
	"pagerduty": {regexp.MustCompile(`^[A-Z0-9]{3,30}$`), "a PagerDuty ID, such as PABC123 (the end of the address of its page)", nil},
	"person":    {regexp.MustCompile(`^([UW][A-Z0-9]{5,20}|` + email + `)$`), "a Slack user ID, such as U012AB3CD, or e-mail address", nil},
	"principal": {regexp.MustCompile(`^(` + word + `|[UW][A-Z0-9]{5,20}|` + email + `|group:` + handle + `)$`),
		"a team of this file, Slack user ID, e-mail address or group:handle", lowerCase},
	"quiet":   oneOf(QuietLine, QuietNothing),
	"regexp":  {regexp.MustCompile(`^[^\n]{1,300}$`), "a regular expression of at most 300 characters", expression},
	"repo":    {regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9-]{0,38}/)?[A-Za-z0-9._-]{1,100}$`), "a repository, such as acme/checkout", repoName},
	"room":    {regexp.MustCompile(`^[^\s#@]{1,80}$`), "a channel's name without #, such as inc-{number}-{title}", roomName},
	"runs":    oneOf("same", "older", "newer", "aside", "nothing"),
	"section": oneOf(DigestSections...),
	"slot":    oneOf("taken", "waiting", "cancelling"),
	"slug":    {regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`), "a team's slug on GitHub, such as payments", nil},
	"text":    {regexp.MustCompile(`^[^\n]{1,300}$`), "a text of one line and at most 300 characters", nil},
	"timezone": {regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/-]*$`),
		"a time zone; write an IANA name such as Europe/Berlin, or UTC", zone},
	"url":      {regexp.MustCompile(`^https?://[^\s/?#]+[^\s]*$`), "an address that begins with https://", webAddress},
	"weekday":  oneOf("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
	"workflow": {regexp.MustCompile(`^[^\s/]{1,200}\.ya?ml$`), "a workflow's file name, such as deploy.yml", nil},
}

// oneOf is a string that is one of some words.
func oneOf[T ~string](words ...T) format {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return format{regexp.MustCompile(`^(` + strings.Join(all, "|") + `)$`), "one of " + list(all), nil}
}

// problem is the sentence about a string that does not look as it must, or nothing.
func (f format) problem(value string) string {
	if f.pattern == nil {
		return ""
	}
	if value == "" && !f.pattern.MatchString("") {
		return "is empty; give a value or remove the key"
	}
	if f.check != nil {
		if problem := f.check(value); problem != "" {
			return problem
		}
	}
	if !f.pattern.MatchString(value) {
		return quote(value) + " is not " + f.want
	}
	return ""
}

// roomParts are what the name of an incident's channel may stand for.
var roomParts = []string{"{number}", "{date}", "{severity}", "{service}", "{title}"}

func roomName(value string) string {
	rest := value
	for _, part := range roomParts {
		rest = strings.ReplaceAll(rest, part, "")
	}
	switch {
	case strings.ContainsAny(rest, "{}"):
		return quote(value) + " has a word in braces that means nothing here; there are " + list(roomParts)
	case !strings.Contains(value, "{number}"):
		return quote(value) + " has no {number}, so two incidents could be called the same"
	case strings.ToLower(value) != value:
		return quote(value) + " has capital letters, which Slack's channels do not; write " + strings.ToLower(value)
	}
	return ""
}

func address(value string) string {
	if value == "" {
		return ""
	}
	_, port, err := net.SplitHostPort(value)
	if _, numeric := strconv.ParseUint(value, 10, 16); numeric == nil {
		return value + " is only a port; write 127.0.0.1:" + value + " (this machine) or :" + value + " (every network)"
	}
	if number, portErr := strconv.Atoi(port); err != nil || portErr != nil || number > 65535 || number < 0 {
		return quote(value) + " is not an address to listen on; write a host and a port, such as 127.0.0.1:8080"
	}
	return ""
}

func dir(value string) string {
	if path.IsAbs(value) || path.Clean(value) != value || value == "." || strings.HasPrefix(value, "..") {
		return quote(value) + " is not a directory in the repository; write it without / at its ends and without . and .., such as doc/adr"
	}
	return ""
}

// reservedInput keeps the inputs Shipmate sends itself; GitHub does not tell apart upper and lower case.
func reservedInput(value string) string {
	switch strings.ToLower(value) {
	case "sha", "correlation_id", "environment":
		return "is an input that Shipmate fills in itself; remove it"
	}
	return ""
}

// expression is what keeps a pattern from being used, in the words of package regexp/syntax.
func expression(value string) string {
	var broken *syntax.Error
	if _, err := wholly(value); errors.As(err, &broken) {
		return quote(value) + " is not a regular expression (RE2, as in Go): " + broken.Code.String() + " in " + quote(broken.Expr)
	}
	return ""
}

func lowerCase(value string) string {
	if lower := strings.ToLower(value); lower != value && name.MatchString(lower) && !userID.MatchString(value) {
		return "names are written in lower case: " + lower
	}
	return ""
}

func repoName(value string) string {
	rest, found := strings.CutPrefix(value, "https://")
	if _, name, ok := strings.Cut(rest, "/"); found && ok {
		return quote(value) + " is an address; write only " + strings.TrimSuffix(name, ".git")
	}
	return ""
}

func webAddress(value string) string {
	u, err := url.Parse(value)
	switch {
	case strings.Contains(value, "@") && (err != nil || u.User != nil):
		return "has a user or password before the @; secrets never stand in this file"
	case err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return quote(value) + " is not an address that begins with https://"
	}
	return ""
}
