package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/integrations/github"
)

// How many repositories are looked at, and how many at a time: the client has eight slots, and deploys need some too.
const (
	maxRepos      = 10
	reposAtOnce   = 3
	budgetWarning = 10 // a tenth of the hour's calls left
)

// checkGitHub finds out whether GitHub answers, and whether Shipmate may do in each repository what it has to.
func checkGitHub(ctx context.Context, gh *github.Client, cfg *config.Config) []bot.Finding {
	who, err := gh.WhoAmI(ctx)
	if err != nil {
		return []bot.Finding{{Level: bot.Problem, Text: bot.Textf("GitHub: %s", words(err)),
			Mend: bot.Textf("Check the way from this machine to %s and the credentials; deploys wait until it answers.", cfg.GitHub.APIURL)}}
	}
	looked := lookAtRepos(ctx, gh, cfg)
	out := []bot.Finding{checkBudget(who, gh.Rate())}
	out = append(out, missing(looked)...)
	for _, l := range looked {
		out = append(out, l.wrong...)
	}
	return append(out, notLooked(looked, len(uses(cfg)))...)
}

func checkBudget(who github.Identity, rate github.Rate) bot.Finding {
	if rate.Limit == 0 {
		return bot.Finding{Level: bot.Fine, Text: bot.Textf("GitHub knows me as %s and sets no limit.", bot.Code(who.Login))}
	}
	f := bot.Finding{Level: bot.Fine, Text: bot.Textf("GitHub knows me as %s; %d of %d calls are left until %s.", bot.Code(who.Login),
		rate.Remaining, rate.Limit, bot.Clock(rate.Reset))}
	if rate.Remaining*budgetWarning < rate.Limit {
		f.Level, f.Mend = bot.Warning, "I slow down by myself. If others use the same token, give Shipmate one of its own."
	}
	return f
}

// lookedAt is what was found out about a repository.
type lookedAt struct {
	repo        string
	permissions []github.Permission
	wrong       []bot.Finding
	unanswered  bool
}

// use is what Shipmate does in a repository: the services with their workflow files and the inputs those are given, and the rest.
type use struct {
	services []*config.Service
	github.Uses
}

// uses are what Shipmate does in each repository that the configuration names.
func uses(cfg *config.Config) map[string]*use {
	out := map[string]*use{}
	of := func(repo config.Repo) *use {
		if out[string(repo)] == nil {
			out[string(repo)] = new(use)
		}
		return out[string(repo)]
	}
	p := cfg.Postmortem
	for _, name := range cfg.ServiceNames() {
		s := cfg.Services[name]
		u := of(s.Repo)
		u.services = append(u.services, s)
		u.Deploys, u.Records = true, u.Records || s.Deploy.Records()
		u.Issues = u.Issues || p.Repo != "" && p.ItemsRepo == ""
		u.Debt = cfg.Debt.Remind != "" // who only writes debt down is told by its message
		if team, ok := cfg.Team(s.Team); ok && team.Digest != "" {
			u.Digests = true
		}
	}
	for _, repo := range []config.Repo{p.Repo, p.PrivateRepo} {
		if repo != "" {
			of(repo).Documents = true
		}
	}
	for _, repo := range []config.Repo{p.ItemsRepo, p.PrivateRepo} {
		if repo != "" {
			of(repo).Issues = true
		}
	}
	for _, log := range cfg.DecisionLogs() {
		of(log.Repo).Decisions = true
	}
	return out
}

// lookAtRepos looks at the first repositories side by side.
func lookAtRepos(ctx context.Context, gh *github.Client, cfg *config.Config) []lookedAt {
	repos := uses(cfg)
	names := slices.Sorted(maps.Keys(repos))
	slices.SortStableFunc(names, func(a, b string) int { // the few that documents go to are not to be left out behind many services
		return documentsFirst(repos[a]) - documentsFirst(repos[b])
	})
	names = names[:min(len(names), maxRepos)]
	out := make([]lookedAt, len(names))
	slots := make(chan struct{}, reposAtOnce)
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			out[i] = lookAtRepo(ctx, gh, name, repos[name])
		})
	}
	wg.Wait()
	return out
}

func documentsFirst(u *use) int {
	if u.Documents || u.Decisions {
		return 0
	}
	return 1
}

