package commands

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/chart"
	"shipmate/incident"
)

func incidentStats(d Deps) bot.Command {
	return bot.Command{
		Name:  "incident stats",
		Args:  "[<service>] [<days>]",
		Short: "Count incidents, and how long it took to answer, mitigate and resolve them",
		Long: "Over 90 days, or as many as you say, up to 400. Each time is a median, with how many incidents it rests on. A picture of it goes to your " +
			"direct messages.",
		Examples: []string{"incident stats", "incident stats checkout 30"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			days := defaultDays
			if typed, err := strconv.Atoi(req.Arg("days")); err == nil {
				days = typed
			}
			s, err := d.Incidents.Stats(ctx, incident.StatsWant{Service: req.Arg("service"), Days: days})
			if err != nil {
				return bot.Reply{}, err
			}
			return incidentStatsReply(s), nil
		},
	}
}

func incidentStatsReply(s *incident.Stats) bot.Reply {
	title, over, figures := incidentStatsTitle(s), fmt.Sprintf("the last %s", count(s.Days, "day")), incidentFigures(s)
	m := text("%s, %s", bot.Bold(title), over)
	var lines []bot.Text
	for _, f := range figures {
		lines = append(lines, bot.Textf("%s: %s · %s", f.name, bot.Bold(f.value), f.note))
	}
	m.Parts = []bot.Part{bot.Section(bot.Join("\n", lines...))}
	if services := incidentServices(s); services != "" {
		m.Parts = append(m.Parts, bot.Section(bot.Plain("By service: "+services)))
	}
	m.Parts = append(m.Parts, bot.Small("Each time begins with the declaration. Counted are incidents declared in this time; restricted ones are in the numbers."))
	r := bot.Reply{Message: m}
	r.File = incidentFile(s)
	return r
}

func incidentStatsTitle(s *incident.Stats) string {
	switch {
	case s.Service != "":
		return "Incidents of " + s.Service
	case s.Team != "":
		return "Incidents of " + s.Team + "'s services"
	}
	return "Incidents"
}

func incidentFigures(s *incident.Stats) []figure {
	return []figure{
		{"Incidents", strconv.Itoa(s.Incidents), fmt.Sprintf("%d open", s.Open)},
		incidentTime("Time to acknowledge", s.Ack, "with a page"),
		incidentTime("Time to mitigate", s.Mitigate, "mitigated"),
		incidentTime("Time to resolve", s.Resolve, "resolved"),
	}
}

// incidentFile is the picture; of nothing there is none.
func incidentFile(s *incident.Stats) *bot.File {
	if s.Incidents == 0 {
		return nil
	}
	title, over, figures := incidentStatsTitle(s), fmt.Sprintf("the last %s", count(s.Days, "day")), incidentFigures(s)
	var alt []string
	for _, f := range figures {
		alt = append(alt, fmt.Sprintf("%s: %s, %s.", f.name, f.value, f.note))
	}
	return &bot.File{Name: "incidents.png", Title: title + ", " + over, Alt: title + ", " + over + ". " + strings.Join(alt, " "),
		Draw: func() ([]byte, error) {
			return chart.PNG(incidentPicture(s, fmt.Sprintf("%s: %d, %d open", title, s.Incidents, s.Open), over, figures[1:]))
		}}
}

func incidentTime(name string, m incident.Middle, of string) figure {
	if m.Of == 0 {
		return figure{name, noData, "nothing to count from"}
	}
	return figure{name, span(m.Median), fmt.Sprintf("median of %d %s", m.Of, of)}
}

// incidentServices lists the services by how many incidents concerned them.
func incidentServices(s *incident.Stats) string {
	var out []string
	for _, one := range s.Services {
		out = append(out, fmt.Sprintf("%s %d", one.Service, one.N))
	}
	return few(out)
}

// mostRows is how many services a picture shows.
const mostRows = 6

func incidentPicture(s *incident.Stats, title, over string, figures []figure) chart.Picture {
	p := chart.Picture{Title: title, Subtitle: over + ", UTC", RowsTitle: "By service", NoRows: "No service was named"}
	for _, f := range figures {
		p.Figures = append(p.Figures, chart.Figure{Label: f.name, Value: f.value, Note: f.note})
	}
	for _, one := range s.Services[:min(len(s.Services), mostRows)] {
		p.Rows = append(p.Rows, chart.Row{Label: one.Service, Value: float64(one.N), Words: count(one.N, "incident")})
	}
	p.Columns = chart.Columns{Title: "Incidents in each 7 days, from the date on", None: "No data"}
	if s.Days <= 14 {
		p.Columns.Title = "Incidents in each day, from the date on"
	}
	// Three colours: the worst, the next, and all others.
	stacks := []chart.Stack{{Name: s.Severities[0], Tone: chart.Bad}}
	if len(s.Severities) > 1 {
		stacks = append(stacks, chart.Stack{Name: s.Severities[1], Tone: chart.Good})
	}
	if len(s.Severities) > 2 {
		stacks = append(stacks, chart.Stack{Name: strings.Join(s.Severities[2:], ", "), Tone: chart.Other})
	}
	every := (len(s.Bars) + labelled - 1) / labelled
	for i, b := range s.Bars {
		label := ""
		if (len(s.Bars)-1-i)%every == 0 {
			label = b.From.In(time.UTC).Format("2 Jan")
		}
		p.Columns.Labels = append(p.Columns.Labels, label)
		counts := make([]int, len(stacks))
		for rank, n := range b.Counts {
			counts[min(rank, len(stacks)-1)] += n
		}
		for n := range stacks {
			stacks[n].Counts = append(stacks[n].Counts, counts[n])
		}
	}
	p.Columns.Stacks = stacks
	return p
}
