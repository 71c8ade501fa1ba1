package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"shipmate/store"
)

// runTimeout bounds one command. Commands write what is wanted and read a little; long work is a step's.
const runTimeout = time.Minute

// slowAfter is when somebody whose request waits for a worker is told that it does.
const slowAfter = 3 * time.Second

// runEntry runs one accepted request to its end: find, bind, may this person, run, answer, done. It waits as long as it
// takes until Slack said which workspace this is; until then the entry stays open.
func (b *Bot) runEntry(e entry) {
	self, err := b.self.wait(b.base)
	if err != nil {
		b.log.Warn("a request waits for the next start", "request", e.ID, "err", err)
		return
	}
	var a Audit
	if e.Again {
		if err := b.insist(func(ctx context.Context) error { return b.beginAgain(ctx, e.ID) }); err != nil {
			b.log.Warn("a request waits for the next start", "request", e.ID, "err", err)
			return
		}
	}
	reply := b.decideWithin(e, self, &a)
	if reply == nil {
		return // the store is closed; the entry stays
	}
	if e.Via == Event && a.Outcome != "ok" { // nobody asked, so nobody is told why not
		reply = &Reply{}
	}
	if err := b.finish(e, a, b.alsoAtHome(a, b.deliver(e, *reply, a.Outcome == "ok"))); err != nil {
		b.log.Error("a request was answered but could not be closed; it runs again at the next start", "request", e.ID, "err", err)
	} else if reply.File != nil {
		b.sendFile(e, *reply.File)
	}
	b.log.Debug("request", "id", e.ID, "user", e.User, "channel", e.Channel, "via", e.Via.String(), "command", a.Command,
		"decision", a.Decision, "outcome", a.Outcome, "took", b.clock.Now().Sub(e.At).Round(time.Millisecond), "err", a.Err)
}

// alsoAtHome has the home tabs looked at that a request concerns which changed something.
func (b *Bot) alsoAtHome(a Audit, more func(store.Tx) error) func(store.Tx) error {
	c, ok := b.router.byName[a.Command]
	if !ok || c.Made == nil || a.Outcome != "ok" {
		return more
	}
	visited := false
	err := b.db.View(b.base, func(s store.Snapshot) (err error) {
		visited, err = b.somebodyVisits(s)
		return err
	})
	if err == nil && !visited {
		return more
	}
	return func(tx store.Tx) error {
		if more != nil {
			if err := more(tx); err != nil {
				return err
			}
		}
		return b.wakeHomes(tx)
	}
}

// finish ends an entry at once when something must be written with its end, and with others soon when nothing must.
func (b *Bot) finish(e entry, a Audit, more func(store.Tx) error) error {
	if more != nil {
		return b.insist(func(ctx context.Context) error { return b.close(ctx, e, a, more) })
	}
	end, err := b.closing(e, a)
	if err == nil {
		b.closer.queue <- end
	}
	return err
}

// decideWithin bounds the time of a decision, and makes a panic in a command an error of ours and not the end of the
// process.
func (b *Bot) decideWithin(e entry, self identity, a *Audit) (reply *Reply) {
	ctx, cancel := context.WithTimeout(b.base, b.runFor)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("a command panicked", "command", a.Command, "request", e.ID, "panic", mask(fmt.Sprint(p)), "stack", mask(string(debug.Stack())))
			reply = b.broken(a, e, fmt.Errorf("command %q panicked: %v", a.Command, p))
		}
	}()
	return b.decide(ctx, e, self, a)
}

// decide makes the answer to an entry and fills in its audit record. Nil means that the entry must stay open.
func (b *Bot) decide(ctx context.Context, e entry, self identity, a *Audit) *Reply {
	if e.Again {
		if reply, err := b.made(ctx, e, a); err != nil {
			return b.broken(a, e, err)
		} else if reply != nil {
			return reply
		}
	}
	who, refusal := b.known(ctx, e, self)
	if refusal != nil {
		a.Decision = "foreign"
		return b.refused(a, refusal)
	}
	line := e.Line
	if id, n, ok := isAnswer(line); ok {
		var q question
		var err error
		if q, line, refusal, err = b.answerQuestion(ctx, id, n, e); err != nil {
			return b.broken(a, e, err)
		}
		if refusal != nil {
			a.Decision = "refused"
			return b.refused(a, refusal)
		}
		said := b.putAway(ctx, e, q, line) // before the command, which may take its time: the press is seen to count
		if e.Line = line; line == "" {
			a.Decision, a.Outcome = "allowed", "declined"
			if said {
				return &Reply{}
			}
			return &Reply{Message: Message{Text: nothingHappens}}
		}
	}
	if e.Stage > 0 {
		if late := b.late(ctx, e); late != nil {
			a.Decision = "refused"
			return b.refused(a, late)
		}
	}
	return b.dispatch(ctx, e, who, a)
}