func lookAtRepo(ctx context.Context, gh *github.Client, repo string, u *use) lookedAt {
	l := lookedAt{repo: repo}
	var err error
	if l.permissions, err = gh.PermissionsFor(ctx, repo, u.Uses); err != nil {
		return l.failed(err, "Give the token or the App access to it, or correct the name in the configuration.")
	}
	for _, s := range u.services {
		if len(s.Environments) == 0 || s.Deploy.Deployment {
			continue // who listens to deployments nobody can tell
		}
		w, err := gh.Workflow(ctx, repo, s.Deploy.Workflow, "")
		if err != nil {
			return l.failed(err, "Add the file; docs/workflow.md has one to begin with.")
		}
		for _, m := range w.Mistakes(slices.Sorted(maps.Keys(s.Deploy.Inputs))...) {
			l.wrong = append(l.wrong, bot.Finding{Level: bot.Problem, Text: bot.Textf("%s cannot be deployed: %s", bot.Bold(s.Name), m),
				Mend: "docs/workflow.md has an example."})
		}
	}
	return l.listeners(ctx, gh, u.services)
}

// listeners warns of workflows that would start with each deployment that is only meant as a record of another's run.
func (l lookedAt) listeners(ctx context.Context, gh *github.Client, services []*config.Service) lookedAt {
	i := slices.IndexFunc(services, func(s *config.Service) bool { return s.Deploy.Record })
	if i < 0 {
		return l
	}
	files, err := gh.DeploymentListeners(ctx, l.repo)
	if err != nil {
		return l.failed(err, "Give the token or the App access to its contents.")
	}
	if len(files) > 0 {
		l.wrong = append(l.wrong, bot.Finding{Level: bot.Warning, Text: bot.Textf("%s in %s starts on deployments, so also with each that is only recorded for %s.",
			some(files), bot.Code(l.repo), bot.Bold(services[i].Name)), Mend: bot.Textf("Remove %s from the service, or deployment from the workflow's triggers.", bot.Code("record: true"))})
	}
	return l
}

// failed notes why a repository could not be looked at. No answer, a limit or a failure of GitHub's says nothing about the
// repository.
func (l lookedAt) failed(err error, mend bot.Text) lookedAt {
	var e *github.Error
	if github.IsRateLimited(err) || errors.As(err, &e) && (e.Status == 0 || e.Status >= http.StatusInternalServerError) {
		l.unanswered = true
		return l
	}
	l.wrong = append(l.wrong, bot.Finding{Level: bot.Problem, Text: bot.Textf("%s: %s", bot.Code(l.repo), words(err)), Mend: mend})
	return l
}

// missing are the permissions that are not there, or not told, each with the repositories.
func missing(looked []lookedAt) []bot.Finding {
	type lack struct {
		github.Permission
		repos []string
	}
	var lacks []*lack
	for _, l := range looked {
		for _, p := range l.permissions {
			if p.State == github.Granted {
				continue
			}
			i := slices.IndexFunc(lacks, func(k *lack) bool { return k.Name == p.Name && k.State == p.State })
			if i < 0 {
				i, lacks = len(lacks), append(lacks, &lack{Permission: p})
			}
			lacks[i].repos = append(lacks[i].repos, l.repo)
		}
	}
	var out []bot.Finding
	for _, k := range lacks {
		if k.State == github.Missing {
			level := bot.Problem
			if k.Optional {
				level = bot.Warning
			}
			out = append(out, bot.Finding{Level: level, Text: bot.Textf("On GitHub I lack %s, to %s, in %s.", bot.Bold(k.Name), k.For, some(k.repos)), Mend: bot.Plain(k.Mend)})
			continue
		}
		out = append(out, bot.Finding{Level: bot.Notice, Text: bot.Textf("Whether I have %s in %s GitHub does not tell.", bot.Bold(k.Name), some(k.repos)), Mend: bot.Plain(k.Mend)})
	}
	return out
}

// notLooked says which repositories nothing is known of.
func notLooked(looked []lookedAt, all int) []bot.Finding {
	var out []bot.Finding
	var unanswered []string
	for _, l := range looked {
		if l.unanswered {
			unanswered = append(unanswered, l.repo)
		}
	}
	if len(unanswered) > 0 {
		out = append(out, bot.Finding{Level: bot.Warning, Text: bot.Textf("GitHub did not tell in time about %s.", some(unanswered)), Mend: "Ask again in a minute."})
	} else {
		out = append(out, bot.Finding{Level: bot.Fine, Text: bot.Textf("I looked at %s and the workflow files there.", some(names(looked)))})
	}
	if more := all - len(looked); more > 0 {
		out = append(out, bot.Finding{Level: bot.Notice, Text: bot.Textf("And %d more were not looked at: I look at the first %d repositories.", more, maxRepos)})
	}
	return out
}

func names(looked []lookedAt) []string {
	var out []string
	for _, l := range looked {
		out = append(out, l.repo)
	}
	return out
}

// some names up to three and counts the rest.
func some(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// words is an error of GitHub's as people read it.
func words(err error) string {
	var e *github.Error
	if errors.As(err, &e) {
		return e.UserMessage()
	}
	return err.Error()
}
