package bot

import (
	"encoding/json"
	"fmt"
	"regexp"
)

func encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing a record: %w", err)
	}
	return data, nil
}

func decode(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("reading a record: %w", err)
	}
	return nil
}

// token matches the forms of secrets people paste by mistake: Slack's, GitHub's and AWS's documented prefixes.
var token = regexp.MustCompile(`\b(xox[a-z]-|xapp-|gh[pousr]_|github_pat_|AKIA)[A-Za-z0-9_-]{8,}`)

// mask hides what looks like a secret before a line is kept.
func mask(line string) string { return token.ReplaceAllString(line, "$1…") }
