package main

import "shipmate/integrations/github/githubtest"

// runs expects so many workflow runs of a repository, each of a request of its own.
func (s *stage) runs(repo string, n int) []githubtest.Run {
	s.Helper()
	runs := s.github.Runs(repo)
	if len(runs) != n {
		s.Fatalf("%d runs of %s, want %d\n%s", len(runs), repo, n, s.everything())
	}
	of := map[string]bool{}
	for _, r := range runs {
		if id := r.Inputs["correlation_id"]; of[id] {
			s.Fatalf("two runs of %s", id)
		} else {
			of[id] = true
		}
	}
	return runs
}
