package commands

import (
	"context"
	"errors"
	"fmt"

	"shipmate/bot"
	"shipmate/delivery"
)

// watchKind is the kind of record that the live message of a watched pipeline shows.
const watchKind = "watch"

func watchCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		w, err := d.Delivery.Watched(ctx, id)
		if errors.Is(err, delivery.ErrNotFound) {
			return bot.View{}, bot.ErrNoCard
		}
		if err != nil {
			return bot.View{}, err
		}
		return watchView(w), nil
	}
}

// watchView is the card of a watched pipeline. It depends on nothing but the record.
func watchView(w *delivery.Watch) bot.View {
	v := bot.View{Message: bot.Message{Text: watchHeadline(w)}, Stage: w.Stage, Status: watchStatus(w),
		Urgent: w.State != delivery.Watching, Replies: watchReplies(w)}
	if notes := bot.Join("\n", againNote(w), unreadNote(w)); notes != "" {
		v.Parts = append(v.Parts, bot.Section(notes))
	}
	if againUnderway(w) {
		_, before := pipelineVerdict(&w.Seen)
		v.Parts = append(v.Parts, bot.Section(pipelineCommit(&w.Seen)), bot.Small(bot.Textf("Before: %s.", before)))
	} else {
		v.Parts = append(v.Parts, pipelineParts(&w.Seen)...)
	}
	v.Parts = append(v.Parts, bot.Small(watchLife(w)))
	if len(w.Offered(delivery.FailedJobs)) > 0 {
		v.Buttons = append(v.Buttons, bot.Button{Label: "Rerun failed", Line: "pipeline rerun failed " + w.ID, Style: bot.Primary})
	}
	if len(w.Offered(delivery.AllJobs)) > 0 {
		v.Buttons = append(v.Buttons, bot.Button{Label: "Rerun all", Line: "pipeline rerun all " + w.ID, Confirm: "Run every workflow of this commit again?"})
	}
	if w.State == delivery.GivenUp {
		v.Buttons = append(v.Buttons, bot.Button{Label: "Watch again", Line: "pipeline watch " + w.Seen.Service + "@" + w.Seen.Commit.SHA})
	}
	v.Message = withGitHub(v.Message, &w.Seen)
	return v
}

func watchHeadline(w *delivery.Watch) bot.Text {
	_, words := pipelineVerdict(&w.Seen)
	switch {
	case againUnderway(w):
		return bot.Textf("🔁 %s: running again", pipelineName(&w.Seen))
	case w.State == delivery.GivenUp:
		return bot.Textf("⚠️ %s: no longer watched, last seen: %s", pipelineName(&w.Seen), words)
	}
	return pipelineHeadline(&w.Seen)
}

// againUnderway tells whether what was seen is of before a rerun.
func againUnderway(w *delivery.Watch) bool {
	if w.State != delivery.Watching || w.Rerun == nil {
		return false
	}
	offered := delivery.Watch{Seen: w.Seen}
	return len(w.Offered(delivery.FailedJobs)) == 0 && len(offered.Offered(delivery.FailedJobs)) > 0 ||
		len(w.Offered(delivery.AllJobs)) == 0 && len(offered.Offered(delivery.AllJobs)) > 0
}

// againNote says who ran what again, and what became of it.
func againNote(w *delivery.Watch) bot.Text {
	if w.Rerun == nil {
		return ""
	}
	what := "the failed jobs"
	if w.Rerun.Jobs == delivery.AllJobs {
		what = "all jobs"
	}
	lines := []bot.Text{bot.Textf("🔁 %s asked at %s to run %s again.", bot.User(w.Rerun.By), bot.Clock(w.Rerun.At), what)}
	for _, a := range w.Rerun.Runs {
		lines = append(lines, fate(a))
	}
	return bot.Join("\n", lines...)
}

