package commands

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/schedule"
)

// sectionOf is one section of a digest; without lines there is nothing to say.
func sectionOf(d *schedule.Digest, section config.DigestSection) digestSection {
	f := &d.Facts
	switch section {
	case config.DigestIncidents:
		return listing("🔥 *Incidents*", f.Incidents, func(i schedule.Incident) bot.Text { return digestIncident(i, d.Until) })
	case config.DigestPipelines:
		return listing(pipelinesTitle(f.Pipelines.All), f.Pipelines, digestPipeline)
	case config.DigestDeploys:
		return deploysSection(d)
	case config.DigestPromotions:
		return listing("🚚 *Waits for promotion*", f.Promotion, func(p schedule.Promotion) bot.Text { return digestPromotion(p, d.Until) })
	case config.DigestReviews:
		return listing("👀 *Pull requests that wait*", f.Pulls, digestPull)
	case config.DigestFollowups:
		return listing("📋 *Due*", f.Followups, func(x schedule.Followup) bot.Text { return digestFollowup(x, d.Until) })
	case config.DigestHolds:
		return listing("🔒 *Locked and frozen*", f.Holds, func(h schedule.Closure) bot.Text { return digestClosure(h, d.Until) })
	case config.DigestDecisions:
		return listing("📐 *Decisions*", f.Decisions, digestDecision)
	case config.DigestDebt:
		return debtSection(d)
	case config.DigestOnCall:
		return onCallSection(f.OnCall)
	case config.DigestFigures:
		return figuresSection(f.Figures)
	case config.HandoverPages:
		return listing("📟 *Pages that are open*", f.Pages, func(p schedule.Page) bot.Text { return digestPage(p, d.Until) })
	case config.HandoverBaking:
		return listing("🍞 *Deployments that bake*", f.Baking, func(b schedule.Baking) bot.Text {
			return bot.Textf("%s %s in %s, good at %s (%s)", bot.Bold(b.Service), bot.Link(b.URL, b.SHA), bot.Bold(b.Environment), bot.Time(b.Until), b.By)
		})
	}
	return digestSection{}
}

// listing is one line for each of some things.
func listing[T any](title bot.Text, of schedule.Some[T], line func(T) bot.Text) digestSection {
	s := digestSection{title: title, more: of.More}
	for _, one := range of.All {
		s.lines = append(s.lines, bot.Textf("• %s", line(one)))
	}
	return s
}

func digestIncident(i schedule.Incident, now time.Time) bot.Text {
	name := bot.Textf("*INC-%d* %s %s", i.Number, i.Severity, bot.Literal(cutTo(i.Title, 100)))
	if !i.Resolved.IsZero() {
		return bot.Textf("%s · resolved after %s", name, ago(i.Since, i.Resolved))
	}
	line := bot.Textf("%s · *open* for %s", name, ago(i.Since, now))
	if i.Lead != "" {
		line = bot.Textf("%s, led by %s", line, i.Lead)
	}
	if i.Channel != "" {
		line = bot.Textf("%s · %s", line, bot.Channel(i.Channel))
	}
	return line
}

// pipelinesTitle says at a glance whether anything fails still.
func pipelinesTitle(all []schedule.Pipeline) bot.Text {
	if slices.ContainsFunc(all, func(p schedule.Pipeline) bool { return !p.Flaky }) {
		return "❌ *Pipelines on default branches*"
	}
	return "🔁 *Pipelines on default branches*"
}

func digestPipeline(p schedule.Pipeline) bot.Text {
	name := bot.Textf("%s of %s", bot.Link(p.URL, p.Workflow), repoName(p.Repo))
	if p.Flaky {
		return bot.Textf("%s is flaky: %s passed only when it was repeated", name, bot.Code(p.SHA))
	}
	return bot.Textf("%s fails on %s since %s (%s by %s)", name, bot.Code(p.Branch), bot.Time(p.Since), bot.Code(p.SHA), p.By)
}

// numbered names a pull request or an issue, as somebody titled it.
func numbered(url, repo string, number int, title string) bot.Text {
	return bot.Link(url, bot.Literal(fmt.Sprintf("%s#%d %s", repoName(repo), number, cutTo(title, 80))))
}

func digestPage(p schedule.Page, now time.Time) bot.Text {
	state := "nobody has acknowledged"
	if p.State == string(incident.Acknowledged) {
		state = "acknowledged"
	}
	return bot.Textf("%s to %s · %s, for %s", bot.Link(p.URL, bot.Literal(cutTo(p.Message, 100))), bot.Bold(p.Subject), state, ago(p.Since, now))
}

