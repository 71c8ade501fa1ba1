package sandbox

import (
	"fmt"

	"shipmate/integrations/github/githubtest"
)

// pushed are commits somebody of the payments team pushes to checkout when asked to at the stage door, in turn.
var pushed = []struct{ who, subject string }{
	{"ben", "Show the delivery date in the basket"},
	{"ana", "Keep the basket over a sign-in"},
	{"ben", "Round totals per tax rate"},
}

// pushLever has a commit pushed to checkout, whose CI passes or fails.
func (s *Stage) pushLever(id, label, hint string, fails bool) *lever {
	return &lever{leverState: leverState{ID: id, Group: groupPushes, Label: label, Hint: hint}, pull: func() (string, error) {
		repo := s.github.Repo("acme/checkout")
		if repo == nil {
			return "", fmt.Errorf("the stage has no checkout")
		}
		if fails {
			repo.ScriptNext("ci.yml", githubtest.FailAt("test", "Test",
				"--- FAIL: TestDeliveryDate (0.02s)", "    basket_test.go:41: got Monday, want Tuesday", "FAIL"))
		}
		c := pushed[int(s.pushes.Load()+1)%len(pushed)]
		sha := s.commit("acme/checkout", c.who, c.subject)
		return fmt.Sprintf("%s pushed %s. Try /pipeline watch checkout.", c.who, sha[:7]), nil
	}}
}

// commit adds a commit to a repository's main branch, which starts its CI.
func (s *Stage) commit(repo, who, subject string) (sha string) {
	n := s.pushes.Add(1)
	return s.github.Repo(repo).Commit("main", who, subject, githubtest.Files{"PUSHED": fmt.Sprintln(n, subject)})
}
