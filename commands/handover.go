package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/incident"
)

// handoverKind is the kind of record that the live message of a shift that changes hands shows, offerKind that of the message to who is
// asked to take it.
const (
	handoverKind = "handover"
	offerKind    = "handoveroffer"
)

func onCallTake(d Deps) bot.Command {
	return bot.Command{
		Name:  "oncall take",
		Args:  "<team or service> [for] <long> (<sure>)",
		Short: "Be on call for a while in place of whoever is",
		Long: "It says first whom you relieve, and asks once. They are told, and can take it back. For up to " +
			spell(incident.MaxHandover) + ".",
		Examples: []string{"oncall take payments for 2h"},
		Who:      peopleOf("the people of the team, and admins"),
		Run:      func(ctx context.Context, req bot.Request) (bot.Reply, error) { return handOver(ctx, d, req) },
		Made:     madeHandover(d),
	}
}

func onCallGive(d Deps) bot.Command {
	return bot.Command{
		Name:     "oncall give",
		Args:     "<person> [<team or service>] [for] <long> (<sure>)",
		Short:    "Ask somebody to be on call in your place for a while",
		Long:     "You are asked first, and then they: until they accept, you stay on call.",
		Examples: []string{"oncall give @ben for 2h", "oncall give @ben payments for 1d"},
		Who:      bot.Everyone, // only a shift of one's own can be given
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			if req.Arg("person") == req.User { // it would be a take that nobody asked whether they may
				return bot.Reply{}, bot.Refuse("handover.self", "You cannot give a shift to yourself. To stand in for somebody else: %s.", bot.Code("/oncall take <team or service> for "+req.Arg("long")))
			}
			return handOver(ctx, d, req)
		},
		Made: madeHandover(d),
	}
}

func madeHandover(d Deps) func(context.Context, bot.Request) (bot.Reply, bool, error) {
	return madeIncident(func(ctx context.Context, request string) (*incident.Handover, error) {
		return d.Incidents.HandoverRecord(ctx, incident.HandoverID(request))
	}, handedOver)
}

func handedOver(_ bot.Request, h *incident.Handover) bot.Reply {
	return bot.Reply{Public: true, Card: &bot.CardRef{Kind: handoverKind, ID: h.ID, Home: h.Home}}
}

func handOver(ctx context.Context, d Deps, req bot.Request) (bot.Reply, error) {
	long, err := clock.ParseDuration(req.Arg("long"))
	if err != nil { // Kinds has parsed it before
		return bot.Reply{}, err
	}
	want := incident.HandoverWant{Request: req.ID, At: req.At, By: req.User, Channel: req.Channel, To: req.Arg("person"), For: long}
	if name := req.Arg("team or service"); name != "" {
		want.Subject, _ = incident.Find(req.Config, name)
	}
	if req.Arg("sure") != sure {
		return askToHandOver(ctx, d, req, want)
	}
	h, err := d.Incidents.Handover(ctx, want)
	if err != nil {
		return bot.Reply{}, incidentRefusalTo(req, err)
	}
	return handedOver(req, h), nil
}

func askToHandOver(ctx context.Context, d Deps, req bot.Request, want incident.HandoverWant) (bot.Reply, error) {
	h, err := d.Incidents.PlanHandover(ctx, want)
	if err != nil {
		return bot.Reply{}, incidentRefusalTo(req, err)
	}
	reader := zoneOf(ctx, d, req.User)
	label := "Take it"
	m := text("📟 Be on call for %s%s until %s?", bot.Link(h.Schedule.URL, h.Schedule.Name), relieves(h), bot.Time(h.End))
	line := "oncall take " + req.Arg("team or service")
	if h.Given {
		label = "Ask them"
		m = text("📟 Ask %s to be on call for %s in your place until %s%s?", personName(h.To), bot.Link(h.Schedule.URL, h.Schedule.Name), bot.Time(h.End),
			forThem(h.To, h.End, reader))
		m.Parts = []bot.Part{bot.Small("They are asked; until they accept, you stay on call.")}
		line = "oncall give <@" + want.To + "> " + req.Arg("team or service")
	}
	r := bot.Reply{Message: m}
	r.Question = &bot.Question{Options: []bot.Button{
		{Label: label, Line: strings.Join(strings.Fields(line+" for "+req.Arg("long")+" "+sure), " "), Style: bot.Primary},
		{Label: "No"},
	}}
	return r, nil
}

