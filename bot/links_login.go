package bot

import (
	"regexp"
	"strings"
)

var (
	// githubLogin is GitHub's rule: letters, digits and single hyphens inside; accounts that a company manages have its
	// short code after an underscore (GitHub: Usernames; About Enterprise Managed Users).
	githubLogin = regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*(_[A-Za-z0-9]+)?$`)
	pagerDutyID = regexp.MustCompile(`^[A-Z0-9]{6,14}$`)
	address     = regexp.MustCompile(`^[^\s@<>|]+@[^\s@<>|]+\.[^\s@<>|]+$`)
)

const (
	maxGitHubLogin = 39
	maxAddress     = 254
)

// CheckLogin returns the login as it is kept, or says what a login at that service looks like.
func CheckLogin(service, login string) (string, *Refusal) {
	login = strings.TrimPrefix(login, "@")
	switch service {
	case OnGitHub:
		login = strings.TrimSuffix(strings.TrimPrefix(login, "https://github.com/"), "/")
		if len(login) <= maxGitHubLogin && githubLogin.MatchString(login) {
			return login, nil
		}
		return "", Refuse("link.login", "%s is no GitHub login: that is up to %d letters, digits and single hyphens, as in github.com/ana.", Code(login), maxGitHubLogin)
	case OnPagerDuty:
		if pagerDutyID.MatchString(login) {
			return login, nil
		}
		if len(login) <= maxAddress && address.MatchString(login) {
			return strings.ToLower(login), nil
		}
		return "", Refuse("link.login", "%s is no PagerDuty user: that is an ID like PXPGF42, as in the address of the user's page, or an e-mail address.", Code(login))
	}
	return "", Refuse("link.service", "There is no %s to be linked to.", Code(service))
}

// serviceName is a service's name as it is written.
func serviceName(service string) string {
	switch service {
	case OnGitHub:
		return "GitHub"
	case OnPagerDuty:
		return "PagerDuty"
	}
	return service
}
