package commands

import (
	"context"
	"slices"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/schedule"
)

// digestLines is how many lines of a section a digest has; the others are details.
const digestLines = 3

func digestCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		one, err := d.Schedules.Digest(ctx, id)
		if err != nil {
			return bot.View{}, noCard(err)
		}
		v := digestView(one)
		if one.Detailed && len(one.Facts.Figures) > 0 {
			pictures, err := digestPictures(ctx, d, one)
			if err != nil {
				return bot.View{}, err
			}
			v.Replies = append(v.Replies, pictures...)
		}
		return v, nil
	}
}

// digestPictures are the figures of a week as pictures, each with words of its own.
func digestPictures(ctx context.Context, d Deps, one *schedule.Digest) ([]bot.ThreadReply, error) {
	var out []bot.ThreadReply
	deploys, err := teamStats(ctx, d.Delivery, one.Team, one.Until)
	if err != nil {
		return nil, err
	}
	if file := statsFile(deploys); file != nil {
		out = append(out, bot.ThreadReply{Key: "deliveries", Message: text("📈 %s", file.Title), File: file})
	}
	incidents, err := d.Incidents.Stats(ctx, incident.StatsWant{Team: one.Team, Days: figureDays, Until: one.Until})
	if err != nil {
		return nil, err
	}
	if file := incidentFile(incidents); file != nil {
		out = append(out, bot.ThreadReply{Key: "incidents", Message: text("📈 %s", file.Title), File: file})
	}
	return out, nil
}

// digestView is a digest as it stands in its channel, with its details below it.
func digestView(d *schedule.Digest) bot.View {
	v := bot.View{Message: digestMessage(d), Idle: true, Status: "The digest stands as it was written."}
	if d.Detailed {
		v.Replies = digestDetails(d)
	}
	return v
}

// digestMessage is a digest: what decides first, then each section with news in short.
func digestMessage(d *schedule.Digest) bot.Message {
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		zone = time.UTC
	}
	m := text("📰 %s, %s · %s", bot.Bold(d.Team), d.Until.In(zone).Format("Monday 2 January"), decisive(d))
	if d.Kind == schedule.Handovers {
		m = text("🔁 %s hands over, %s · %s", bot.Bold(d.Team), d.Until.In(zone).Format("Monday 2 January"), decisive(d))
	}
	if d.IsQuiet() && d.Kind != schedule.Handovers {
		if who := onDuty(d.Facts.OnCall); who != "" {
			m.Text = bot.Textf("%s · 📟 %s", m.Text, who)
		}
		return m
	}
	detailed := false
	for _, s := range digestSections(d) {
		m.Parts = append(m.Parts, bot.Section(s.short()))
		detailed = detailed || len(s.full) > 0
	}
	if missing := missingText(d); missing != "" {
		m.Parts = append(m.Parts, bot.Small(missing))
	}
	m.Parts = append(m.Parts, bot.Small(bot.Textf("Since %s", bot.Time(d.Since))))
	if detailed && !d.Detailed {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Details", Line: "digest details " + d.ID})
	}
	if d.Kind != schedule.Handovers {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Settings", Line: "digest settings " + d.Team})
	}
	return m
}

// onDuty names who is on call, in few words.
func onDuty(duties []schedule.Duty) string {
	var who []string
	for _, d := range duties {
		if d.Who == "" {
			return "nobody is on call"
		}
		who = append(who, d.Who)
	}
	return strings.Join(who, ", ")
}

// decisive is the one line that somebody reads who reads no more.
func decisive(d *schedule.Digest) bot.Text {
	f := &d.Facts
	open, late, failed, well, failing := 0, 0, 0, 0, 0
	for _, i := range f.Incidents.All {
		if i.Resolved.IsZero() {
			open++
		}
	}
	for _, x := range f.Followups.All {
		if x.Late {
			late++
		}
	}
	for _, x := range f.Deploys.All {
		switch {
		case deployFailed(x.State):
			failed++
		case x.State == string(delivery.Succeeded):
			well++
		}
	}
	for _, x := range f.Pipelines.All {
		if !x.Flaky {
			failing++
		}
	}
	var out []bot.Text
	say := func(n int, icon, one, many string) {
		words := bot.Text(one)
		if n > 1 {
			words = bot.Textf(many, n)
		}
		if n > 0 && len(out) < 3 {
			out = append(out, bot.Textf("%s %s", icon, words))
		}
	}
	say(open, "🔥", "an incident is open", "%d incidents are open")
	say(f.Pages.Count(), "📟", "a page is open", "%d pages are open")
	say(f.Baking.Count(), "🍞", "a deployment bakes", "%d deployments bake")
	say(failing, "❌", "a pipeline fails", "%d pipelines fail")
	say(failed, "💥", "a deployment failed", "%d deployments failed")
	say(late, "⏳", "a follow-up is late", "%d follow-ups are late")
	say(f.Waiting.Count(), "✋", "a deployment waits", "%d deployments wait")
	say(f.Promotion.Count(), "🚚", "one waits for promotion", "%d wait for promotion")
	say(f.Pulls.Count(), "👀", "a pull request waits", "%d pull requests wait")
	say(well, "🚀", "one deployment", "%d deployments")
	if len(out) > 0 {
		return bot.Join(" · ", out...)
	}
	switch {
	case len(d.Missing) > 0:
		return "not all could be read"
	case !d.IsQuiet():
		return "nothing that waits"
	case d.Kind == schedule.Handovers:
		return "nothing notable"
	}
	return "☀️ all quiet"
}

