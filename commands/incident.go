package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/incident"
)

func incidentShow(d Deps) bot.Command {
	return bot.Command{
		Name:     "incident",
		Args:     "[#<incident>]",
		Short:    "Show the incident of this channel, or list them",
		Examples: []string{"incident", "incident #12"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			i, err := whichIncident(ctx, d, req)
			var none *noIncident
			if errors.As(err, &none) && req.Arg("incident") == "" {
				return listIncidents(ctx, d, req)
			}
			if err != nil {
				return bot.Reply{}, incidentRefusal(err)
			}
			v := incidentView(i, req.Config)
			return bot.Reply{Message: v.Message}, nil
		},
	}
}

func incidentList(d Deps) bot.Command {
	return bot.Command{
		Name:     "incident list",
		Short:    "List the open incidents and the latest that are over",
		Examples: []string{"incident list"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			return listIncidents(ctx, d, req)
		},
	}
}

// maxOver is how many incidents that are over a list shows.
const maxOver = 10

func listIncidents(ctx context.Context, d Deps, req bot.Request) (bot.Reply, error) {
	open, over, err := d.Incidents.List(ctx, maxOver)
	if err != nil {
		return bot.Reply{}, err
	}
	return bot.Reply{Message: incidentsMessage(open, over, req)}, nil
}

func incidentNew(d Deps) bot.Command {
	return bot.Command{
		Name:     "incident new",
		Also:     []string{"incident declare"},
		Args:     "(<source>) [<title>...]",
		Short:    "Declare an incident",
		Shortcut: "Declare an incident",
		Long: "A form asks how bad it is and what is hit. A channel is made for it with everybody concerned in it, its header shows how it " +
			"stands and what was deployed lately, and whom the severity names is paged.",
		Examples: []string{"incident new", "incident new payments fail for everybody"},
		Who:      bot.Everyone,
		On:       bot.Typed | bot.Press | bot.Submit | bot.MessageShortcut,
		Form:     func(r bot.FormRequest) bot.Form { return declareForm(d, r) },
		Fill:     true,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			i, err := d.Incidents.Declare(ctx, declareWant(ctx, d, req))
			if err != nil {
				return bot.Reply{}, incidentRefusal(err)
			}
			return declared(req, i), nil
		},
		Made: madeIncident(func(ctx context.Context, request string) (*incident.Incident, error) {
			return d.Incidents.Record(ctx, incident.IncidentID(request))
		}, declared),
	}
}

// recently is how long ago an incident may have been declared to be shown to whoever is about to declare one.
const recently = time.Hour

func declareForm(d Deps, r bot.FormRequest) bot.Form {
	levels := r.Config.Incidents.Levels()
	fillFromSource(d, r.Args)
	severity := bot.Input{Name: "severity", Label: "How bad is it", Initial: r.Args["severity"]}
	for _, s := range levels {
		severity.Options = append(severity.Options, bot.Option{Value: s.Name, Description: cutTo(s.Means, 75)})
	}
	title := bot.Input{Name: "title", Label: "What is wrong", Placeholder: "in a sentence, as customers would say it", Initial: r.Args["title"], MaxLength: 150}
	if title.Initial == "" && r.Message != nil {
		title.Initial = cutTo(firstLine(bot.Readable(r.Message.Text, nil)), 150)
	}
	service := bot.Input{Name: "service", Label: "Which service", Hint: "More can be added later.", Optional: true, Initial: r.Args["service"]}
	for _, name := range r.Config.ServiceNames() {
		service.Options = append(service.Options, bot.Option{Value: name})
	}
	fields := []bot.Input{title, severity}
	if len(service.Options) > 0 {
		fields = append(fields, service)
	}
	fields = append(fields, bot.Input{Name: "impact", Label: "What do customers see", Optional: true, Long: true, MaxLength: 1000},
		bot.Input{Name: "page", Label: "Page", Box: "Page whom the severity names", Initial: "yes"},
		bot.Input{Name: "private", Label: "Private", Box: "Only for those who are invited"})
	return bot.Form{Title: "Declare an incident", Submit: "Declare", Intro: declaredLately(d), Fields: fields}
}

// declaredLately lists what was declared in the last hour, so that the same is not declared twice.
func declaredLately(d Deps) bot.Text {
	all, err := d.Incidents.Recent(context.Background(), recently)
	if err != nil || len(all) == 0 {
		return ""
	}
	lines := []bot.Text{"Declared in the last hour:"}
	for _, i := range all[:min(len(all), 5)] {
		lines = append(lines, incidentLine(i, false))
	}
	return bot.Join("\n", lines...)
}

