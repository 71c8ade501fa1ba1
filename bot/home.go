package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"shipmate/store"
	"shipmate/work"
)

// A home tab is a record of whoever opened it lately: opening it, or pressing one of its buttons, asks for it to be drawn, and its step
// draws it and sends it, one at a time per person, so that no earlier state is ever shown after a later one. What changes meanwhile is
// found by the round (home_round.go).

const (
	// homeDomain is the runner's name for home tabs; a tab's ID is the Slack ID of whose it is.
	homeDomain = "home"
	// homeLine is the line that stands for opening the tab: the name of the command that draws it.
	homeLine = "home"
	// homeLately is for how long a tab is kept true after it was last opened.
	homeLately = 30 * 24 * time.Hour
	// homeEvery is how often a tab is sent at most that nobody asked for.
	homeEvery = 10 * time.Second
	// homeTrusted is how long it is believed that Slack still has what was sent; whoever opens it later is sent it again, changed or not.
	homeTrusted = time.Hour
)

// homesKey holds when somebody last opened a home tab, by the hour; without it, or long after, no change concerns any.
const homesKey = "home/lately"

const visitorPrefix = "home/visitor/"

// visitor is somebody who opened their home tab lately.
type visitor struct {
	Opened time.Time       `json:"opened"`
	Asked  string          `json:"asked,omitempty"` // the request that asked for it to be drawn; empty when that was done
	Email  string          `json:"email,omitempty"` // so that the round asks Slack for nobody
	Kept   json.RawMessage `json:"kept,omitempty"`  // see Reply.Keep
	Shown  string          `json:"shown,omitempty"` // hash of what was last sent
	Sent   time.Time       `json:"sent,omitzero"`   // when
	Again  time.Time       `json:"again,omitzero"`  // an unclear publish is sent once more then, lest it arrive late
}

func visitorKey(person string) string { return store.Key(homeDomain, "visitor", person) }

// visit asks for somebody's home tab to be drawn, since they opened it.
func (b *Bot) visit(tx store.Tx, e entry) error {
	v, _, err := store.Load[visitor](tx, visitorKey(e.User))
	if err != nil {
		return err
	}
	last, _, err := store.Load[time.Time](tx, homesKey)
	if err != nil {
		return err
	}
	if e.At.Sub(last) >= time.Hour {
		if err := store.Save(tx, homesKey, e.At); err != nil {
			return err
		}
		if err := work.Wake(tx, homeDomain, homeRound, b.clock.Now().Add(roundAnyway)); err != nil {
			return err
		}
	}
	v.Opened, v.Asked = e.At, e.ID
	return b.saveAsked(tx, e.User, v)
}

// drawAnew asks for somebody's home tab to be drawn anew, if they opened it lately: since they pressed a button of it, or were told
// something.
func (b *Bot) drawAnew(tx store.Tx, person, id string) error {
	v, found, err := store.Load[visitor](tx, visitorKey(person))
	if err != nil || !found {
		return err
	}
	v.Asked = id
	return b.saveAsked(tx, person, v)
}

func (b *Bot) saveAsked(tx store.Tx, person string, v visitor) error {
	if err := store.Save(tx, visitorKey(person), v); err != nil {
		return err
	}
	return work.Wake(tx, homeDomain, person, b.clock.Now())
}

// stepHome draws a tab and sends it, if it has changed.
func (b *Bot) stepHome(ctx context.Context, person string) (time.Time, error) {
	if person == homeRound {
		return b.roundHomes(ctx)
	}
	var v visitor
	var found bool
	err := b.db.View(ctx, func(s store.Snapshot) (err error) {
		v, found, err = store.Load[visitor](s, visitorKey(person))
		return err
	})
	if err != nil || !found {
		return time.Time{}, err
	}
	now := b.clock.Now()
	at := v.Sent.Add(homeEvery)
	switch {
	case v.Asked == "" && now.Sub(v.Opened) > homeLately:
		return time.Time{}, b.keepVisitor(ctx, person, v, v, drawnHome{over: true})
	case v.Asked == "" && now.Before(at):
		return at, nil
	}
	drawn, err := b.drawHome(ctx, person, v, b.drawing(), v.Asked != "")
	if err != nil {
		return time.Time{}, err
	}
	resend := !v.Again.IsZero() && !now.Before(v.Again)
	if drawn.hash == v.Shown && !resend && v.Opened.Sub(v.Sent) < homeTrusted {
		return v.Again, b.keepVisitor(ctx, person, v, v, drawn)
	}
	p := progress
	if v.Asked != "" {
		p = answers
	}
	if d := b.budget.take("views.publish", "", p); d > 0 {
		return now.Add(d), nil
	}
	return b.sendHome(ctx, person, v, drawn, resend)
}

