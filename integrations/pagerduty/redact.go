package pagerduty

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// knownSecrets are the shapes of credentials that must not be shown even when nobody told us about them: authorisation
// headers, PagerDuty's user tokens and integration keys, Slack's and GitHub's tokens, parameters that carry one
// ("PagerDuty: Authentication", "PagerDuty: Events API v2 overview", "Slack: Token types", "GitHub: Token formats").
var knownSecrets = regexp.MustCompile(
	`(?i:\btoken\s*=\s*"?[A-Za-z0-9_+.~/=-]{6,}"?)` +
		`|(?i:\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{12,})` +
		`|\bu\+[A-Za-z0-9_-]{16,}` +
		`|\bpd[a-z]{2}\+[A-Za-z0-9_+-]{16,}` +
		`|\b[0-9A-Za-z]{32}\b` +
		`|\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}` +
		`|\bxapp-[A-Za-z0-9-]{8,}` +
		`|\bgh[pousr]_[A-Za-z0-9_]{8,}` +
		`|(?i:[?&](?:routing_key|service_key|integration_key|access_token|signature|sig)=[^&\s]+)`)

// keyLike is text of the length of a REST key, which has no mark of its own; see looksLikeKey.
var keyLike = regexp.MustCompile(`[A-Za-z0-9_+-]{20}[A-Za-z0-9_+-]*`)

var passwordInURL = regexp.MustCompile(`://[^/\s:@]+:[^/\s@]+@`)

const masked = "***"

// redactor masks secrets in text.
type redactor struct {
	mu    sync.RWMutex
	exact []string
}

func newRedactor(secrets ...string) *redactor {
	r := &redactor{}
	for _, s := range secrets {
		r.learn(s)
	}
	return r
}

// learn adds a secret by its exact text. Very short ones are left out: masking them would eat ordinary words. Nothing is
// forgotten: there are as many as there are services.
func (r *redactor) learn(secret string) {
	if secret = strings.TrimSpace(secret); len(secret) < 6 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.exact, secret) {
		r.exact = append(r.exact, secret)
	}
}

// mask returns s with every known secret and everything that looks like one replaced.
func (r *redactor) mask(s string) string {
	r.mu.RLock()
	for _, secret := range r.exact {
		s = strings.ReplaceAll(s, secret, masked)
	}
	r.mu.RUnlock()
	s = knownSecrets.ReplaceAllString(s, masked)
	s = keyLike.ReplaceAllStringFunc(s, func(found string) string {
		if looksLikeKey(found) {
			return masked
		}
		return found
	})
	return passwordInURL.ReplaceAllString(s, "://"+masked+"@")
}

// looksLikeKey tells a REST key from a long word, an ID or a date: it has exactly 20 characters, and capitals, small letters
// and digits among them.
func looksLikeKey(s string) bool {
	return len(s) == 20 && strings.ContainsFunc(s, unicode.IsUpper) && strings.ContainsFunc(s, unicode.IsLower) &&
		strings.ContainsFunc(s, unicode.IsDigit)
}
