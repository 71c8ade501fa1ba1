package commands

import (
	"fmt"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/chart"
	"shipmate/delivery"
)

func statsMessage(s delivery.Stats, figures []figure) bot.Message {
	m := text("%s, %s", bot.Bold(statsTitle(s)), period(s))
	var lines []bot.Text
	for _, f := range figures {
		lines = append(lines, bot.Textf("%s: %s · %s", f.name, bot.Bold(f.value), f.note))
	}
	m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines...)))
	if spent := spentLines(s); len(spent) > 0 {
		m.Parts = append(m.Parts, bot.Section(bot.Textf("Where the time of %s went, from asking to the end:\n%s",
			count(s.Deployments, "deployment"), bot.Join("\n", spent...))))
	}
	m.Parts = append(m.Parts, bot.Small(bot.Join(" ", statsNotes(s)...)))
	return m
}

func spentLines(s delivery.Stats) []bot.Text {
	var lines []bot.Text
	for where, one := range s.Spent {
		if one.Of > 0 {
			lines = append(lines, bot.Textf("%s: %s in all · median %s of %d", whereWords[where], span(one.Total), span(one.Median), one.Of))
		}
	}
	return lines
}

// statsNotes say what the figures are made of, and what is missing in them.
func statsNotes(s delivery.Stats) []bot.Text {
	notes := []bot.Text{"Counted are deployments by Shipmate that ended in this time. Lead time begins when the deployed commit was committed; " +
		"a change failed when it was rolled back or did not stay healthy, and has recovered when the next deployment there succeeded and stayed. " +
		"Unplanned are rollbacks and what broke glass."}
	if s.Otherwise > 0 {
		notes = append(notes, bot.Textf("Not counted: %s that ended without succeeding.", count(s.Otherwise, "deployment")))
	}
	if !s.Begins.IsZero() {
		notes = append(notes, bot.Textf("The record begins %s.", bot.Time(s.Begins)))
	}
	if n := len(s.Left); n > 0 {
		notes = append(notes, bot.Textf("Nor are those of which nothing says which environment is production: %s.", few(s.Left)))
	}
	return notes
}

// few lists up to five names and counts the rest.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// statsAlt are the numbers for whoever does not see the picture.
func statsAlt(s delivery.Stats, figures []figure) string {
	parts := []string{statsTitle(s) + ", " + period(s) + "."}
	for _, f := range figures {
		parts = append(parts, fmt.Sprintf("%s: %s, %s.", f.name, f.value, f.note))
	}
	var spent []string
	for where, one := range s.Spent {
		if one.Of > 0 {
			spent = append(spent, whereWords[where]+" "+span(one.Total))
		}
	}
	if len(spent) > 0 {
		parts = append(parts, "Time went to "+strings.Join(spent, ", ")+".")
	}
	return strings.Join(parts, " ")
}

func statsPicture(s delivery.Stats, figures []figure) chart.Picture {
	p := chart.Picture{Title: statsTitle(s), Subtitle: period(s) + ", UTC", NoRows: "No data",
		RowsTitle: fmt.Sprintf("Where the time of %s went", count(s.Deployments, "deployment"))}
	for _, f := range figures {
		p.Figures = append(p.Figures, chart.Figure{Label: f.name, Value: f.value, Note: f.note})
	}
	p.Columns = statsColumns(s)
	for where, one := range s.Spent {
		if one.Of > 0 {
			p.Rows = append(p.Rows, chart.Row{Label: whereWords[where], Value: one.Total.Seconds(),
				Words: fmt.Sprintf("%s · in %d of %d", span(one.Total), one.Of, s.Deployments)})
		}
	}
	return p
}

// labelled is how many columns have their date written below them, at most.
const labelled = 6

func statsColumns(s delivery.Stats) chart.Columns {
	c := chart.Columns{Title: "Deployments in each 7 days, from the date on", None: "No data"}
	if s.Days <= 14 {
		c.Title = "Deployments in each 24 hours, from the date on"
	}
	stayed := chart.Stack{Name: "stayed", Tone: chart.Good}
	undone := chart.Stack{Name: "rolled back or unhealthy", Tone: chart.Bad}
	back := chart.Stack{Name: "rollback", Tone: chart.Other}
	every := (len(s.Bars) + labelled - 1) / labelled
	for i, b := range s.Bars {
		label := ""
		if (len(s.Bars)-1-i)%every == 0 {
			label = b.From.In(time.UTC).Format("2 Jan")
		}
		c.Labels = append(c.Labels, label)
		stayed.Counts, undone.Counts, back.Counts = append(stayed.Counts, b.Good), append(undone.Counts, b.Undone), append(back.Counts, b.Rollbacks)
	}
	c.Stacks = []chart.Stack{stayed, undone, back}
	return c
}