// digestSection is what a digest says of one thing: in a few lines, and in all of them where there are more.
type digestSection struct {
	section config.DigestSection
	title   bot.Text
	lines   []bot.Text
	more    int // how many lines are not there
	full    []bot.Text
}

// short is the section as the digest has it.
func (s digestSection) short() bot.Text {
	shown := s.lines[:min(len(s.lines), digestLines)]
	out := append([]bot.Text{s.title}, shown...)
	if more := len(s.lines) - len(shown) + s.more; more > 0 {
		out = append(out, bot.Textf("and %d more", more))
	}
	return bot.Join("\n", out...)
}

// whole is the section as its details have it.
func (s digestSection) whole() bot.Text {
	out := append([]bot.Text{s.title}, s.full...)
	if s.more > 0 {
		out = append(out, bot.Textf("and %d more", s.more))
	}
	return bot.Join("\n", out...)
}

// digestSections are those sections that have something to say, in the digest's order.
func digestSections(d *schedule.Digest) []digestSection {
	var out []digestSection
	for _, section := range d.Sections {
		if !d.Has(section) {
			continue
		}
		s := sectionOf(d, section)
		if len(s.lines) == 0 {
			continue
		}
		s.section = section
		if s.full == nil && len(s.lines)+s.more > digestLines {
			s.full = s.lines
		}
		out = append(out, s)
	}
	return out
}

// digestDetails are the long lists, for the thread: those that were read at first in one message, what was completed later in its own.
func digestDetails(d *schedule.Digest) []bot.ThreadReply {
	var first time.Time
	for _, at := range d.Read {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	together := bot.ThreadReply{Key: "details"}
	var out []bot.ThreadReply
	for _, s := range digestSections(d) {
		if len(s.full) == 0 {
			continue
		}
		part := bot.Section(s.whole())
		if d.Read[s.section].Equal(first) {
			together.Message.Parts = append(together.Message.Parts, part)
			continue
		}
		out = append(out, bot.ThreadReply{Key: "details-" + string(s.section), Message: bot.Message{Text: "Could not be read before:", Parts: []bot.Part{part}}})
	}
	if len(together.Message.Parts) == 0 {
		return out
	}
	together.Message.Text = "The details"
	return append([]bot.ThreadReply{together}, out...)
}

// sectionWords name a section where it could not be read.
var sectionWords = map[config.DigestSection]string{config.DigestIncidents: "incidents", config.DigestPipelines: "pipelines", config.DigestDeploys: "deployments",
	config.DigestPromotions: "what waits for promotion", config.DigestReviews: "pull requests", config.DigestFollowups: "follow-ups", config.DigestHolds: "locks and freezes",
	config.DigestDecisions: "decisions", config.DigestDebt: "technical debt", config.DigestOnCall: "who is on call",
	config.DigestFigures: "the figures of the week", config.HandoverPages: "pages", config.HandoverBaking: "deployments that bake"}

// missingText says what could not be read, why, and whether it comes.
func missingText(d *schedule.Digest) bot.Text {
	soon := unreadText(d, func(m schedule.Miss) bool { return !m.Next.IsZero() })
	never := unreadText(d, func(m schedule.Miss) bool { return m.Next.IsZero() })
	var out []bot.Text
	switch {
	case soon != "" && d.IsPreview():
		out = append(out, bot.Textf("⚠️ Not read: %s. Ask for the preview again in a minute.", soon))
	case soon != "":
		out = append(out, bot.Textf("⚠️ Not read yet: %s. I add it here when I can.", soon))
	}
	if never != "" {
		out = append(out, bot.Textf("⚠️ Could not be read: %s.", never))
	}
	return bot.Join("\n", out...)
}

// unreadText names some of the sections that could not be read, with why: those together that have the same reason.
func unreadText(d *schedule.Digest, which func(schedule.Miss) bool) bot.Text {
	var reasons []string
	names := map[string][]string{} // by reason
	for _, section := range d.Sections {
		miss, missing := d.Missing[section]
		if !missing || !which(miss) {
			continue
		}
		why := strings.TrimRight(miss.Why, ".")
		if len(names[why]) == 0 {
			reasons = append(reasons, why)
		}
		names[why] = append(names[why], sectionWords[section])
	}
	var out []bot.Text
	for _, why := range reasons {
		out = append(out, bot.Textf("%s (%s)", strings.Join(names[why], ", "), why))
	}
	return bot.Join("; ", out...)
}

// deployFailed tells whether a deployment that ended so needs somebody to look at it.
func deployFailed(state string) bool {
	return slices.Contains([]delivery.State{delivery.Failed, delivery.Lost, delivery.Abandoned}, delivery.State(state))
}

// ago says how old something is, as people do: 5 hours, 3 days.
func ago(since, now time.Time) string {
	d := now.Sub(since)
	switch {
	case d < time.Hour:
		return count(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return count(int(d/time.Hour), "hour")
	}
	return count(int(d/(24*time.Hour)), "day")
}

// workingAge says an age in working hours: new, 5 working hours, 3 working days.
func workingAge(age, day time.Duration) string {
	if age < time.Hour {
		return "new"
	}
	if day <= 0 || age < day {
		return count(int(age/time.Hour), "working hour")
	}
	return count(int(age/day), "working day")
}