func relieves(h *incident.Handover) bot.Text {
	if len(h.Relieved) == 0 {
		return ""
	}
	return bot.Textf(" in place of %s", peopleNames(h.Relieved, "and"))
}

// handoverReply is a button's answer to a shift that changes hands.
func handoverReply(d Deps, name string, reply incident.Reply, short string) bot.Command {
	answered := func(req bot.Request, h *incident.Handover) bot.Reply { return handoverAnswered(req, h, reply) }
	return bot.Command{
		Name:     "oncall " + name,
		Args:     "<handover>",
		Short:    short,
		Examples: []string{"oncall " + name + " h-4kq7x2m5wz"},
		Who:      bot.Everyone, // the record says whom it concerns
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			h, err := d.Incidents.AnswerHandover(ctx, incident.HandoverAnswer{Request: req.ID, Handover: req.Arg("handover"), By: req.User, At: req.At, Reply: reply})
			if errors.Is(err, incident.ErrNotFound) {
				return bot.Reply{}, bot.Refuse("handover.unknown", "There is no hand-over %s.", bot.Code(req.Arg("handover")))
			}
			if err != nil {
				return bot.Reply{}, incidentRefusalTo(req, err)
			}
			return answered(req, h), nil
		},
		Made: madeIncident(d.Incidents.AnsweredHandover, answered),
	}
}

// handoverAnswered answers nothing where the message with the button says it, as the offer's does anywhere; a press on what else
// somebody was told has no other answer.
func handoverAnswered(req bot.Request, h *incident.Handover, reply incident.Reply) bot.Reply {
	if req.Via == bot.Press && (reply != incident.Undo || req.Channel == h.Channel) {
		return bot.Reply{}
	}
	return bot.Reply{Message: bot.Message{Text: handoverHeadline(h)}}
}

func handoverCard(d Deps) bot.Card { return handoverCardOf(d, handoverView) }

func handoverCardOf(d Deps, view func(*incident.Handover) bot.View) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		h, err := d.Incidents.HandoverRecord(ctx, id)
		if errors.Is(err, incident.ErrNotFound) {
			return bot.View{}, bot.ErrNoCard
		}
		if err != nil {
			return bot.View{}, err
		}
		return view(h), nil
	}
}

// handoverView is the card of a shift that changes hands. It depends on nothing but the record.
func handoverView(h *incident.Handover) bot.View {
	v := bot.View{Message: bot.Message{Text: handoverHeadline(h)}, Stage: h.Stage, Status: handoverHeadline(h), Urgent: h.State == incident.Made || h.State.Ended()}
	if h.Trouble != nil {
		v.Parts = append(v.Parts, bot.Section(bot.Textf("⚠️ %s I keep trying.", h.Trouble.Why)))
	}
	if h.Why != "" {
		v.Parts = append(v.Parts, bot.Section(bot.Textf("⚠️ %s", h.Why)))
	}
	v.Parts = append(v.Parts, bot.Small(bot.Textf("%s asked at %s · %s", bot.User(h.By), bot.Clock(h.Created), bot.Code(h.ID))))
	switch h.State {
	case incident.Offered:
		v.Buttons = []bot.Button{{Label: "Accept", Line: "oncall accept " + h.ID, Style: bot.Primary}, {Label: "Decline", Line: "oncall decline " + h.ID},
			{Label: "Take it back", Line: "oncall undo " + h.ID}}
	case incident.Agreed, incident.Made:
		v.Buttons = []bot.Button{{Label: "Take it back", Line: "oncall undo " + h.ID, Confirm: "Take it back? Whoever the schedule has is on call again."}}
	case incident.TakingBack:
		if h.Why != "" {
			v.Buttons = []bot.Button{{Label: "Try again", Line: "oncall undo " + h.ID}}
		}
	}
	return v
}

