package sandbox

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"shipmate/integrations/github/githubtest"
)

// lookedAt is how long it takes at most until a bot that is told nothing has looked at GitHub.
const lookedAt = time.Minute

// giveThumb gives Chloé's thumb to what Shipmate proposed last, as a reaction on GitHub.
func (s *Stage) giveThumb() (string, error) {
	at := owner + "/" + decisions
	var last *githubtest.Issue
	for _, p := range s.github.Pulls(at) {
		if p.State == "open" && p.Author == githubtest.DefaultLogin {
			last = &p
		}
	}
	if last == nil {
		return "", errors.New("nothing is being proposed: propose something first")
	}
	s.github.Repo(at).React(last.Number, "chloe", "+1")
	return "Chloé gave her thumb on GitHub to " + last.Title + ".", s.moveClock(lookedAt)
}

// numberBranch is the branch that has a number.
var numberBranch = regexp.MustCompile(`^adr/(\d{4})$`)

// takeNumber opens a pull request of Ben's with the highest number that there is: of a proposal, else of a decision.
func (s *Stage) takeNumber() (string, error) {
	repo := s.github.Repo(owner + "/" + decisions)
	taken := s.nextNumber(s.ctx, "repos/"+owner+"/"+decisions, decisionsDir) - 1
	for _, b := range repo.Branches() {
		if m := numberBranch.FindStringSubmatch(b); m != nil {
			n, _ := strconv.Atoi(m[1])
			taken = max(taken, n)
		}
	}
	record := recordOf(decisionsDir, taken, s.clock.Now())
	n := repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: fmt.Sprintf("%d. Keep prices in cents", taken), Files: githubtest.Files{record.Path: record.Text}})
	return fmt.Sprintf("Ben opened %s/%s#%d, with the number %d.", owner, decisions, n, taken), s.moveClock(lookedAt)
}
