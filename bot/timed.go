package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"shipmate/store"
)

// TimedLine is a line that runs because its time has come, with the rights that a person has then.
type TimedLine struct {
	ID      string    // the request's
	Planned time.Time // when it was to run; it counts as asked for when it does
	Person  string    // Slack ID
	Channel string    // where the answer goes; its ID
	Line    string
	Again   bool // it may have run before a crash
}

// TimedEnd is how such a line ended.
type TimedEnd struct {
	Code string // "ok", a refusal's code, or "error", as in the audit log
	Text Text   // the answer's headline
	// Asks says that the answer is a question, and that nothing was done yet.
	Asks bool
	// Lost says that the person may not run it any more, has left, or that it is not understood any more.
	Lost bool
	// Write puts the answer on its way and the request into the audit log. It is to be called in the transaction that notes that the line
	// was run: what is not written down is run again.
	Write func(store.Tx) error
}

// passingRefusals say that something could not be found out now.
var passingRefusals = []string{unknownPerson, "permission.unknown"}

// RunTimed runs a line whose time has come. An error says that it was not run, and may be later.
// It is not journaled: whoever calls it holds it, and calls it again after a crash.
func (b *Bot) RunTimed(ctx context.Context, t TimedLine) (TimedEnd, error) {
	self, err := b.whoAmI(ctx)
	if err != nil {
		return TimedEnd{}, err
	}
	e := entry{ID: t.ID, At: b.clock.Now(), Via: Timed, User: t.Person, Channel: t.Channel, Line: normalise(t.Line), Again: t.Again}
	var a Audit
	reply := b.decideWithin(e, self, &a)
	switch {
	case reply == nil:
		return TimedEnd{}, store.ErrClosed
	case slices.Contains(passingRefusals, a.Outcome):
		return TimedEnd{}, errors.New("it cannot be asked of Slack who somebody is")
	}
	end, err := b.closing(e, a)
	if err != nil {
		return TimedEnd{}, err
	}
	out := TimedEnd{Code: a.Outcome, Text: reply.Text, Asks: reply.Question != nil, Lost: lost(a)}
	if reply.Text != "" || len(reply.Parts) > 0 {
		reply.Parts = append(slices.Clip(reply.Parts), Small(scheduledBy(e, t.Planned)))
	}
	deliver := b.alsoAtHome(a, b.deliver(e, *reply, a.Outcome == "ok"))
	if reply.File != nil && a.Outcome == "ok" {
		defer b.sendFile(e, *reply.File)
	}
	out.Write = func(tx store.Tx) error {
		if deliver != nil {
			if err := deliver(tx); err != nil {
				return err
			}
		}
		return end.write(tx)
	}
	return out, nil
}

// lateAfter is how late an answer says that it is late.
const lateAfter = 5 * time.Minute

// scheduledBy says why something is said that nobody asked for now.
func scheduledBy(e entry, planned time.Time) Text {
	t := Textf("%s, scheduled by %s", Code("/"+e.Line), User(e.User))
	if e.At.Sub(planned) > lateAfter {
		t = Textf("%s for %s, late", t, Time(planned))
	}
	return t
}

// lost tells of a timed line whether it will not run the next time either, unless somebody does something.
func lost(a Audit) bool {
	switch a.Decision {
	case "foreign", "unknown", "unfit":
		return true
	}
	return a.Outcome == "permission.denied" || a.Outcome == "permission.nobody"
}

// TryLine says what keeps a person from a line that is to run on a schedule, without running it: a *Refusal, or an error when that cannot
// be found out; nil when nothing does.
func (b *Bot) TryLine(ctx context.Context, person, line string) error {
	self, err := b.whoAmI(ctx)
	if err != nil {
		return fmt.Errorf("trying a line: %w", err)
	}
	e := entry{At: b.clock.Now(), Via: Timed, User: person, Line: normalise(line)}
	who, no := b.known(ctx, e, self)
	if no != nil {
		return no
	}
	var a Audit
	if _, _, reply := b.prepare(ctx, e, who, &a); reply != nil {
		return &Refusal{Code: a.Outcome, Message: reply.Message}
	}
	return nil
}
