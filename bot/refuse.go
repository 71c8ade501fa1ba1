package bot

import (
	"context"
	"errors"

	"shipmate/store"
)

// unknownPerson is the code of a refusal since Slack does not tell now who somebody is.
const unknownPerson = "person.unknown"

// known checks that the person is one of this workspace's own people.
func (b *Bot) known(ctx context.Context, e entry, self identity) (Person, *Refusal) {
	foreign := Refuse("person.foreign", "I only work for members of this workspace.")
	if e.Team != "" && e.Team != self.team || e.UserTeam != "" && e.UserTeam != self.team && e.UserTeam != self.enterprise {
		return Person{}, foreign
	}
	who, err := b.people.person(ctx, e.User)
	if err != nil {
		b.log.Warn("a person could not be looked up, so the request was refused", "user", e.User, "err", err)
		return Person{}, Refuse(unknownPerson, "Not now: Slack does not tell me who you are. Please try again in a minute.")
	}
	switch {
	case who.Bot:
		return Person{}, Refuse("person.bot", "I do not take requests from bots.")
	case who.Inactive:
		return Person{}, Refuse("person.inactive", "This account is deactivated.")
	case who.Guest && !b.settings().Slack.Guests:
		return Person{}, Refuse("person.guest", "Guests may not use Shipmate here. A member of the workspace can.")
	case who.Team != "" && who.Team != self.team && who.Team != self.enterprise:
		return Person{}, foreign
	}
	return who, nil
}

// late answers a click on a button whose card has moved on: what happened since, and who did it.
func (b *Bot) late(ctx context.Context, e entry) *Refusal {
	kind, id, ok, err := b.cardAt(ctx, e.Channel, e.Pressed)
	if err != nil || !ok {
		return nil // the command decides by the record itself
	}
	render, ok := b.cards[kind]
	if !ok {
		return nil
	}
	v, err := render(ctx, id)
	if err != nil || v.Stage == e.Stage {
		return nil
	}
	return Refuse("button.stale", "That button is out of date. %s", v.Status)
}

func (b *Bot) refused(a *Audit, r *Refusal) *Reply {
	a.Outcome = r.Code
	return &Reply{Message: r.Message}
}

// explain turns an error into words for people: a refusal says itself, an error with words for people says these, and
// anything else is ours: a short sentence and a reference to search the log by.
func (b *Bot) explain(a *Audit, e entry, err error) *Reply {
	var refusal *Refusal
	var user UserError
	switch {
	case errors.As(err, &refusal):
		return b.refused(a, refusal)
	case errors.As(err, &user):
		a.Outcome, a.Err = "error", mask(err.Error())
		return &Reply{Message: Message{Text: Plain(user.UserMessage())}}
	}
	return b.broken(a, e, err)
}

func (b *Bot) broken(a *Audit, e entry, err error) *Reply {
	if errors.Is(err, store.ErrClosed) {
		return nil
	}
	a.Outcome, a.Err = "error", mask(err.Error())
	ref := reference(e.ID)
	b.log.Error("a request failed", "ref", ref, "request", e.ID, "err", a.Err)
	return &Reply{Message: Message{Text: Textf("Something broke on my side, and I do not know more than the log does. Reference: %s.", Code(ref))}}
}
