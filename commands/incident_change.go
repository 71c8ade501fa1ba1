package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/incident"
)

// vacantOnly has somebody take a role only while nobody has it, in a line that only a button writes.
const vacantOnly = "if:vacant"

func parseVacant(word string) (string, error) {
	if word != vacantOnly {
		return "", fmt.Errorf("%q is not understood here", word)
	}
	return word, nil
}

// incidentChange is a command that changes one thing of an incident.
type incidentChange struct {
	name, args, short, long string
	examples                []string
	form                    func(bot.FormRequest) bot.Form
	fill                    func(bot.Args) bool
	run                     func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error)
	say                     func(req bot.Request, i *incident.Incident) bot.Text
}

func (c incidentChange) command(d Deps) bot.Command {
	answer := func(req bot.Request, i *incident.Incident) bot.Reply {
		if req.Via == bot.Press { // the header shows it
			return bot.Reply{}
		}
		return bot.Reply{Message: bot.Message{Text: c.say(req, i)}, Public: req.Channel != "" && req.Channel == i.Where()}
	}
	on := bot.Trigger(0)
	if c.form != nil {
		on = bot.Typed | bot.Press | bot.Submit
	}
	return bot.Command{
		Name: c.name, Args: strings.TrimSpace("[#<incident>] " + c.args), Short: c.short, Long: c.long, Examples: c.examples, Who: bot.Everyone, On: on,
		Form: refusing(c.form, func(r bot.FormRequest) error {
			_, err := incidentOfForm(d, r)
			return whichRefusal(err, c.name)
		}), Fill: c.fill,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			if before, err := d.Incidents.Changed(ctx, req.ID); !errors.Is(err, incident.ErrNotFound) {
				if err != nil {
					return bot.Reply{}, err
				}
				return answer(req, before), nil
			}
			i, err := whichIncident(ctx, d, req)
			if err != nil {
				return bot.Reply{}, incidentRefusal(err)
			}
			changed, err := c.run(ctx, d, req, incident.ChangeWant{Request: req.ID, At: req.At, By: req.User, Incident: i.ID})
			if err != nil {
				return bot.Reply{}, incidentRefusal(err)
			}
			return answer(req, changed), nil
		},
		Made: madeIncident(d.Incidents.Changed, answer),
	}
}

