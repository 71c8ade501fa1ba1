package github

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// knownSecrets are the shapes of credentials that must not be shown even when nobody told us about them: GitHub,
// Slack, AWS, JSON web tokens, authorisation headers, passwords in addresses (GitHub: Token formats; Slack: Token
// types; AWS IAM: Unique identifiers).
var knownSecrets = regexp.MustCompile(
	`\bgh[pousr]_[A-Za-z0-9_]{8,}` +
		`|\bgithub_pat_[A-Za-z0-9_]{8,}` +
		`|\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}` +
		`|\bxapp-[A-Za-z0-9-]{8,}` +
		`|\b(?:AKIA|ASIA)[A-Z0-9]{12,}` +
		`|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*` +
		`|(?i:\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{12,})` +
		`|(?i:[?&](?:sig|signature|token|access_token|x-amz-signature|se|skoid)=[^&\s]+)`)

var passwordInURL = regexp.MustCompile(`://[^/\s:@]+:[^/\s@]+@`)

const masked = "***"

// maxLearned keeps the credentials in use and some that were just replaced.
const maxLearned = 8

// redactor masks secrets in text.
type redactor struct {
	mu    sync.RWMutex
	exact []string
}

func newRedactor(secrets ...string) *redactor {
	r := &redactor{}
	for _, s := range secrets {
		r.learn(strings.TrimSpace(s))
	}
	return r
}

// learn adds a secret by its exact text. Very short ones are left out: masking them would eat ordinary words.
func (r *redactor) learn(secret string) {
	if len(secret) < 6 {
		return
	}
	r.mu.RLock()
	known := slices.Contains(r.exact, secret)
	r.mu.RUnlock()
	if known {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exact = append(r.exact, secret)
	if len(r.exact) > maxLearned {
		r.exact = slices.Delete(r.exact, 1, 2) // the first is the configured one
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
	return passwordInURL.ReplaceAllString(s, "://"+masked+"@")
}
