package bot

import (
	"testing"

	"shipmate/config"
)

func TestWhoCanIsNamedOnce(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte("teams: {platform: {slack_group: platform-eng}}"), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	got := describe([]config.Principal{"platform", "U012AB3CD", "group:leads", "platform", "group:@leads", "U012AB3CD"}, cfg)
	if want := Text("*platform* (@platform-eng), <@U012AB3CD>, @leads"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
