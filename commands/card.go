package commands

import (
	"context"
	"errors"
	"time"

	"shipmate/bot"
	"shipmate/delivery"
)

// deploymentKind is the kind of record that the live message of a deployment shows.
const deploymentKind = "deployment"

// mentionAfter is how long the news of a deployment's end may take until they are told to the asker in the thread: edits of
// a message notify nobody, and who waited that long does something else.
const mentionAfter = 2 * time.Minute

func deploymentCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		record, err := d.Delivery.Deployment(ctx, id)
		if errors.Is(err, delivery.ErrNotFound) {
			return bot.View{}, bot.ErrNoCard
		}
		if err != nil {
			return bot.View{}, err
		}
		return view(record), nil
	}
}

// view is the card of a deployment. It depends on nothing but the record, so that whoever draws it draws the same.
func view(d *delivery.Deployment) bot.View {
	v := bot.View{
		Message: bot.Message{Text: headline(d), Buttons: offers(d)},
		Stage:   d.Stage,
		Status:  status(d),
		Urgent:  d.State.Ended() || d.State == delivery.Lost,
		Replies: replies(d),
	}
	section := func(t bot.Text) {
		if t != "" {
			v.Parts = append(v.Parts, bot.Section(t))
		}
	}
	section(subjectLine(d.Commit))
	section(changes(d))
	section(inputsLine(d))
	if d.State == delivery.Waiting && d.Approval != nil {
		section(risks(d))
	}
	section(notes(d))
	section(jobs(d))
	v.Parts = append(v.Parts, bot.Small(asked(d)))
	if by := approvedBy(d); by != "" {
		v.Parts = append(v.Parts, bot.Small(by))
	}
	if links := linkLine(d); links != "" {
		v.Parts = append(v.Parts, bot.Small(links))
	}
	return v
}

// headline is the decisive fact: state, service, commit, environment.
func headline(d *delivery.Deployment) bot.Text {
	switch d.State {
	case delivery.Succeeded:
		return succeeded(d)
	case delivery.Failed:
		return bot.Textf("❌ %s failed%s", doing(d), at(d.Failure))
	case delivery.Cancelled:
		return bot.Textf("⛔ %s was cancelled%s", doing(d), cancelledBy(d))
	case delivery.Waiting:
		return bot.Textf("⏳ %s waits for %s", whatWhere(d), waitsFor(d))
	case delivery.Expired:
		return bot.Textf("⛔ %s was not sent: what it waited for did not come in time", whatWhere(d))
	case delivery.Denied:
		if r := rejection(d); r != nil {
			return bot.Textf("⛔ %s was rejected by %s: %s", whatWhere(d), bot.User(r.By), r.Reason)
		}
		return bot.Textf("⛔ %s was not sent: a gate has closed since it was asked for", whatWhere(d))
	case delivery.Abandoned:
		return bot.Textf("⚠️ %s was given up%s: what became of it is not known", doing(d), cancelledBy(d))
	case delivery.Lost:
		return bot.Textf("⚠️ %s: somebody has to look", doing(d))
	}
	if d.Cancel != nil {
		return bot.Textf("⛔ Cancelling the deployment of %s", whatWhere(d))
	}
	if d.State == delivery.Running && stateWords(d) == string(delivery.Running) {
		return bot.Textf("%s %s", icon(d.State), doing(d))
	}
	return bot.Textf("%s %s: %s", icon(d.State), doing(d), stateWords(d))
}

// succeeded says what runs there now, as far as this deployment tells.
func succeeded(d *delivery.Deployment) bot.Text {
	switch {
	case d.Undone():
		return bot.Textf("⏪ %s was rolled back from %s by %s", what(d), bot.Bold(d.Environment), bot.User(d.RolledBack.By))
	case d.Rollback != nil:
		return onPlace(d, bot.Textf("%s is back at %s on %s", bot.Bold(d.Service), bot.Code(d.Commit.Short()), bot.Bold(d.Environment)))
	}
	return onPlace(d, bot.Textf("%s is on %s", what(d), bot.Bold(d.Environment)))
}

// doing names the work: "Deploying checkout 1a2b3c4 to staging".
func doing(d *delivery.Deployment) bot.Text {
	if d.Rollback != nil {
		return bot.Textf("Rolling %s on %s back to %s", bot.Bold(d.Service), bot.Bold(d.Environment), bot.Code(d.Commit.Short()))
	}
	return bot.Textf("Deploying %s", whatWhere(d))
}

func icon(s delivery.State) string {
	switch s {
	case delivery.Running:
		return "🚀"
	case delivery.Succeeded:
		return "✅"
	case delivery.Failed:
		return "❌"
	case delivery.Cancelled, delivery.Denied, delivery.Expired:
		return "⛔"
	case delivery.Lost, delivery.Abandoned:
		return "⚠️"
	}
	return "⏳"
}

// stateWords is where an unended deployment stands, in a word or two.
func stateWords(d *delivery.Deployment) string {
	switch {
	case d.State == delivery.Waiting:
		return "waiting"
	case d.State == delivery.Wanted:
		return "starting"
	case d.State == delivery.Dispatching:
		return "starting on GitHub"
	case d.Run != nil && d.Run.Status == "waiting":
		return "waiting for an approval on GitHub"
	case d.State == delivery.Queued:
		return "queued"
	}
	return string(d.State)
}

// rejection is the no of an approver; nil when there was none.
func rejection(d *delivery.Deployment) *delivery.Vote {
	if d.Approval == nil {
		return nil
	}
	return d.Approval.Rejected
}