// incidentChanges are the commands that change an incident.
func incidentChanges(d Deps) []bot.Command {
	var out []bot.Command
	for _, c := range []incidentChange{
		{name: "incident severity", args: "<severity>", short: "Say how bad an incident is",
			long:     "Whom a severity names is paged when an incident first reaches it, and only then.",
			examples: []string{"incident severity sev1", "incident severity #12 sev2"},
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				return d.Incidents.SetSeverity(ctx, w, req.Arg("severity"), true)
			},
			say: func(req bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("%s is %s now, says %s.", bot.Bold(i.Name()), bot.Bold(i.Severity), bot.User(req.User))
			}},
		{name: "incident status", args: "<status>", short: "Say where an incident stands",
			long:     "Mitigated lets deployments of its services through again; resolved also resolves its pages on PagerDuty.",
			examples: []string{"incident status identified", "incident status #12 mitigated", "incident status resolved"},
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				return d.Incidents.SetStatus(ctx, w, incident.Status(req.Arg("status")))
			},
			say: func(req bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("%s %s is %s, says %s.", statusIcon(i), bot.Bold(i.Name()), bot.Bold(i.Status), bot.User(req.User))
			}},
		{name: "incident edit", short: "Change an incident's title, severity and impact by a form", fill: always,
			long:     "Whom a new severity names is paged when the incident first reaches it.",
			examples: []string{"incident edit", "incident edit #12"}, form: editForm(d),
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				return d.Incidents.Edit(ctx, w, editedIn(req.Args))
			},
			say: func(req bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("%s, says %s", incidentHeadline(i), bot.User(req.User))
			}},
		{name: "incident reopen", args: "<reason>...", short: "Open a resolved incident again, and say why",
			examples: []string{"incident reopen it is back since the second deploy", "incident reopen #12 it is back"},
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				return d.Incidents.Reopen(ctx, w, req.Arg("reason"))
			},
			say: func(req bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("🔴 %s is open again, says %s: %s", bot.Bold(i.Name()), bot.User(req.User), req.Arg("reason"))
			}},
		{name: "incident role", args: "<role> <person> (<vacant>)", short: "Give somebody a role: commander, comms or scribe",
			long:     "Whoever had it before hands it over. The commander decides, comms tells everybody else, the scribe writes down.",
			examples: []string{"incident role commander me", "incident role #12 comms @ben"},
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				return d.Incidents.SetRole(ctx, w, incident.Role(req.Arg("role")), req.Arg("person"), req.Arg("vacant") != "")
			},
			say: func(req bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("%s is %s of %s.", bot.User(req.Arg("person")), bot.Bold(req.Arg("role")), bot.Bold(i.Name()))
			}},
		{name: "incident impact", args: "<text>...", short: "Say what customers see",
			examples: []string{"incident impact nobody can pay by card"}, form: textForm("Impact", "What do customers see", 1000),
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				return d.Incidents.SetImpact(ctx, w, req.Arg("text"))
			},
			say: func(_ bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("Impact of %s: %s", bot.Bold(i.Name()), i.Impact)
			}},
		{name: "incident title", args: "<text>...", short: "Say what an incident is about",
			examples: []string{"incident title card payments fail"}, form: textForm("Title", "What is wrong", 150),
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				return d.Incidents.Retitle(ctx, w, req.Arg("text"))
			},
			say: func(_ bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("%s is about: %s", bot.Bold(i.Name()), bot.Literal(i.Title))
			}},
		{name: "incident add", args: "<service>", short: "Say that a service is concerned",
			long: "What was deployed of it lately is suspected too, and the severity may keep its deployments out.", examples: []string{"incident add checkout"},
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				return d.Incidents.SetService(ctx, w, req.Arg("service"), true)
			},
			say: func(req bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("%s is concerned by %s.", bot.Bold(req.Arg("service")), bot.Bold(i.Name()))
			}},
		{name: "incident remove", args: "<service>", short: "Say that a service is not concerned", examples: []string{"incident remove checkout"},
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				return d.Incidents.SetService(ctx, w, req.Arg("service"), false)
			},
			say: func(req bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("%s is not concerned by %s.", bot.Bold(req.Arg("service")), bot.Bold(i.Name()))
			}},
		{name: "incident note", args: "<text>...", short: "Write something into the timeline",
			long: "Marking a message with :pushpin: in the channel of the incident does the same.", examples: []string{"incident note the queue is empty again"},
			form: textForm("Note", "What happened", 1000),
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				return d.Incidents.AddNote(ctx, w, req.Arg("text"))
			},
			say: func(req bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("📌 %s: %s", bot.User(req.User), req.Arg("text"))
			}},
		{name: "incident update", args: "[<text>...]", short: "Tell everybody how it goes", fill: always,
			long:     "A form asks what is known, what is being done and when the next update comes. It goes to the channel of the incident and to those who follow it.",
			examples: []string{"incident update", "incident update #12 the bad deploy is rolled back"}, form: updateForm(d),
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				in, err := spanOfMinutes(req.Arg("next"))
				if err != nil {
					return nil, err
				}
				return d.Incidents.PostUpdate(ctx, incident.UpdateWant{ChangeWant: w, Know: req.Arg("text"), Do: req.Arg("do"), In: in})
			},
			say: func(_ bot.Request, i *incident.Incident) bot.Text { return bot.Join("\n", updateText(i), untold(i)) }},
		{name: "incident snooze", args: "[for] <duration>", short: "Put the next update off, by so long", examples: []string{"incident snooze 15m"},
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				span, err := clock.ParseDuration(req.Arg("duration"))
				if err != nil {
					return nil, err
				}
				return d.Incidents.Snooze(ctx, w, span)
			},
			say: func(_ bot.Request, i *incident.Incident) bot.Text {
				return bot.Textf("The next update of %s is due %s.", bot.Bold(i.Name()), bot.Time(i.Due))
			}},
	} {
		out = append(out, c.command(d))
	}
	return out
}

// textForm asks for one text.
func textForm(title, label string, most int) func(bot.FormRequest) bot.Form {
	return func(r bot.FormRequest) bot.Form {
		return bot.Form{Title: title, Submit: "Write it", Fields: []bot.Input{{Name: "text", Label: label, Long: true, MaxLength: most, Initial: r.Args["text"]}}}
	}
}

// updateSpans are when the next update may be promised.
var updateSpans = []string{"15m", "30m", "1h", "2h", "4h", "1d"}

// untold says that an update reaches nobody, when it does not.
func untold(i *incident.Incident) bot.Text {
	if !i.Private || !i.Roomless() {
		return ""
	}
	return bot.Textf("⚠️ Nobody is told: %s is restricted and has no channel. It is kept in its timeline and on its card.", bot.Bold(i.Name()))
}

func updateForm(d Deps) func(bot.FormRequest) bot.Form {
	return func(r bot.FormRequest) bot.Form {
		next := bot.Input{Name: "next", Label: "Next update in", Optional: true, Hint: "Without one as the severity says."}
		for _, span := range updateSpans {
			next.Options = append(next.Options, bot.Option{Value: span})
		}
		f := bot.Form{Title: "Update", Submit: "Tell everybody", Fields: []bot.Input{
			{Name: "text", Label: "What we know", Long: true, MaxLength: 1500, Initial: r.Args["text"]},
			{Name: "do", Label: "What we do", Long: true, Optional: true, MaxLength: 1500},
			next,
		}}
		if i, err := incidentOfForm(d, r); err == nil {
			if f.Intro = untold(i); f.Intro != "" {
				f.Submit = "Write it down"
			}
		}
		return f
	}
}

func spanOfMinutes(word string) (time.Duration, error) {
	if word == "" {
		return 0, nil
	}
	return clock.ParseDuration(word)
}
