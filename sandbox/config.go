package sandbox

import (
	_ "embed"
	"fmt"
	"os"
	"strings"
	"text/template"
)

//go:embed acme/shipmate.yaml
var configText string

var configTemplate = template.Must(template.New("shipmate.yaml").Parse(configText))

// endpoints are where the fakes listen, as the bot's configuration names them.
type endpoints struct {
	Slack  string `json:"slack"`
	GitHub string `json:"github"`
	Pager  string `json:"pagerduty,omitempty"`
	Sites  string `json:"sites,omitempty"` // of Acme's services
}

// configOf is Acme's shipmate.yaml for fakes at these addresses.
func configOf(e endpoints) (string, error) {
	var out strings.Builder
	if err := configTemplate.Execute(&out, e); err != nil {
		return "", fmt.Errorf("writing Acme's configuration: %w", err)
	}
	return out.String(), nil
}

// writeConfig puts Acme's configuration at path. A file that is already there is somebody's: it keeps everything but the
// addresses of fakes that have moved since.
func writeConfig(path string, before, now endpoints) error {
	old, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		text, err := configOf(now)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(text), 0o600)
	}
	if err != nil {
		return fmt.Errorf("reading the stage's configuration: %w", err)
	}
	text := string(old)
	if before.Slack != "" && before.GitHub != "" {
		text = strings.NewReplacer(before.Slack, now.Slack, before.GitHub, now.GitHub).Replace(text)
	}
	for _, moved := range [][2]string{{before.Sites, now.Sites}, {before.Pager, now.Pager}} {
		if moved[0] != "" {
			text = strings.ReplaceAll(text, moved[0], moved[1])
		}
	}
	if text == string(old) {
		return nil
	}
	return os.WriteFile(path, []byte(text), 0o600)
}
