package schedule

import (
	"testing"

	"shipmate/integrations/github"
)

func TestWhoseTurnAPullRequestIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pull github.OpenPull
		want bool
	}{
		"asked":                   {github.OpenPull{Author: "cy", Reviewers: []string{"ben", "Ana"}}, true},
		"another is":              {github.OpenPull{Author: "cy", Reviewers: []string{"ben"}}, false},
		"hers, and another is":    {github.OpenPull{Author: "ana", Reviewers: []string{"ben"}}, false},
		"hers, and a team is":     {github.OpenPull{Author: "ana", Teams: []string{"payments"}}, false},
		"hers, and nobody is":     {github.OpenPull{Author: "ANA"}, true},
		"hers, and not ready yet": {github.OpenPull{Author: "ana", Draft: true}, false},
		"another's":               {github.OpenPull{Author: "cy"}, false},
	} {
		if got := turnOf(c.pull, "ana"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
