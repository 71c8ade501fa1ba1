package commands

import (
	"errors"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/incident"
)

func TestIncidentRefusals(t *testing.T) {
	t.Parallel()
	gateway := incident.Subject{Kind: incident.Of, Name: "gateway"}
	for want, r := range map[string]*incident.Refused{
		"You are on call already until <!date^1795172400^{date_short_pretty} {time}|20 Nov 11:00 UTC>, so there is nothing to take.": {
			Code: incident.OnCallAlready, Until: nine.Add(2 * time.Hour)},
		"I do not know who <@U0HUGO> is on PagerDuty: nobody there has their e-mail address. An admin can say so: `/shipmate link` <@U0HUGO> `pagerduty &lt;e-mail&gt;`.": {
			Code: incident.NotLinked, Person: "U0HUGO"},
		"*gateway* is not among the services of *INC-1*: it names *catalog* and *checkout*.": {
			Code: incident.AlreadySo, Subject: gateway, Incident: &incident.Incident{Number: 1, Services: []string{"catalog", "checkout"}}},
		"*gateway* is not among the services of *INC-2*: it names none.": {Code: incident.AlreadySo, Subject: gateway, Incident: &incident.Incident{Number: 2}},
		"*gateway* is among the services of *INC-3* already.": {
			Code: incident.AlreadySo, Subject: gateway, Incident: &incident.Incident{Number: 3, Services: []string{"gateway"}}},
	} {
		if got := string(incidentRefused(r).Text); got != want {
			t.Errorf("%s reads\n%s\nnot\n%s", r.Code, got, want)
		}
	}
}

// Whoever is not on PagerDuty reads of themselves, who can clear it, and that what they tried is kept where it is.
func TestYouAreNotOnPagerDuty(t *testing.T) {
	t.Parallel()
	cfg := &config.Config{Slack: config.Slack{Admins: []config.Principal{"platform"}}}
	for asker, want := range map[string]string{
		"U0HUGO": "You have no account on PagerDuty that is known to be yours: nobody there has your e-mail address. An admin (*platform*) can say which is yours: " +
			"`/shipmate link` <@U0HUGO> `pagerduty &lt;e-mail&gt;`. What you tried is done then, if that is within 1 h.",
		"U0ANA": "I do not know who <@U0HUGO> is on PagerDuty: nobody there has their e-mail address. An admin can say so: " +
			"`/shipmate link` <@U0HUGO> `pagerduty &lt;e-mail&gt;`.",
	} {
		err := incidentRefusalTo(bot.Request{User: asker, Config: cfg}, &incident.Refused{Code: incident.NotLinked, Person: "U0HUGO", Kept: true})
		var no *bot.Refusal
		if !errors.As(err, &no) || string(no.Text) != want {
			t.Errorf("%s is told %v", asker, err)
			t.Log(no.Text)
		}
	}
}

func TestALengthOfTimeIsShown(t *testing.T) {
	t.Parallel()
	if _, err := parseDuration("banana"); err == nil || err.Error() != `"banana" is not a duration: write it as 90m, 2h, 1h30m, 3d or 1w` {
		t.Errorf("got %v", err)
	}
}
