package commands

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/schedule"
)

var (
	// debtItem is an issue as people write it: checkout#12, acme/checkout#12, #12.
	debtItem = regexp.MustCompile(`^(?:([\w.-]{1,100}(?:/[\w.-]{1,100})?)#|#)?([1-9]\d{0,8})$`)
	// debtURL is the address of one.
	debtURL = regexp.MustCompile(`^<?https?://[^/\s|>]+/([\w.-]+/[\w.-]+)/issues/([1-9]\d{0,8})\b[^\s]*$`)
	// reminderID is the ID of a reminder: its schedule's, and its time or the request that wanted it.
	reminderID = regexp.MustCompile(`^debt-[a-z0-9-]{1,40}\.[\w.:-]{1,100}$`)
)

// parseDebtItem is an issue as <repository>#<number>, the repository as it was written, or empty.
func parseDebtItem(word string) (string, error) {
	word = strings.TrimSpace(word)
	m := debtItem.FindStringSubmatch(word)
	if m == nil {
		m = debtURL.FindStringSubmatch(word)
	}
	if m == nil {
		return "", fmt.Errorf("%q is no issue; one is written like checkout#12, as /debt list shows it", word)
	}
	return m[1] + "#" + m[2], nil
}

func parseReminder(word string) (string, error) {
	if !reminderID.MatchString(word) {
		return "", fmt.Errorf("%q is not a reminder", word)
	}
	return word, nil
}

// parseUntil takes a day, or a length of time.
func parseUntil(word string) (string, error) {
	if _, err := clock.ParseDuration(word); err != nil && !clock.IsDay(word) {
		return "", fmt.Errorf("%q is no day and no length of time; write 2027-01-15, monday or 6w", word)
	}
	return word, nil
}

// debtMeant is the issue that a line names. A number by itself is one of the service that the line names, or of the only repository there
// is, in the team whose channel it is or at all.
func debtMeant(ctx context.Context, d Deps, req bot.Request) (repo string, number int, err error) {
	word, err := parseDebtItem(cmp.Or(req.Arg("item"), req.Arg("which"))) // a form's is not parsed yet
	if err != nil {
		return "", 0, bot.Refuse("debt.which", "Which? Write it as %s; %s shows what there is.", bot.Code("checkout#12"), bot.Code("/debt list"))
	}
	name, digits, _ := strings.Cut(word, "#")
	switch service := req.Arg("service"); {
	case name != "":
		repo = repoCalled(req.Config, name)
		if repo == "" {
			return "", 0, bot.Refuse(string(schedule.NoDebt), "No service is in %s. The register is the repositories of services.", bot.Code(name))
		}
	case service != "":
		if s, ok := req.Config.Service(service); ok {
			repo = string(s.Repo)
		}
	default:
		repo = onlyRepo(ctx, d, req)
	}
	if repo == "" {
		return "", 0, bot.Refuse("debt.which", "Of which service? Write it as %s.", bot.Code("checkout#"+digits))
	}
	return repo, atoi(digits), nil
}

// repoCalled is the repository that is meant by its name, with its owner or without, or by that of a service in it; "" for none.
func repoCalled(cfg *config.Config, name string) string {
	for _, one := range cfg.ServiceNames() {
		if repo := string(cfg.Services[one].Repo); strings.EqualFold(repo, name) || strings.EqualFold(repoName(repo), name) {
			return repo
		}
	}
	if s, ok := cfg.Service(strings.ToLower(name)); ok {
		return string(s.Repo)
	}
	return ""
}

// onlyRepo is the only repository of the team whose channel it is, or of all; "" when there are more.
func onlyRepo(ctx context.Context, d Deps, req bot.Request) string {
	team := teamOfChannel(ctx, d, req.Config, req.Channel)
	found := ""
	for _, name := range req.Config.ServiceNames() {
		s := req.Config.Services[name]
		switch {
		case team != nil && s.Team != team.Name, string(s.Repo) == found:
		case found != "":
			return ""
		default:
			found = string(s.Repo)
		}
	}
	return found
}
