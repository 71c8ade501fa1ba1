package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/incident"
)

// PageKind is the kind of record that the live message of a page shows.
const PageKind = "page"

// sure marks a page whose asker has been told whom it wakes, in a line that only a button writes.
const sure = "confirm:yes"

func parseSure(word string) (string, error) {
	if word != sure {
		return "", fmt.Errorf("%q is not understood here", word)
	}
	return word, nil
}

func page(d Deps) bot.Command {
	return bot.Command{
		Name:  "page",
		Also:  []string{"oncall page"},
		Args:  "<team or service> (<sure>) <message>... | <person> (<sure>) <message>...",
		Short: "Call whoever is on call for a team or service, or one person",
		Long: "It says first who would be woken and what time it is for them, and asks once. One message then tells what became of it: " +
			"when PagerDuty took it, whom it called, who acknowledged. A page that PagerDuty does not take within " + took(incident.WarnAfter) +
			" is told to you and in the channel; after " + took(incident.GiveUpAfter) + " it is given up, with what to do instead.",
		Examples: []string{"page checkout payments fail for everybody", "page @ben the database is full"},
		Who:      bot.Everyone,
		On:       bot.Typed | bot.Press | bot.Submit,
		Form:     pageForm,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			want := pageWant(req)
			if req.Arg("sure") != sure {
				return askToPage(ctx, d, req, want)
			}
			p, err := d.Incidents.Page(ctx, want)
			if err != nil {
				return bot.Reply{}, incidentRefusalTo(req, err)
			}
			return paged(req, p), nil
		},
		Made: madeIncident(func(ctx context.Context, request string) (*incident.Page, error) {
			return d.Incidents.PageRecord(ctx, incident.PageID(request))
		}, paged),
	}
}

// pageForm asks whom and what.
func pageForm(r bot.FormRequest) bot.Form {
	f := bot.Form{Title: "Page", Submit: "Go on", Intro: "You are asked once more before anybody is called."}
	if r.Args["person"] == "" {
		whom := bot.Input{Name: "team or service", Label: "Whom", Initial: r.Args["team or service"]}
		for _, v := range onCallNames(r.Config, nil) {
			whom.Options = append(whom.Options, bot.Option{Value: v.Name})
		}
		f.Fields = append(f.Fields, whom)
	}
	f.Fields = append(f.Fields, bot.Input{Name: "message", Label: "What is wrong", Hint: "Whoever is woken reads this first.", Long: true, MaxLength: 1000})
	return f
}

// pageAgain pages once more what did not get through.
func pageAgain(d Deps) bot.Command {
	return bot.Command{
		Name:     "page again",
		Args:     "<page>",
		Short:    "Page once more, with the same words",
		Examples: []string{"page again p-4kq7x2m5wz"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			old, err := d.Incidents.PageRecord(ctx, req.Arg("page"))
			if errors.Is(err, incident.ErrNotFound) {
				return bot.Reply{}, bot.Refuse("page.unknown", "There is no page %s.", bot.Code(req.Arg("page")))
			}
			if err != nil {
				return bot.Reply{}, err
			}
			if err := pageIsTheirs(ctx, d, req, old); err != nil {
				return bot.Reply{}, err
			}
			p, err := d.Incidents.Page(ctx, incident.PageWant{Request: req.ID, At: req.At, By: req.User, Channel: req.Channel, Subject: old.Subject,
				Message: old.Message, Link: old.Link, Again: old.ID, Incident: old.Incident, Private: old.Private})
			if err != nil {
				return bot.Reply{}, incidentRefusalTo(req, err)
			}
			return paged(req, p), nil
		},
		Made: madeIncident(func(ctx context.Context, request string) (*incident.Page, error) {
			return d.Incidents.PageRecord(ctx, incident.PageID(request))
		}, paged),
	}
}

func pageWant(req bot.Request) incident.PageWant {
	sub, _ := subjectOf(req)
	return incident.PageWant{Request: req.ID, At: req.At, By: req.User, Channel: req.Channel, Subject: sub, Message: req.Arg("message")}
}

func paged(_ bot.Request, p *incident.Page) bot.Reply {
	return bot.Reply{Public: true, Card: &bot.CardRef{Kind: PageKind, ID: p.ID, Home: p.Home}}
}

