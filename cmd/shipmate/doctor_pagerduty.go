package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/incident"
	"shipmate/integrations/pagerduty"
)

// How much of PagerDuty is looked at, and how much at a time: the client has four slots, and pages need some too.
const (
	maxOnPager   = 30
	onPagerAtOne = 2
)

// onCallDoctor is what the check of PagerDuty looks with.
type onCallDoctor struct {
	pager     *pagerduty.Client
	incidents *incident.Service
	clock     clock.Clock
	cfg       *config.Config
	environ   []string // NAME=value, as the process has it
}

// find finds out whether PagerDuty answers, has what the configuration names, and has somebody on call.
func (d onCallDoctor) find(ctx context.Context) []bot.Finding {
	out := d.strayKeys()
	named := d.named()
	switch {
	case !d.pager.Configured() && len(named) == 0:
		return out
	case !d.pager.Configured():
		return append(out, bot.Finding{Level: bot.Warning, Text: bot.Textf("I have no key for PagerDuty, though the configuration names %s.", some(describe(named))),
			Mend: bot.Textf("Set %s; docs/oncall.md says which rights it needs.", bot.Code("PAGERDUTY_TOKEN"))})
	}
	if err := d.pager.Check(ctx); err != nil {
		return append(out, bot.Finding{Level: bot.Problem, Text: bot.Textf("PagerDuty: %s", pagerWords(err)),
			Mend: bot.Textf("Check the way from this machine to %s and the key; pages wait until it answers.", d.cfg.PagerDuty.APIURL)})
	}
	return append(out, slices.Concat(d.from(ctx), d.look(ctx, named), d.gaps(ctx))...)
}

// from looks for the user in whose name the bot acts.
func (d onCallDoctor) from(ctx context.Context) []bot.Finding {
	address := d.cfg.PagerDuty.From
	if address == "" {
		return []bot.Finding{{Level: bot.Warning, Text: bot.Textf("The configuration does not say in whose name I act for people whom PagerDuty does not know, so they cannot page teams and people."),
			Mend: bot.Textf("Set %s to the e-mail address of a user there.", bot.Code("pagerduty.from"))}}
	}
	if _, err := d.pager.UserByEmail(ctx, address); pagerduty.IsNotFound(err) {
		return []bot.Finding{{Level: bot.Problem, Text: bot.Textf("PagerDuty knows nobody with the address %s, in whose name I am to act.", bot.Code(address)),
			Mend: bot.Textf("Set %s to the address of a user there.", bot.Code("pagerduty.from"))}}
	}
	return nil // without an answer the rest says so
}

// thing is something on PagerDuty that the configuration names.
type thing struct {
	kind, id string // "escalation policy", its ID
	of, name string // "team", "payments"; of is empty for what belongs to nobody
}

// String is how people read it.
func (t thing) String() string {
	if t.of == "" {
		return fmt.Sprintf("the %s %s", t.kind, t.id)
	}
	return fmt.Sprintf("the %s %s of %s %s", t.kind, t.id, t.of, t.name)
}

func describe(things []thing) []string {
	var out []string
	for _, t := range things {
		out = append(out, t.String())
	}
	return out
}

// The kinds of things.
const (
	policyKind   = "escalation policy"
	scheduleKind = "schedule"
	serviceKind  = "service"
)

// named are all things on PagerDuty that the configuration names, teams first.
func (d onCallDoctor) named() []thing {
	var out []thing
	for _, name := range d.cfg.TeamNames() {
		t := d.cfg.Teams[name]
		if t.EscalationPolicy != "" {
			out = append(out, thing{policyKind, t.EscalationPolicy, "team", name})
		}
		if t.Schedule != "" {
			out = append(out, thing{scheduleKind, t.Schedule, "team", name})
		}
	}
	for _, name := range d.cfg.ServiceNames() {
		if id := d.cfg.Services[name].PagerDutyService; id != "" {
			out = append(out, thing{serviceKind, id, "service", name})
		}
	}
	if id := d.cfg.PagerDuty.Service; id != "" {
		out = append(out, thing{kind: serviceKind, id: id})
	}
	return out
}

// look asks for the first things side by side.
func (d onCallDoctor) look(ctx context.Context, named []thing) []bot.Finding {
	looked := named[:min(len(named), maxOnPager)]
	wrong, unanswered := make([]*bot.Finding, len(looked)), make([]bool, len(looked))
	slots := make(chan struct{}, onPagerAtOne)
	var wg sync.WaitGroup
	for i, t := range looked {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			wrong[i], unanswered[i] = judged(t, d.lookAt(ctx, t))
		})
	}
	wg.Wait()
	var out []bot.Finding
	var silent []string
	for i, t := range looked {
		if wrong[i] != nil {
			out = append(out, *wrong[i])
		}
		if unanswered[i] {
			silent = append(silent, t.String())
		}
	}
	switch {
	case len(silent) > 0:
		out = append(out, bot.Finding{Level: bot.Warning, Text: bot.Textf("PagerDuty did not tell in time about %s.", some(silent)), Mend: "Ask again in a minute."})
	case len(looked) == 0:
		out = append(out, bot.Finding{Level: bot.Fine, Text: "PagerDuty accepts my key; the configuration names nothing there."})
	default:
		out = append(out, bot.Finding{Level: bot.Fine, Text: bot.Textf("PagerDuty accepts my key; I looked at %s.", some(describe(looked)))})
	}
	if more := len(named) - len(looked); more > 0 {
		out = append(out, bot.Finding{Level: bot.Notice, Text: bot.Textf("And %d more on PagerDuty were not looked at: I look at the first %d.", more, maxOnPager)})
	}
	return out
}

