package schedule

import (
	"errors"
	"testing"

	"shipmate/integrations/github"
)

func TestWhoseTurnAPullRequestIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pull github.OpenPull
		want turn
	}{
		"asked":                   {github.OpenPull{Author: "cy", Reviewers: []string{"ben", "Ana"}}, personal},
		"another is":              {github.OpenPull{Author: "cy", Reviewers: []string{"ben"}}, nobodys},
		"hers, and another is":    {github.OpenPull{Author: "ana", Reviewers: []string{"ben"}}, nobodys},
		"hers, and a team is":     {github.OpenPull{Author: "ana", Teams: []string{"payments"}}, nobodys},
		"hers, and nobody is":     {github.OpenPull{Author: "ANA"}, authors},
		"hers, and not ready yet": {github.OpenPull{Author: "ana", Draft: true}, nobodys},
		"her team is":             {github.OpenPull{Author: "cy", Reviewers: []string{"ben"}, Teams: []string{"core", "payments"}}, teams},
		"another team is":         {github.OpenPull{Author: "cy", Teams: []string{"core"}}, nobodys},
		"she is, and her team":    {github.OpenPull{Author: "cy", Reviewers: []string{"ana"}, Teams: []string{"payments"}}, personal},
		"another's":               {github.OpenPull{Author: "cy"}, nobodys},
	} {
		if got := turnOf(c.pull, Reviewer{Login: "ana", Teams: []string{"Payments"}}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// That only some repositories are asked is no failure to read them.
func TestHowManyRepositoriesAreAsked(t *testing.T) {
	t.Parallel()
	repos := make([]string, MaxWaitedFor+5)
	said, all := eachOf(repos, func(string) ([]int, error) { return []int{1}, nil })
	if len(said) != MaxWaitedFor || !all {
		t.Errorf("%d, %v", len(said), all)
	}
	if _, all := eachOf(repos[:2], func(string) ([]int, error) { return nil, errors.New("no") }); all {
		t.Error("what failed was read")
	}
}