// maxPageLine keeps a page's message within what a line may hold.
const maxPageLine = 3000

// askToPage says whom a page would wake, and asks.
func askToPage(ctx context.Context, d Deps, req bot.Request, want incident.PageWant) (bot.Reply, error) {
	if len(want.Message) > maxPageLine {
		return bot.Reply{}, bot.Refuse("page.long", "That message is too long to be read out: PagerDuty takes %d characters.", 1024)
	}
	p, err := d.Incidents.Preview(ctx, want)
	if err != nil {
		return bot.Reply{}, incidentRefusalTo(req, err)
	}
	r := bot.Reply{Message: previewMessage(p, want, req.At)}
	r.Question = &bot.Question{Options: []bot.Button{
		{Label: "Page", Line: "page " + subjectWord(req.Config, want.Subject) + " " + sure + " " + want.Message, Style: bot.Danger},
		{Label: "Do not"},
	}}
	return r, nil
}

func previewMessage(p *incident.Preview, want incident.PageWant, now time.Time) bot.Message {
	m := text("📟 Page %s?", subjectName(p.Subject))
	m.Parts = append(m.Parts, bot.Section(quoted(want.Message)))
	var lines []bot.Text
	level := 0
	for _, c := range p.Called {
		switch {
		case level == 0:
			lines = append(lines, bot.Textf("This wakes %s%s.", personName(c.Who), hourFor(c.Who, now)))
		case c.Level == level:
			lines = append(lines, bot.Textf("    and %s%s", personName(c.Who), hourFor(c.Who, now)))
		default:
			lines = append(lines, bot.Textf("Without an answer, level %d: %s%s", c.Level, personName(c.Who), hourFor(c.Who, now)))
		}
		level = c.Level
		if level == 0 {
			level = 1
		}
	}
	switch {
	case len(p.Called) == 0 && p.Old == nil:
		lines = append(lines, "⚠️ Nobody is on call; PagerDuty may call nobody.")
	case len(p.Called) == 0:
		lines = append(lines, bot.Textf("⚠️ Whom it wakes is not known: %s", errorWords(p.Old)))
	case p.Old != nil:
		lines = append(lines, bot.Textf("⚠️ That is who was on call %s ago: %s", took(max(time.Minute, now.Sub(p.AsOf).Round(time.Minute))), errorWords(p.Old)))
	}
	for _, open := range p.Open {
		lines = append(lines, bot.Textf("⚠️ %s has paged already, %s: %s", bot.User(open.By), bot.Time(open.Created), pageStateWords(open)))
	}
	m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines...)))
	return m
}

// hourFor is what time it is for somebody, in words.
func hourFor(p incident.Person, now time.Time) bot.Text {
	if at := theirTime(p, now, nil); at != "" {
		return bot.Textf(", where it is %s", at)
	}
	return ""
}

// pageAct is a command that does something with a page.
func pageAct(d Deps, name string, deed incident.Deed, short string) bot.Command {
	return bot.Command{
		Name:     "page " + name,
		Args:     "<page>",
		Short:    short,
		Long:     "It is done in your name on PagerDuty. If it is not known yet who you are there, it is done as soon as somebody has said so.",
		Examples: []string{"page " + name + " p-4kq7x2m5wz"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			return actOn(ctx, d, req, incident.ActWant{Request: req.ID, At: req.At, By: req.User, Page: req.Arg("page"), Deed: deed})
		},
		Made: madeIncident(d.Incidents.Acted, acted),
	}
}

func pageNote(d Deps) bot.Command {
	return bot.Command{
		Name:     "page note",
		Args:     "<page> <text>...",
		Short:    "Write a note on a page, on PagerDuty",
		Examples: []string{"page note p-4kq7x2m5wz it is the new certificate"},
		Who:      bot.Everyone,
		On:       bot.Typed | bot.Press | bot.Submit,
		Form: func(r bot.FormRequest) bot.Form {
			return onPage(d, r, bot.Form{Title: "Note", Submit: "Write it", Fields: []bot.Input{{Name: "text", Label: "Note", Long: true, MaxLength: 2000}}})
		},
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			return actOn(ctx, d, req, incident.ActWant{Request: req.ID, At: req.At, By: req.User, Page: req.Arg("page"), Deed: incident.WriteNote, Text: req.Arg("text")})
		},
		Made: madeIncident(d.Incidents.Acted, acted),
	}
}