// repoName is a repository without its owner.
func repoName(repo string) string { return repo[strings.LastIndexByte(repo, '/')+1:] }

// deploysSection counts deployments by service, and names each in its details.
func deploysSection(d *schedule.Digest) digestSection {
	s := digestSection{title: "🚀 *Deployments*", more: d.Facts.Deploys.More}
	for _, w := range d.Facts.Waiting.All {
		what := "waits"
		if w.Approval {
			what = "waits for approval"
		}
		s.lines = append(s.lines, bot.Textf("• %s %s to %s by %s %s for %s", bot.Bold(w.Service), bot.Code(w.SHA), bot.Bold(w.Environment), w.By, bot.Text(what), ago(w.Since, d.Until)))
	}
	waiting := len(s.lines)
	for _, service := range servicesIn(d.Facts.Deploys.All) {
		s.lines = append(s.lines, bot.Textf("• %s: %s", bot.Bold(service), bot.Join("; ", deployCounts(d.Facts.Deploys.All, service)...)))
	}
	for _, x := range d.Facts.Deploys.All {
		line := bot.Textf("• %s %s %s to %s by %s, %s", deployIcon(x), bot.Bold(x.Service), bot.Link(x.URL, x.SHA), bot.Bold(x.Environment), x.By, bot.Time(x.At))
		if x.Subject != "" {
			line = bot.Textf("%s: %s", line, bot.Literal(cutTo(x.Subject, 80)))
		}
		s.full = append(s.full, line)
	}
	if len(s.full) > 0 && waiting > 0 {
		s.full = append(slices.Clone(s.lines[:waiting]), s.full...)
	}
	return s
}

func deployIcon(x schedule.Deploy) bot.Text {
	switch {
	case x.Back:
		return "⏪"
	case x.State == string(delivery.Succeeded):
		return "✅"
	case deployFailed(x.State):
		return "❌"
	}
	return "⛔"
}

// servicesIn are the services that were deployed, those that failed first.
func servicesIn(all []schedule.Deploy) []string {
	var failed, other []string
	for _, x := range all {
		if deployFailed(x.State) && !slices.Contains(failed, x.Service) {
			failed = append(failed, x.Service)
		}
	}
	for _, x := range all {
		if !slices.Contains(failed, x.Service) && !slices.Contains(other, x.Service) {
			other = append(other, x.Service)
		}
	}
	return append(failed, other...)
}

// deployCounts says how often a service was deployed, by environment, how that went, and who did.
func deployCounts(all []schedule.Deploy, service string) []bot.Text {
	var out []bot.Text
	var places []string
	for _, x := range all {
		if x.Service == service && !slices.Contains(places, x.Environment) {
			places = append(places, x.Environment)
		}
	}
	slices.SortFunc(places, func(a, b string) int { return strings.Compare(b, a) })
	for _, place := range places {
		var well, failed, back, other int
		var who []string
		for _, x := range all {
			if x.Service != service || x.Environment != place {
				continue
			}
			if !slices.Contains(who, x.By) {
				who = append(who, x.By)
			}
			switch {
			case x.Back:
				back++
			case x.State == string(delivery.Succeeded):
				well++
			case deployFailed(x.State):
				failed++
			default:
				other++
			}
		}
		var parts []string
		for _, c := range []struct {
			n    int
			word string
		}{{well, "✅"}, {failed, "❌"}, {back, "⏪"}, {other, "⛔"}} {
			if c.n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", c.n, c.word))
			}
		}
		out = append(out, bot.Textf("%s %s (%s)", place, strings.Join(parts, " "), strings.Join(who, ", ")))
	}
	return out
}

func digestPromotion(p schedule.Promotion, now time.Time) bot.Text {
	line := bot.Textf("%s %s", bot.Bold(p.Service), bot.Link(p.URL, p.SHA))
	if p.Subject != "" {
		line = bot.Textf("%s %s", line, bot.Literal(cutTo(p.Subject, 60)))
	}
	line = bot.Textf("%s · %s in %s, not in %s", line, ago(p.Since, now), p.From, bot.Bold(p.To))
	if p.By != "" {
		line = bot.Textf("%s · %s", line, p.By)
	}
	return line
}

func digestPull(p schedule.Pull) bot.Text {
	turn := bot.Textf("%s to review", bot.Bold(strings.Join(p.Turn, ", ")))
	if p.Mine {
		turn = bot.Textf("%s to go on", bot.Bold(p.Author))
	}
	return bot.Textf("%s · %s · %s", numbered(p.URL, p.Repo, p.Number, p.Title), workingAge(p.Age, p.Day), turn)
}