// dispatch finds the command, binds, asks for permission and runs.
func (b *Bot) dispatch(ctx context.Context, e entry, who Person, a *Audit) *Reply {
	c, req, reply := b.prepare(ctx, e, who, a)
	if reply != nil {
		return reply
	}
	a.Decision = "allowed"
	if e.Via == Home {
		a.Outcome = "ok"
		return &Reply{} // its step draws it
	}
	answer, err := c.Run(ctx, req)
	if err != nil {
		return b.explain(a, e, err)
	}
	a.Outcome = "ok"
	return &answer
}

// prepare finds the command of an entry, binds its arguments and asks for permission. A reply says why it is not to be run, or that a form
// is open now.
func (b *Bot) prepare(ctx context.Context, e entry, who Person, a *Audit) (*Command, Request, *Reply) {
	if len(e.Line) > maxLine {
		a.Decision, a.Outcome = "unfit", "line.long"
		return nil, Request{}, &Reply{Message: Message{Text: Textf("That line is too long: I read up to %d characters.", maxLine)}}
	}
	line, err := b.people.untangle(ctx, e.Line)
	if err != nil {
		b.log.Warn("a mention inside a word could not be taken back", "request", e.ID, "err", err)
		return nil, Request{}, b.refused(a, Refuse(unknownPerson, "Not now: Slack made a person of a word with @ in it and does not tell me whom. Please try again in a minute."))
	}
	e.Line = line
	c, rest, ok := b.router.find(e.Line)
	if !ok || !c.takes(e.Via) {
		a.Decision, a.Outcome = "unknown", "command.unknown"
		return nil, Request{}, &Reply{Message: b.router.unknownLine(e.Line)}
	}
	a.Command = c.Name
	req := Request{ID: e.ID, At: e.At, Via: e.Via, User: e.User, Channel: e.Channel, Thread: e.Thread, Line: e.Line, Stage: e.Stage,
		Message: e.Message, Event: e.Event, Config: b.settings()}
	if e.Event != nil && e.Event.Message.TS != "" {
		req.Message = &e.Event.Message
	}
	switch {
	case e.Via == Submit:
		req.Args = e.Values
	case c.Form != nil && (rest == "" || e.Via == MessageShortcut):
		req.Args = Args{}
		return nil, req, b.openForm(ctx, c, req, e, a)
	case e.Via&(Home|Event|MessageShortcut) != 0:
		req.Args = Args{}
	default:
		args, err := b.router.bind(c, rest, req.Config, b.personWord(ctx, e.User))
		if bound, ok := lacksOnly(err); ok && c.Form != nil && e.Via == Press {
			req.Args = bound
			return nil, req, b.openForm(ctx, c, req, e, a)
		}
		if err != nil {
			return nil, req, b.unfit(c, req, rest, a, err)
		}
		req.Args = args
		if c.Form != nil && c.Fill != nil && c.Fill(args) {
			if no := b.may(ctx, c, req, who); no != nil { // nobody fills in what will not be taken from them
				a.Decision = "refused"
				return nil, req, b.refused(a, no)
			}
			return nil, req, b.openForm(ctx, c, req, e, a)
		}
	}
	if no := b.may(ctx, c, req, who); no != nil {
		a.Decision = "refused"
		return nil, req, b.refused(a, no)
	}
	return c, req, nil
}

// lacksOnly gives what was bound of a line that is right as far as it goes.
func lacksOnly(err error) (bound Args, ok bool) {
	var be *bindError
	if !errors.As(err, &be) || be.missing == "" {
		return nil, false
	}
	return be.bound, true
}

// unfit answers arguments that do not fit: a missing one that can be asked for is asked for with buttons.
func (b *Bot) unfit(c *Command, req Request, rest string, a *Audit, err error) *Reply {
	var be *bindError
	if !errors.As(err, &be) {
		return b.explain(a, entry{ID: req.ID}, err)
	}
	a.Decision, a.Outcome = "unfit", "arguments"
	if k, ok := b.router.kinds[be.missing]; ok && k.Ask && k.Values != nil {
		if reply := b.ask(c, req, rest, be, k); reply != nil {
			a.Outcome = "asked." + be.missing
			return reply
		}
	}
	return &Reply{Message: b.router.unfit(c, rest, be)}
}

// maxAsked is how many choices are offered as buttons; more read badly on a phone.
const maxAsked = 8

// ask asks for the missing argument with one button per choice.
func (b *Bot) ask(c *Command, req Request, rest string, be *bindError, k Kind) *Reply {
	values := k.Values(req.Config, be.bound)
	if len(values) == 0 || len(values) > maxAsked {
		return nil
	}
	var options []Button
	for _, v := range values {
		options = append(options, Button{Label: v.Name, Line: strings.TrimSpace(c.Name + " " + rest + " " + v.Name)})
	}
	return &Reply{Message: Message{Text: be.sentence}, Question: &Question{Options: options}}
}