func declareWant(ctx context.Context, d Deps, req bot.Request) incident.DeclareWant {
	w := incident.DeclareWant{Request: req.ID, At: req.At, By: req.User, Channel: req.Channel, Title: req.Arg("title"), Severity: req.Arg("severity"),
		Impact: req.Arg("impact"), Private: req.Arg("private") == "yes", Page: req.Arg("page") == "yes"}
	if name := req.Arg("service"); name != "" {
		w.Services = []string{name}
	}
	if link := sourceLink(ctx, d, req.Arg("source")); link != "" {
		w.Link = link
	}
	if req.Message != nil {
		if link, err := d.Permalink(ctx, req.Message.Channel, req.Message.TS); err == nil {
			w.Link = link
		}
	}
	w.Shown = !w.Private && w.Channel != "" && !strings.HasPrefix(w.Channel, "D")
	return w
}

// sourcePrefix names the page or the deployment that an incident is declared from, in a line that only a button writes.
const sourcePrefix = "from:"

func parseSource(word string) (string, error) {
	id, ok := strings.CutPrefix(word, sourcePrefix)
	if !ok || !incident.IsPageID(id) && !deploymentID.MatchString(id) {
		return "", fmt.Errorf("%q is not understood here", word)
	}
	return id, nil
}

// vacantOnly has somebody take a role only while nobody has it, in a line that only a button writes.
const vacantOnly = "if:vacant"

func parseVacant(word string) (string, error) {
	if word != vacantOnly {
		return "", fmt.Errorf("%q is not understood here", word)
	}
	return word, nil
}

// fillFromSource fills the form in with what is known of what it is declared from.
func fillFromSource(d Deps, args bot.Args) {
	bg := context.Background()
	switch id := args["source"]; {
	case incident.IsPageID(id):
		if p, err := d.Incidents.PageRecord(bg, id); err == nil {
			args["title"] = cutTo(firstLine(p.Message), 150)
			if p.Subject.Kind == incident.Of {
				args["service"] = p.Subject.Name
			}
		}
	case id != "":
		if record, err := d.Delivery.Deployment(bg, id); err == nil {
			args["title"] = cutTo("Deploying "+record.Service+" to "+record.Environment+" failed", 150)
			args["service"] = record.Service
		}
	}
}

// sourceLink is the page of what an incident is declared from.
func sourceLink(ctx context.Context, d Deps, id string) string {
	if incident.IsPageID(id) {
		if p, err := d.Incidents.PageRecord(ctx, id); err == nil && p.Alarm != nil {
			return p.Alarm.URL
		}
		return ""
	}
	if record, err := d.Delivery.Deployment(ctx, id); id != "" && err == nil && record.Run != nil {
		return record.Run.URL
	}
	return ""
}

// declared shows it where it was declared; a private one only to who declared it.
func declared(req bot.Request, i *incident.Incident) bot.Reply {
	if !slices.Contains(i.Shown, req.Channel) {
		return bot.Say("🔴 %s is declared. Its channel is being made; you are invited.", bot.Bold(i.Name()))
	}
	return bot.Reply{Public: true, Card: &bot.CardRef{Kind: newsKind, ID: i.ID + "/" + req.Channel}}
}

// noIncident says that it is not clear which incident is meant.
type noIncident struct{ number string }

func (e *noIncident) Error() string { return "no incident is meant" }

// UserMessage is the sentence for people.
func (e *noIncident) UserMessage() string {
	if e.number != "" {
		return "There is no incident #" + e.number + ". /incident list shows them."
	}
	return "Which incident? Say it in its channel, or with its number: #12. /incident list shows them."
}

// whichIncident is the one that the line names, or that runs in this channel.
func whichIncident(ctx context.Context, d Deps, req bot.Request) (*incident.Incident, error) {
	var i *incident.Incident
	var err error
	number := req.Arg("incident")
	if number != "" {
		n, _ := strconv.Atoi(number) // its kind has seen to it that it is a number
		i, err = d.Incidents.Numbered(ctx, n)
	} else {
		i, err = d.Incidents.InChannel(ctx, req.Channel)
	}
	if errors.Is(err, incident.ErrNotFound) && number == "" {
		i, err = declaredHere(ctx, d, req.Channel)
	}
	switch {
	case errors.Is(err, incident.ErrNotFound):
		return nil, &noIncident{number}
	case err != nil:
		return nil, err
	case !concerns(i, req):
		return nil, bot.Refuse("incident.private", "%s is a restricted incident: only those in its channel can do something with it.", bot.Bold(i.Name()))
	}
	return i, nil
}

// declaredHere is the one open incident without a channel of its own that was declared in a channel.
func declaredHere(ctx context.Context, d Deps, channel string) (*incident.Incident, error) {
	open, _, err := d.Incidents.List(ctx, 0)
	if err != nil {
		return nil, err
	}
	here := slices.DeleteFunc(open, func(i *incident.Incident) bool { return i.Where() != channel || channel == "" })
	if len(here) != 1 {
		return nil, incident.ErrNotFound
	}
	return here[0], nil
}

// concerns tells whether who asks may see an incident: everybody may see one that is not private; a private one those in its channel,
// and those who have something to do with it.
func concerns(i *incident.Incident, req bot.Request) bool {
	return !i.Private || i.Room.ID != "" && req.Channel == i.Room.ID || slices.Contains(i.People(), req.User)
}