func digestFollowup(f schedule.Followup, now time.Time) bot.Text {
	what := bot.Link(f.URL, bot.Literal(cutTo(f.What, 100)))
	line := bot.Textf("%s (INC-%d)", what, f.Number)
	if f.Postmortem {
		line = bot.Textf("%s of INC-%d", what, f.Number)
	}
	if f.Who != "" {
		line = bot.Textf("%s · %s", line, f.Who)
	}
	switch {
	case f.Late:
		return bot.Textf("%s · *late* by %s", line, ago(f.Due, now))
	case f.Day:
		return bot.Textf("%s · due %s", line, f.Due.Format("2 January"))
	}
	return bot.Textf("%s · due %s", line, bot.Time(f.Due))
}

func digestClosure(h schedule.Closure, now time.Time) bot.Text {
	what := "every environment"
	if h.Environment != "" {
		what = h.Environment
	}
	line := bot.Textf("%s is frozen", bot.Bold(what))
	if !h.Freeze {
		service := h.Service
		if service == "" {
			service = "everything"
		}
		line = bot.Textf("%s on %s is locked", bot.Bold(service), bot.Bold(what))
	}
	if h.Since.After(now) {
		line = bot.Textf("%s from %s", line, bot.Time(h.Since))
	}
	if h.By != "" {
		line = bot.Textf("%s by %s", line, h.By)
	}
	if !h.Until.IsZero() {
		line = bot.Textf("%s until %s", line, bot.Time(h.Until))
	} else {
		line = bot.Textf("%s for %s", line, ago(h.Since, now))
	}
	if h.Why != "" {
		line = bot.Textf("%s: %s", line, cutTo(h.Why, 100))
	}
	return line
}

func digestDecision(d schedule.Decision) bot.Text {
	state := d.State
	if !adr.State(d.State).Ended() {
		state = "proposed"
	}
	return bot.Textf("%s · %s, by %s %s", bot.Link(d.URL, bot.Literal(d.Name+" "+cutTo(d.Title, 100))), bot.Bold(state), d.By, bot.Time(d.At))
}

// debtSection names what is new, and says how much there is in all.
func debtSection(d *schedule.Digest) digestSection {
	s := digestSection{}
	all := d.Facts.Debts
	if all.Count() == 0 {
		return s
	}
	oldest := slices.MinFunc(all.All, func(a, b schedule.Debt) int { return a.Since.Compare(b.Since) })
	s.title = bot.Textf("🧱 *Technical debt*: %d, the oldest for %s", all.Count(), ago(oldest.Since, d.Until))
	for _, x := range all.All {
		name := numbered(x.URL, x.Repo, x.Number, x.Title)
		if x.New {
			s.lines = append(s.lines, bot.Textf("• %s · new", name))
		}
		s.full = append(s.full, bot.Textf("• %s · for %s", name, ago(x.Since, d.Until)))
	}
	if len(s.lines) == 0 {
		return digestSection{}
	}
	return s
}

func onCallSection(duties []schedule.Duty) digestSection {
	s := digestSection{title: "📟 *On call*"}
	for _, d := range duties {
		line := bot.Bold(d.Who)
		if d.Who == "" {
			line = "⚠️ nobody"
		}
		if !d.Until.IsZero() {
			line = bot.Textf("%s until %s", line, bot.Time(d.Until))
		}
		if d.Next != "" {
			line = bot.Textf("%s, then %s", line, d.Next)
		}
		if !d.Old.IsZero() {
			line = bot.Textf("%s (as PagerDuty said at %s)", line, bot.Time(d.Old))
		}
		s.lines = append(s.lines, bot.Textf("• %s", line))
	}
	return s
}

// figuresSection has the figures in one line each; which stand out is for the pictures to show.
func figuresSection(figures []schedule.Figure) digestSection {
	s := digestSection{title: bot.Textf("📈 *Figures of the last %s*", count(figureDays, "day"))}
	var values []bot.Text
	for _, f := range figures {
		s.full = append(s.full, bot.Textf("• %s: %s · %s", f.Name, bot.Bold(f.Value), f.Note))
		if f.Value != noData {
			values = append(values, bot.Textf("%s %s", f.Name, bot.Bold(f.Value)))
		}
	}
	if len(values) > 0 {
		s.lines = []bot.Text{bot.Join(" · ", values...)}
	}
	return s
}