// sendHome makes what was drawn the person's home tab. It is looked at once more then: something may have changed while it was on its way.
func (b *Bot) sendHome(ctx context.Context, person string, before visitor, drawn drawnHome, resend bool) (time.Time, error) {
	v, now := before, b.clock.Now()
	err := b.api.publish(ctx, person, drawn.Message)
	var api *Error
	switch {
	case err == nil:
		v.Shown, v.Sent = drawn.hash, now
		if resend {
			v.Again = time.Time{}
		}
	case errors.As(err, &api) && api.Unclear:
		// It may arrive late, after a newer one: that is sent again, and once more when nothing can be under way.
		v.Shown, v.Again = "", now.Add(settle)
		if keep := b.keepVisitor(ctx, person, before, v, drawnHome{keep: v.Kept, email: v.Email, unsent: true}); keep != nil {
			return time.Time{}, keep
		}
		return b.again(err)
	case errors.As(err, &api) && api.Passing, !errors.As(err, &api):
		return b.again(err)
	default:
		b.log.Warn("a home tab cannot be published, so it is left alone until it is opened again", "user", person, "err", err)
		drawn.over = true
	}
	return now.Add(homeEvery), b.keepVisitor(ctx, person, before, v, drawn)
}

// keepVisitor writes down how a tab was drawn. Who asked for it meanwhile still has it coming.
func (b *Bot) keepVisitor(ctx context.Context, person string, before, v visitor, drawn drawnHome) error {
	v.Kept, v.Email = drawn.keep, drawn.email
	return work.Update(ctx, b.db, func(tx store.Tx) error {
		now, found, err := store.Load[visitor](tx, visitorKey(person))
		if err != nil || !found {
			return err
		}
		if drawn.over && now.Asked == before.Asked {
			return tx.Delete(visitorKey(person))
		}
		v.Opened, v.Asked = now.Opened, now.Asked
		if now.Asked == before.Asked && !drawn.unsent {
			v.Asked = ""
		}
		return store.Save(tx, visitorKey(person), v)
	})
}

// drawnHome is a home tab as it should look now.
type drawnHome struct {
	Message
	hash   string
	keep   json.RawMessage
	email  string
	over   bool // it is not for this person, and the message says why: it is kept true no longer
	unsent bool // it is still to be sent
}

// drawing is the request ID of what is drawn together.
func (b *Bot) drawing() string { return "home-" + strconv.FormatInt(b.drawings.Add(1), 10) }

// drawHome has the command draw a person's tab. Unasked, it is given what it kept, and an error leaves the tab as it is.
func (b *Bot) drawHome(ctx context.Context, person string, v visitor, id string, asked bool) (drawnHome, error) {
	self, err := b.self.wait(ctx)
	if err != nil {
		return drawnHome{}, err
	}
	var a Audit
	e := entry{ID: id, At: b.clock.Now(), Via: Home, User: person, Line: homeLine}
	who, no := b.known(ctx, e, self)
	out := drawnHome{keep: v.Kept, email: who.Email}
	switch {
	case no != nil && no.Code == unknownPerson: // Slack does not tell now
		return out, fmt.Errorf("drawing a home tab: %w", no)
	case no != nil:
		out.Message, out.over = no.Message, true
		return out.hashed(), nil
	}
	c, req, reply := b.prepare(ctx, e, who, &a)
	if reply != nil {
		out.Message, out.over = reply.Message, true
		return out.hashed(), nil
	}
	if !asked {
		req.Kept = v.Kept
	}
	answer, err := c.Run(ctx, req)
	switch {
	case err != nil && asked:
		if reply = b.explain(&a, e, err); reply == nil {
			return out, err
		}
		answer = *reply
		answer.Keep = v.Kept
	case err != nil:
		return out, fmt.Errorf("drawing a home tab: %w", err)
	}
	out.Message, out.keep = answer.Message, answer.Keep
	return out.hashed(), nil
}

func (d drawnHome) hashed() drawnHome {
	d.hash = shown(View{Message: d.Message})
	return d
}

// publish makes the message a person's home tab.
func (a *slackAPI) publish(ctx context.Context, user string, m Message) error {
	_, err := a.client.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user,
		View: slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: homeBlocks(m)}}})
	return a.fail("views.publish", "", err)
}