func pageAdd(d Deps) bot.Command {
	return bot.Command{
		Name:     "page add",
		Args:     "<page> <person> [<text>...]",
		Short:    "Ask somebody else to join a page",
		Long:     "PagerDuty calls them beside whoever is called already.",
		Examples: []string{"page add p-4kq7x2m5wz @ben you know the database"},
		Who:      bot.Everyone,
		On:       bot.Typed | bot.Press | bot.Submit,
		Form: func(r bot.FormRequest) bot.Form {
			return onPage(d, r, bot.Form{Title: "Add somebody", Submit: "Ask them", Fields: []bot.Input{{Name: "person", Label: "Who", People: 1},
				{Name: "text", Label: "What for", Optional: true, MaxLength: 300}}})
		},
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			return actOn(ctx, d, req, incident.ActWant{Request: req.ID, At: req.At, By: req.User, Page: req.Arg("page"), Deed: incident.AddPeople,
				Text: req.Arg("text"), Users: []string{req.Arg("person")}})
		},
		Made: madeIncident(d.Incidents.Acted, acted),
	}
}

// onPage says above a form what the page is about whose button opened it; any other form asks which page is meant. Of a page of a
// restricted incident it says only which one it is.
func onPage(d Deps, r bot.FormRequest, f bot.Form) bot.Form {
	p, err := d.Incidents.PageRecord(context.Background(), r.Args["page"])
	switch {
	case err != nil:
		f.Fields = slices.Insert(f.Fields, 0, bot.Input{Name: "page", Label: "Page", Placeholder: "p-…, as its message shows it", Initial: r.Args["page"]})
		f.Check = checkPage
	case p.Private:
		f.Intro = bot.Textf("The page %s.", bot.Code(p.ID))
	default:
		f.Intro = bot.Join("\n", bot.Textf("The page to %s:", subjectName(p.Subject)), quoted(cutTo(p.Message, 500)))
	}
	return f
}

func checkPage(values bot.Args) map[string]string {
	if _, err := parsePage(values["page"]); err != nil {
		return map[string]string{"page": err.Error()}
	}
	return nil
}

func actOn(ctx context.Context, d Deps, req bot.Request, want incident.ActWant) (bot.Reply, error) {
	p, err := d.Incidents.PageRecord(ctx, want.Page)
	if errors.Is(err, incident.ErrNotFound) {
		return bot.Reply{}, bot.Refuse("page.unknown", "There is no page %s.", bot.Code(want.Page))
	}
	if err != nil {
		return bot.Reply{}, err
	}
	if err := pageIsTheirs(ctx, d, req, p); err != nil {
		return bot.Reply{}, err
	}
	if p, err = d.Incidents.Act(ctx, want); err != nil {
		return bot.Reply{}, incidentRefusalTo(req, err)
	}
	return acted(req, p), nil
}

// pageIsTheirs refuses what is asked of a page of a restricted incident by anybody whom that does not concern.
func pageIsTheirs(ctx context.Context, d Deps, req bot.Request, p *incident.Page) error {
	if !p.Private {
		return nil
	}
	i, err := d.Incidents.Record(ctx, p.Incident)
	switch {
	case errors.Is(err, incident.ErrNotFound): // swept, so it has long been over
		return bot.Refuse("page.unknown", "There is no page %s.", bot.Code(p.ID))
	case err != nil:
		return err
	case !concerns(i, req):
		return restricted(i)
	}
	return nil
}

// acted answers nothing where the page's own message says it; elsewhere it says so.
func acted(req bot.Request, p *incident.Page) bot.Reply {
	if req.Via == bot.Press || req.Via == bot.Submit {
		return bot.Reply{}
	}
	return bot.Say("PagerDuty is being told, in your name. The message of %s shows it.", bot.Code(p.ID))
}

func parsePage(word string) (string, error) {
	if word = strings.ToLower(word); !incident.IsPageID(word) {
		return "", fmt.Errorf("%q is not a page; one is written like p-4kq7x2m5wz, as its message shows it", word)
	}
	return word, nil
}