func (d onCallDoctor) lookAt(ctx context.Context, t thing) error {
	var err error
	switch {
	case t.kind == policyKind:
		_, err = d.pager.Policy(ctx, t.id)
	case t.kind == scheduleKind:
		_, err = d.pager.Schedule(ctx, t.id, d.clock.Now(), d.clock.Now().Add(incident.Ahead))
	case t.of == "": // on it incidents are made, which takes no event
		_, err = d.pager.Service(ctx, t.id)
	default:
		if _, err = d.pager.Service(ctx, t.id); err == nil {
			_, err = d.pager.RoutingKey(ctx, t.id)
		}
	}
	return err
}

// judged says what an error says of a thing. No answer, a limit or a failure of PagerDuty's says nothing about it.
func judged(t thing, err error) (wrong *bot.Finding, unanswered bool) {
	switch {
	case err == nil:
		return nil, false
	case pagerduty.IsPassing(err) || pagerduty.IsUnclear(err):
		return nil, true
	}
	f := &bot.Finding{Level: bot.Problem, Text: bot.Textf("%s: %s", t.String(), pagerWords(err)), Mend: "Correct the ID in the configuration; it is the end of the address of its page."}
	if !pagerduty.IsNotFound(err) {
		f.Mend = "docs/oncall.md says what is needed on PagerDuty."
	}
	return f, false
}

// gaps warns of times ahead when nobody is on call.
func (d onCallDoctor) gaps(ctx context.Context) []bot.Finding {
	all, err := d.incidents.OnCallAll(ctx, incident.Subjects(d.cfg))
	if err != nil {
		return nil // what is in the way is told above
	}
	var out []bot.Finding
	for _, a := range all {
		if a.Old != nil {
			continue
		}
		for _, r := range a.Rosters {
			for _, l := range r.Levels {
				if l.Gap != nil {
					out = append(out, gapFinding(a.Subject.Name, r, l))
				}
			}
		}
	}
	if len(out) > maxTold {
		out = append(out[:maxTold], andMore(bot.Warning, len(out), "time when nobody is on call", "")...)
	}
	return out
}

func gapFinding(team string, r incident.Roster, l incident.Level) bot.Finding {
	at := bot.Text("")
	if len(r.Levels) > 1 {
		at = bot.Textf(" at level %d", l.N)
	}
	text := bot.Textf("Nobody is on call for %s%s from %s", bot.Bold(team), at, bot.Time(l.Gap.Start))
	if !l.Gap.End.IsZero() {
		text = bot.Textf("%s until %s", text, bot.Time(l.Gap.End))
	}
	return bot.Finding{Level: bot.Warning, Text: text + ".", Mend: bot.Textf("Fill it in %s on PagerDuty, or with %s.", bot.Link(r.Policy.URL, r.Policy.Name),
		bot.Code("/oncall take "+team+" for …"))}
}

// strayKeys are integration keys in the environment that no page goes by.
func (d onCallDoctor) strayKeys() []bot.Finding {
	var out []bot.Finding
	for _, name := range strayKeys(d.environ, d.cfg) {
		out = append(out, bot.Finding{Level: bot.Warning, Text: bot.Textf("%s is the key of no service: none of that name has a %s in the configuration.",
			bot.Code(name), bot.Code("pagerduty_service")), Mend: "Correct the name, or remove it."})
	}
	return out
}

// strayKeys are the names of keys in an environment that are of no service which stands on PagerDuty.
func strayKeys(environ []string, cfg *config.Config) []string {
	known := map[string]bool{}
	for _, name := range cfg.ServiceNames() {
		if cfg.Services[name].PagerDutyService != "" {
			known[config.PageKeyName(name)] = true
		}
	}
	var out []string
	for _, one := range environ {
		name, _, _ := strings.Cut(one, "=")
		if strings.HasPrefix(name, config.PageKeyName("")) && !known[strings.TrimSuffix(name, "_FILE")] && !known[name] {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// askPagerDuty asks PagerDuty once whether it takes the key, so that a wrong one is in the log at the start and not only found by
// the first page. Nothing waits for the answer.
func (a *app) askPagerDuty(ctx context.Context) {
	for _, name := range strayKeys(a.environ, a.live.Current()) {
		a.log.Warn("a key for PagerDuty is of no service in the configuration that has a pagerduty_service", "name", name)
	}
	if !a.pager.Configured() {
		return
	}
	if err := a.pager.Check(ctx); err != nil && ctx.Err() == nil {
		a.log.Warn("PagerDuty cannot be used: "+pagerWords(err), "err", err)
	}
}

// pagerWords is an error of PagerDuty's as people read it.
func pagerWords(err error) string {
	var e *pagerduty.Error
	if errors.As(err, &e) {
		return e.UserMessage()
	}
	return err.Error()
}