func at(f *delivery.Failure) bot.Text {
	if f == nil || f.Job == "" {
		return ""
	}
	if f.Step == "" {
		return bot.Textf(" in %s", bot.Bold(f.Job))
	}
	return bot.Textf(" in %s, step %s", bot.Bold(f.Job), bot.Bold(f.Step))
}

func cancelledBy(d *delivery.Deployment) bot.Text {
	if d.Cancel == nil {
		return " on GitHub"
	}
	return bot.Textf(" by %s", bot.User(d.Cancel.By))
}

// asked says who wanted it, when and why, and how long it took.
func asked(d *delivery.Deployment) bot.Text {
	t := bot.Textf("%s asked for %s at %s", bot.User(d.By), refAsked(d), bot.Clock(d.Created))
	if d.RetryOf != "" {
		t = bot.Textf("%s (a retry of %s)", t, bot.Code(d.RetryOf))
	}
	if d.Reason != "" {
		t = bot.Textf("%s: %s", t, d.Reason)
	}
	if d.State.Ended() {
		t = bot.Textf("%s · ended %s, after %s", t, bot.Clock(d.Ended), took(d.Took(d.Ended)))
	}
	return bot.Textf("%s · %s", t, bot.Code(d.ID))
}

// refAsked is the ref that was asked for; the commit itself stands in the headline.
func refAsked(d *delivery.Deployment) bot.Text {
	if from := d.PromotedFrom(); from != "" {
		return bot.Textf("what ran on %s", bot.Bold(from))
	}
	if ref := refShown(d.Ref); ref != d.Commit.Short() {
		return bot.Code(ref)
	}
	return "this commit"
}

// refShown shortens a whole SHA as commits are shown everywhere; names stay whole.
func refShown(ref string) string {
	if fullSHA.MatchString(ref) {
		return delivery.Commit{SHA: ref}.Short()
	}
	return ref
}

// jobs is one line per job of the run.
func jobs(d *delivery.Deployment) bot.Text {
	var lines []bot.Text
	if len(d.Jobs) > 0 && (d.State == delivery.Lost || d.State == delivery.Abandoned) {
		lines = append(lines, "Last seen:")
	}
	for _, j := range d.Jobs {
		lines = append(lines, jobLine(j))
	}
	return bot.Join("\n", lines...)
}

// jobLine says since when a job runs rather than for how long, which would be wrong a moment later.
func jobLine(j delivery.Job) bot.Text {
	name := bot.Link(j.URL, j.Name)
	switch {
	case j.Status == "completed":
		line := bot.Textf("%s %s", conclusionIcon(j.Conclusion), name)
		if j.Conclusion != "success" {
			line = bot.Textf("%s: %s", line, conclusionWords(j))
		}
		if j.Started.IsZero() || j.Conclusion == "skipped" {
			return line
		}
		return bot.Textf("%s · %s", line, took(j.Took(j.Ended)))
	case j.Status == "in_progress" && j.Step != "":
		return bot.Textf("▶️ %s: %s · since %s", name, j.Step, bot.Clock(j.Started))
	case j.Status == "in_progress":
		return bot.Textf("▶️ %s · since %s", name, bot.Clock(j.Started))
	}
	return bot.Textf("▫️ %s: %s", name, j.Status)
}

func conclusionIcon(conclusion string) string {
	switch conclusion {
	case "success":
		return "✅"
	case "skipped", "neutral":
		return "▫️"
	case "cancelled":
		return "⛔"
	}
	return "❌"
}

// conclusionWords puts GitHub's word for how a job ended into ours.
func conclusionWords(j delivery.Job) string {
	word := map[string]string{"failure": "failed", "timed_out": "timed out", "action_required": "waits for somebody on GitHub"}[j.Conclusion]
	if word == "" {
		word = j.Conclusion
	}
	if j.Step != "" && j.Conclusion != "skipped" {
		return word + " in " + j.Step
	}
	return word
}

// offers are the buttons: what can be done now, and where to look.
func offers(d *delivery.Deployment) []bot.Button {
	if d.State == delivery.Waiting {
		return waitingOffers(d)
	}
	var out []bot.Button
	switch d.Offer() {
	case delivery.OfferCancel:
		confirm := "Stop deploying " + d.Service + " to " + d.Environment + "? What has run so far stays as it is."
		if d.Decided.Deployment {
			confirm = "GitHub cannot stop what others carry out: somebody has to stop it where it runs. Hold " + d.Environment + " until then?"
		}
		out = append(out, bot.Button{Label: "Stop it", Line: "deploy cancel " + d.ID, Style: bot.Danger, Confirm: confirm})
	case delivery.OfferFree:
		where := "on GitHub"
		if d.Decided.Deployment {
			where = "where it runs"
		}
		out = append(out, bot.Button{Label: "Free " + d.Environment, Line: "deploy cancel " + d.ID, Style: bot.Danger,
			Confirm: "Have you looked " + where + ", and nothing is being deployed there?"})
	case delivery.OfferRetry:
		out = append(out, bot.Button{Label: "Retry", Line: "deploy retry " + d.ID, Style: bot.Primary})
	}
	if d.State == delivery.Succeeded && d.Decided.Next != "" && !isUnhealthy(d) && d.RolledBack == nil {
		out = append(out, promoteButton(d.Service, d.Environment, d.Decided.Next, d.Commit.SHA))
	}
	out = append(out, reviewOffer(d)...)
	out = append(out, rollbackOffer(d)...)
	if d.State == delivery.Failed || isUnhealthy(d) && d.RolledBack == nil {
		out = append(out, bot.Button{Label: "Declare an incident", Line: "incident new " + sourcePrefix + d.ID})
	}
	if d.Run != nil && d.Run.URL != "" {
		out = append(out, bot.Button{Label: "View " + logOrRun(d), URL: d.Run.URL})
	}
	return out
}
