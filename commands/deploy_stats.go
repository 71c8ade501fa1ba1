package commands

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/chart"
	"shipmate/delivery"
)

// defaultDays is how many days statistics look back when nobody says how many.
const defaultDays = 90

func deployStats(d Deps) bot.Command {
	return bot.Command{
		Name:  "deploy stats",
		Args:  "[<service>] [<environment>] [<days>]",
		Short: "Count deployments, lead time, failures and where waiting time went",
		Long: "The five figures of DORA over 90 days, or as many as you say, up to 400: deployment frequency, lead time for changes, " +
			"change fail rate, failed deployment recovery time and rework rate, each with how many deployments it rests on; where there are none there is " +
			"no figure. Without an environment it is production: the environments that come after another and that nothing comes after. " +
			"A picture of it goes to your direct messages.",
		Examples: []string{"deploy stats", "deploy stats checkout", "deploy stats checkout production 30"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			days := defaultDays
			if typed, err := strconv.Atoi(req.Arg("days")); err == nil {
				days = typed
			}
			s, err := d.Delivery.Stats(ctx, delivery.StatsWant{Service: req.Arg("service"), Environment: req.Arg("environment"), Days: days})
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return statsReply(s), nil
		},
	}
}

func statsReply(s delivery.Stats) bot.Reply {
	figures := figuresOf(s)
	return bot.Reply{Message: statsMessage(s, figures), File: statsFile(s)}
}

// statsFile is the picture; of nothing there is none.
func statsFile(s delivery.Stats) *bot.File {
	if s.Deployments+s.Undone+s.Otherwise == 0 {
		return nil
	}
	figures := figuresOf(s)
	return &bot.File{Name: "stats.png", Title: statsTitle(s) + ", " + period(s), Alt: statsAlt(s, figures),
		Draw: func() ([]byte, error) { return chart.PNG(statsPicture(s, figures)) }}
}

// figure is one of the five in words: its value, and what it rests on.
type figure struct{ name, value, note string }

// noData stands where there is nothing to count from, which is not the same as zero.
const noData = "no data"

func figuresOf(s delivery.Stats) []figure {
	return []figure{
		frequency(s),
		median("Lead time for changes", s.Lead, count(s.Lead.Of, "deployed commit")),
		share("Change fail rate", s.Undone, s.Changes, fmt.Sprintf("rolled back or unhealthy: %d of %s", s.Undone, count(s.Changes, "change"))),
		recovery(s),
		share("Rework rate", s.Unplanned, s.Deployments, fmt.Sprintf("unplanned: %d of %s", s.Unplanned, count(s.Deployments, "deployment"))),
	}
}

func frequency(s delivery.Stats) figure {
	f := figure{"Deployment frequency", noData, "no deployment has succeeded"}
	if s.Deployments == 0 {
		return f
	}
	f.note = fmt.Sprintf("%s on %s", count(s.Deployments, "deployment"), count(s.OnDays, "day"))
	over := s.Until.Sub(s.Since)
	if !s.Begins.IsZero() {
		over = s.Until.Sub(s.Begins)
	}
	weeks := over.Hours() / (7 * 24)
	if weeks < 1 { // too short to say how many there are in a week
		f.value = count(s.Deployments, "deployment")
		f.note = "on " + count(s.OnDays, "day")
		return f
	}
	perWeek := float64(s.Deployments) / weeks
	switch {
	case perWeek >= 14:
		f.value = fmt.Sprintf("%.0f a day", perWeek/7)
	case perWeek >= 0.95:
		f.value = fmt.Sprintf("%.1f a week", perWeek)
	default:
		f.value = fmt.Sprintf("%.1f a month", perWeek*30/7)
	}
	return f
}

func median(name string, m delivery.Middle, of string) figure {
	if m.Of == 0 {
		return figure{name, noData, "nothing to count from"}
	}
	return figure{name, span(m.Median), "median of " + of}
}

func recovery(s delivery.Stats) figure {
	f := median("Failed deployment recovery", s.Recovery, count(s.Recovery.Of, "failed change"))
	switch {
	case s.Unrecovered > 0:
		f.note = strings.TrimPrefix(f.note+", ", "nothing to count from, ") + fmt.Sprintf("%d not recovered yet", s.Unrecovered)
	case s.Recovery.Of == 0:
		f.note = "no change was rolled back or unhealthy"
	}
	return f
}

func share(name string, part, of int, note string) figure {
	if of == 0 {
		return figure{name, noData, "nothing to count from"}
	}
	return figure{name, fmt.Sprintf("%.0f %%", 100*float64(part)/float64(of)), note}
}

// span says a length of time that may be of days: 3 d 4 h, 2 h 5 min, 45 s.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	if d < 2*day {
		return took(d)
	}
	d = d.Round(time.Hour)
	if hours := int((d % day).Hours()); hours > 0 {
		return fmt.Sprintf("%d d %d h", int(d/day), hours)
	}
	return fmt.Sprintf("%d d", int(d/day))
}

// whereWords name what time goes by with.
var whereWords = []string{
	delivery.OnChecks:    "checks",
	delivery.OnApprovals: "approvals",
	delivery.OnStart:     "word to start",
	delivery.OnLock:      "lock",
	delivery.OnFreeze:    "freeze",
	delivery.OnSlot:      "slot",
	delivery.OnQueue:     "runner",
	delivery.OnRun:       "run",
	delivery.OnIncident:  "incident",
}

func statsTitle(s delivery.Stats) string {
	service := s.Service
	switch {
	case service == "" && s.Team != "":
		service = "The services of " + s.Team
	case service == "":
		service = "All services"
	}
	var environments []string
	for _, p := range s.Places {
		if len(environments) == 0 || !strings.Contains(" "+strings.Join(environments, " ")+" ", " "+p.Environment+" ") {
			environments = append(environments, p.Environment)
		}
	}
	return service + " in " + strings.Join(environments, ", ")
}

func period(s delivery.Stats) string {
	return fmt.Sprintf("%s to %s", count(s.Days, "day"), s.Until.Format("2 Jan 2006"))
}