func offerCard(d Deps) bot.Card { return handoverCardOf(d, offerView) }

// offerView is a hand-over as who is asked to take it sees it in their direct message.
func offerView(h *incident.Handover) bot.View {
	v := handoverView(h)
	if h.State == incident.Offered { // who made it takes it back
		v.Buttons = slices.DeleteFunc(v.Buttons, func(b bot.Button) bool { return b.Line == "oncall undo "+h.ID })
	}
	return v
}

// IncidentNoteCard names the card that a note is told by, for bot.TellCard; ok is false for what is told by a message of its own.
func IncidentNoteCard(n incident.Note) (kind, id string, ok bool) {
	if n.Handover == nil || n.Handover.State != incident.Offered {
		return "", "", false
	}
	return offerKind, n.Handover.ID, true
}

func handoverHeadline(h *incident.Handover) bot.Text {
	place := bot.Link(h.Schedule.URL, h.Schedule.Name)
	span := bot.Textf("until %s%s", bot.Time(h.End), endForThem(h))
	switch h.State {
	case incident.Offered:
		return bot.Textf("📟 %s asks %s to be on call for %s %s", bot.User(h.By), personName(h.To), place, span)
	case incident.Agreed:
		return bot.Textf("📟 %s takes over %s %s: PagerDuty is being told", personName(h.To), place, span)
	case incident.Made:
		return bot.Textf("📟 %s is on call for %s%s %s", personName(h.To), place, relieves(h), span)
	case incident.Over:
		return bot.Textf("📟 %s was on call for %s%s %s", personName(h.To), place, relieves(h), span)
	case incident.Declined:
		return bot.Textf("⛔ %s did not accept to be on call for %s; %s stays on call", personName(h.To), place, bot.User(h.By))
	case incident.Lapsed:
		return bot.Textf("⛔ Nothing came of %s being on call for %s: the time has passed", personName(h.To), place)
	case incident.NotMade:
		return bot.Textf("❌ PagerDuty refused to put %s on call for %s", personName(h.To), place)
	case incident.TakingBack:
		return bot.Textf("⏪ %s takes it back: PagerDuty is being told, and until then %s is on call for %s", bot.User(h.UndoneBy), personName(h.To), place)
	}
	return bot.Textf("⏪ %s took it back: whoever the schedule of %s has is on call", bot.User(h.UndoneBy), place)
}

// endForThem is what time it is at the end for whoever stands in, where that is another than for those relieved: who else reads it
// is not known.
func endForThem(h *incident.Handover) bot.Text {
	for _, p := range h.Relieved {
		if zone, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "" {
			if there := forThem(h.To, h.End, zone); there != "" {
				return there
			}
		}
	}
	return ""
}

func handoverNote(n incident.Note) bot.Message {
	h := n.Handover
	m := bot.Message{Text: handoverHeadline(h)}
	switch {
	case h.State == incident.Made:
		m.Buttons = []bot.Button{{Label: "Take it back", Line: "oncall undo " + h.ID}}
	case h.Why != "":
		if h.State == incident.TakingBack {
			m.Buttons = []bot.Button{{Label: "Try again", Line: "oncall undo " + h.ID}}
		}
		m.Parts = []bot.Part{bot.Section(bot.Textf("⚠️ %s", h.Why))}
	}
	return m
}

func parseHandover(word string) (string, error) {
	if word = strings.ToLower(word); !incident.IsHandoverID(word) {
		return "", fmt.Errorf("%q is not a hand-over; one is written like h-4kq7x2m5wz, as its message shows it", word)
	}
	return word, nil
}

// parseLong reads how long a shift is.
func parseLong(word string) (string, error) {
	d, err := clock.ParseDuration(word)
	if err != nil {
		return "", err
	}
	if d < time.Minute || d > incident.MaxHandover {
		return "", fmt.Errorf("a shift lasts from a minute to %s", spell(incident.MaxHandover))
	}
	return word, nil
}
