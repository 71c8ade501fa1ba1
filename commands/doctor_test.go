package commands

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"shipmate/bot"
)

func finds(found ...bot.Finding) Check {
	return Check{Name: "it", Find: func(context.Context) []bot.Finding { return found }}
}

func TestTheWorstIsToldFirstAndOncePerLine(t *testing.T) {
	t.Parallel()
	found := examine(t.Context(), []Check{
		finds(bot.Finding{Level: bot.Fine, Text: "Fine as it is."}, bot.Finding{Level: bot.Warning, Text: bot.Textf("%s is odd.", "<a>"), Mend: "Straighten it."}),
		finds(bot.Finding{Level: bot.Problem, Text: "The first is broken.", Mend: "Mend the first."}, bot.Finding{Level: bot.Notice, Text: "By the way."}),
		finds(bot.Finding{Level: bot.Problem, Text: "The second is broken.", Mend: "Mend the second."}),
	})
	golden(t, "testdata/doctor/worst-first.json", readable(t, diagnosis(found)))
	golden(t, "testdata/doctor/all-well.json", readable(t, diagnosis([]bot.Finding{{Level: bot.Fine, Text: "Slack: 2 connections."}, {Level: bot.Notice, Text: "By the way."}})))
}

func TestManyFindingsAreAllShown(t *testing.T) {
	t.Parallel()
	var found []bot.Finding
	for range 45 {
		found = append(found, bot.Finding{Level: bot.Problem, Text: "Broken.", Mend: "Mend it."})
	}
	m := diagnosis(found)
	lines := 0
	for _, p := range m.Parts {
		lines += strings.Count(string(p.Section), "❌")
	}
	if m.Text != "45 problems" || lines != 45 {
		t.Errorf("%s, %d lines", m.Text, lines)
	}
}

func TestACheckThatHangsOrPanicsIsItselfAFinding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		began := time.Now()
		found := examine(t.Context(), []Check{
			{Name: "the deaf one", Find: func(context.Context) []bot.Finding { <-never; return nil }},
			{Name: "the broken one", Find: func(context.Context) []bot.Finding { panic("xoxb-secret") }},
			{Name: "the slow one", Find: func(ctx context.Context) []bot.Finding {
				<-ctx.Done()
				return []bot.Finding{{Level: bot.Warning, Text: "No answer.", Mend: "Wait."}}
			}},
			finds(bot.Finding{Level: bot.Fine, Text: "Fine."}),
		})
		if took := time.Since(began); took != checkTime+checkGrace {
			t.Errorf("it took %s", took)
		}
		golden(t, "testdata/doctor/hanging.json", readable(t, diagnosis(found)))
		close(never)
	})
}
