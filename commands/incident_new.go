package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/incident"
)

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
		Fill:     always,
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
	fillFromSource(d, r.Args)
	severity := severityInput(r.Config)
	severity.Initial = r.Args["severity"]
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
	fields = append(fields, bot.Input{Name: "impact", Label: "What do customers see", Optional: true, Long: true, MaxLength: 1000})
	if whom := whomPaged(r.Config); whom != "" {
		fields = append(fields, bot.Input{Name: "page", Label: "Page", Box: "Page whom the severity names", Hint: whom, Initial: "yes"})
	}
	fields = append(fields, bot.Input{Name: "private", Label: "Restricted", Box: "Only for those who are invited"})
	return bot.Form{Title: "Declare an incident", Submit: "Declare", Intro: declaredLately(d), Fields: fields}
}

// whomPaged says whom each severity pages; empty when none pages anybody.
func whomPaged(cfg *config.Config) string {
	var out, nobody []string
	for _, s := range cfg.Incidents.Levels() {
		if len(s.Page) == 0 {
			nobody = append(nobody, s.Name)
			continue
		}
		var whom []string
		for _, name := range s.Page {
			if name == config.ServicesOnCall {
				name = "whoever is on call for the service"
			}
			whom = append(whom, name)
		}
		out = append(out, s.Name+" pages "+words(whom, "and")+".")
	}
	switch {
	case len(out) == 0:
		return ""
	case len(nobody) == 1:
		out = append(out, nobody[0]+" pages nobody.")
	case len(nobody) > 1:
		out = append(out, words(nobody, "and")+" page nobody.")
	}
	return strings.Join(out, " ")
}

// severityInput asks how bad it is, with what each severity means.
func severityInput(cfg *config.Config) bot.Input {
	in := bot.Input{Name: "severity", Label: "How bad is it"}
	for _, s := range cfg.Incidents.Levels() {
		in.Options = append(in.Options, bot.Option{Value: s.Name, Description: cutTo(s.Means, 75)})
	}
	return in
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

// always has a form opened whatever a line says.
func always(bot.Args) bool { return true }

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

// declared shows it where it was declared; a restricted one only to who declared it.
func declared(req bot.Request, i *incident.Incident) bot.Reply {
	if !slices.Contains(i.Shown, req.Channel) {
		return bot.Say("🔴 %s is declared. Its channel is being made; you are invited.", bot.Bold(i.Name()))
	}
	return bot.Reply{Public: true, Card: &bot.CardRef{Kind: newsKind, ID: i.ID + "/" + req.Channel}}
}