func fate(a delivery.Again) bot.Text {
	switch a.Fate {
	case delivery.AgainStarted:
		return bot.Textf("• %s: attempt %d", a.Workflow, a.Now)
	case delivery.AgainBefore:
		return bot.Textf("• %s had been run again already: attempt %d", a.Workflow, a.Now)
	case delivery.AgainRefused:
		return bot.Textf("• %s was not run again: %s", a.Workflow, a.Why)
	}
	return bot.Textf("• %s: GitHub is being asked", a.Workflow)
}

func unreadNote(w *delivery.Watch) bot.Text {
	if w.Unread == nil {
		return ""
	}
	if w.State != delivery.Watching {
		return bot.Textf("GitHub could not be read since %s, so this may be out of date.", bot.Clock(w.Unread.Since))
	}
	return bot.Textf("GitHub cannot be read since %s, so this may be out of date: %s I keep trying.", bot.Clock(w.Unread.Since), w.Unread.Why)
}

// watchLife says who watches since when and until when.
func watchLife(w *delivery.Watch) bot.Text {
	asked := bot.Textf("%s asked for %s at %s", bot.User(w.By), bot.Code(pipelineRef(&w.Seen)), bot.Clock(w.Created))
	switch w.State {
	case delivery.Watching:
		return bot.Textf("%s · watched until all ends, %s at the latest · %s", asked, bot.Clock(w.Until), bot.Code(w.ID))
	case delivery.GivenUp:
		return bot.Textf("%s · given up at %s, after %s · %s", asked, bot.Clock(w.Ended), took(w.Ended.Sub(w.Begun)), bot.Code(w.ID))
	}
	return bot.Textf("%s · ended by %s · %s", asked, bot.Clock(w.Ended), bot.Code(w.ID))
}

func pipelineRef(p *delivery.Pipeline) string {
	if p.Pull != nil {
		return "#" + itoa(p.Pull.Number)
	}
	if fullSHA.MatchString(p.Ref) {
		return p.Commit.Short()
	}
	return p.Ref
}

// watchStatus is what a late click is told.
func watchStatus(w *delivery.Watch) bot.Text {
	now := bot.Textf("It stands so now: %s.", watchHeadline(w))
	if w.Rerun == nil {
		return now
	}
	return bot.Textf("%s asked at %s to run it again. %s", bot.User(w.Rerun.By), bot.Clock(w.Rerun.At), now)
}

// watchReplies are what the thread is told, each once: edits notify nobody.
func watchReplies(w *delivery.Watch) []bot.ThreadReply {
	var out []bot.ThreadReply
	if r := w.Rerun; r != nil {
		for i, a := range r.Runs {
			if a.Fate == delivery.AgainRefused {
				out = append(out, bot.ThreadReply{Key: fmt.Sprintf("refused-%d-%d", w.Round, i),
					Message: text("%s, %s was not run again: %s", bot.User(r.By), a.Workflow, a.Why)})
			}
		}
	}
	if w.Round == 0 {
		return out
	}
	people := mentions(watchers(w)...)
	switch w.State {
	case delivery.Over:
		m := text("%s, %s.", people, pipelineHeadline(&w.Seen))
		if f := failureText(w.Seen.Failure); f != "" {
			m.Parts = append(m.Parts, bot.Section(f))
		}
		out = append(out, bot.ThreadReply{Key: fmt.Sprintf("over-%d", w.Round), Message: m})
	case delivery.GivenUp:
		_, words := pipelineVerdict(&w.Seen)
		out = append(out, bot.ThreadReply{Key: fmt.Sprintf("given-up-%d", w.Round), Message: text(
			"%s, I stopped watching %s after %s. Last seen: %s.", people, pipelineName(&w.Seen), took(w.Ended.Sub(w.Begun)), words)})
	}
	return out
}

// watchers are whom the end of this round concerns.
func watchers(w *delivery.Watch) []string {
	if w.Rerun == nil {
		return []string{w.By}
	}
	return []string{w.Rerun.By, w.By}
}