// incidentChange is a command that changes one thing of an incident.
type incidentChange struct {
	name, args, short, long string
	examples                []string
	form                    func(bot.FormRequest) bot.Form
	fill                    bool
	run                     func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error)
	say                     func(req bot.Request, i *incident.Incident) bot.Text
}

func (c incidentChange) command(d Deps) bot.Command {
	answer := func(req bot.Request, i *incident.Incident) bot.Reply {
		if req.Via == bot.Press { // the header shows it
			return bot.Reply{}
		}
		r := bot.Reply{Message: bot.Message{Text: c.say(req, i)}, Public: req.Channel == i.Where()}
		if i.Private && req.Channel != i.Room.ID {
			r.Public = false
		}
		return r
	}
	on := bot.Trigger(0)
	if c.form != nil {
		on = bot.Typed | bot.Press | bot.Submit
	}
	return bot.Command{
		Name: c.name, Args: strings.TrimSpace("[#<incident>] " + c.args), Short: c.short, Long: c.long, Examples: c.examples, Who: bot.Everyone, On: on,
		Form: c.form, Fill: c.fill,
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
				return bot.Textf("%s is about: %s", bot.Bold(i.Name()), i.Title)
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
		{name: "incident update", args: "[<text>...]", short: "Tell everybody how it goes", fill: true,
			long:     "A form asks what is known, what is being done and when the next update comes. It goes to the channel of the incident and to those who follow it.",
			examples: []string{"incident update", "incident update #12 the bad deploy is rolled back"}, form: updateForm(d),
			run: func(ctx context.Context, d Deps, req bot.Request, w incident.ChangeWant) (*incident.Incident, error) {
				in, err := spanOfMinutes(req.Arg("next"))
				if err != nil {
					return nil, err
				}
				return d.Incidents.PostUpdate(ctx, incident.UpdateWant{ChangeWant: w, Know: req.Arg("text"), Do: req.Arg("do"), In: in})
			},
			say: func(_ bot.Request, i *incident.Incident) bot.Text { return updateText(i) }},
		{name: "incident snooze", args: "[for] <duration>", short: "Be reminded of the next update later", examples: []string{"incident snooze 15m"},
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

func updateForm(Deps) func(bot.FormRequest) bot.Form {
	return func(r bot.FormRequest) bot.Form {
		next := bot.Input{Name: "next", Label: "Next update in", Optional: true, Hint: "Without one as the severity says."}
		for _, span := range updateSpans {
			next.Options = append(next.Options, bot.Option{Value: span})
		}
		return bot.Form{Title: "Update", Submit: "Tell everybody", Fields: []bot.Input{
			{Name: "text", Label: "What we know", Long: true, MaxLength: 1500, Initial: r.Args["text"]},
			{Name: "do", Label: "What we do", Long: true, Optional: true, MaxLength: 1500},
			next,
		}}
	}
}

func spanOfMinutes(word string) (time.Duration, error) {
	if word == "" {
		return 0, nil
	}
	return clock.ParseDuration(word)
}

func incidentTimeline(d Deps) bot.Command {
	return bot.Command{
		Name:     "incident timeline",
		Args:     "[#<incident>]",
		Short:    "Show what happened in an incident",
		Examples: []string{"incident timeline", "incident timeline #12"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			i, err := whichIncident(ctx, d, req)
			if err != nil {
				return bot.Reply{}, incidentRefusal(err)
			}
			lines, err := d.Incidents.Timeline(ctx, i.ID)
			if err != nil {
				return bot.Reply{}, err
			}
			return bot.Reply{Message: timelineMessage(i, lines)}, nil
		},
	}
}

func severities(cfg *config.Config, _ bot.Args) []bot.Value {
	var out []bot.Value
	for n, s := range cfg.Incidents.Levels() {
		out = append(out, bot.Value{Name: s.Name, Aliases: []string{"p" + strconv.Itoa(n+1), strconv.Itoa(n + 1)}})
	}
	return out
}

func statuses(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: string(incident.Investigating)}, {Name: string(incident.Identified), Aliases: []string{"found"}},
		{Name: string(incident.Mitigated), Aliases: []string{"mit"}}, {Name: string(incident.IsResolved), Aliases: []string{"resolve", "closed", "done"}}}
}

func roles(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: string(incident.Commander), Aliases: []string{"ic", "lead", "captain"}}, {Name: string(incident.Comms), Aliases: []string{"communications"}},
		{Name: string(incident.Scribe)}}
}

func parseIncident(word string) (string, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(strings.ToLower(word), "inc-"))
	if err != nil || n < 1 {
		return "", fmt.Errorf("%q is not the number of an incident; one is written like #12", word)
	}
	return strconv.Itoa(n), nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// cutTo cuts a text to that many characters.
func cutTo(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
