package commands

import (
	"fmt"
	"strings"
	"testing"

	"shipmate/bot"
)

func TestLinksAsTheyAreShown(t *testing.T) {
	t.Parallel()
	proven := bot.Account{Login: "ana", By: "U0DEV", Proven: true}
	claim := bot.Account{Login: "PXPGF42", By: "U0ANA"}
	both := bot.Linked{Person: "U0ANA", Accounts: map[string]bot.Account{bot.OnGitHub: proven, bot.OnPagerDuty: claim}}
	for name, m := range map[string]bot.Message{
		"proven": linkedMessage("U0ANA", bot.OnGitHub, proven), "claim": linkedMessage("U0ANA", bot.OnPagerDuty, claim),
		"one": linksOf(both), "none": linksOf(bot.Linked{Person: "U0BEN"}),
		"all": everybodysLinks([]bot.Linked{both, {Person: "U0BEN", Accounts: map[string]bot.Account{bot.OnGitHub: proven}}}), "nobody": everybodysLinks(nil),
	} {
		golden(t, "testdata/links/"+name+".json", readable(t, m))
	}
}

func TestManyLinksAreCut(t *testing.T) {
	t.Parallel()
	var all []bot.Linked
	for i := range maxLinked + 3 {
		all = append(all, bot.Linked{Person: fmt.Sprintf("U%05d", i), Accounts: map[string]bot.Account{bot.OnGitHub: {Login: "x"}}})
	}
	m := everybodysLinks(all)
	shown := 0
	for _, p := range m.Parts {
		shown += strings.Count(string(p.Section), "<@U")
	}
	if last := m.Parts[len(m.Parts)-1].Small; shown != maxLinked || !strings.Contains(string(last), "And 3 more") {
		t.Errorf("%d shown, then %q", shown, last)
	}
}

func TestParseLogin(t *testing.T) {
	t.Parallel()
	for word, ok := range map[string]bool{"ana": true, "PXPGF42": true, "ana@acme.example": true, "U024BE7LH": false, "UNA": true} {
		if _, err := parseLogin(word); (err == nil) != ok {
			t.Errorf("%s: %v", word, err)
		}
	}
}
