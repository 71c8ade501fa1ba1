package sandbox

import (
	_ "embed"
	"fmt"
	"os"
	"strings"
	"text/template"
	"time"
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

// configOf is Acme's shipmate.yaml for fakes at these addresses. It has a holiday of payments that is near.
func configOf(e endpoints, now time.Time) (string, error) {
	var out strings.Builder
	filled := struct {
		endpoints
		Holiday string
	}{e, nextHoliday(now).Format(time.DateOnly)}
	if err := configTemplate.Execute(&out, filled); err != nil {
		return "", fmt.Errorf("writing Acme's configuration: %w", err)
	}
	return out.String(), nil
}

// nextHoliday is the first weekday from the fourth day on: the guide lets some mornings come before it is looked at.
func nextHoliday(now time.Time) time.Time {
	day := dayIn(now, nineZone).AddDate(0, 0, 4)
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// writeConfig puts Acme's configuration at path, as of now. A file that is already there is somebody's: it keeps everything but the
// addresses of fakes that have moved since.
func writeConfig(path string, before, after endpoints, now time.Time) error {
	old, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		text, err := configOf(after, now)
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
		text = strings.NewReplacer(before.Slack, after.Slack, before.GitHub, after.GitHub).Replace(text)
	}
	for _, moved := range [][2]string{{before.Sites, after.Sites}, {before.Pager, after.Pager}} {
		if moved[0] != "" {
			text = strings.ReplaceAll(text, moved[0], moved[1])
		}
	}
	if text == string(old) {
		return nil
	}
	return os.WriteFile(path, []byte(text), 0o600)
}
