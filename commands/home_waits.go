package commands

import (
	"context"
	"errors"
	"slices"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/schedule"
)

// What a home tab shows at most of what waits: of each kind that has buttons, and of each that is a list.
const (
	maxHomeOffers = 5
	maxHomeLines  = 10
)

// homeWaits is what waits for one person, as the store tells.
type homeWaits struct {
	Approve []*delivery.Deployment // their approval would count
	Start   []*delivery.Deployment // they asked for it, and are to say that it starts
	Sign    []*delivery.Deployment // its review is open
	Write   []toWrite              // post-mortems of theirs
	Mine    []*incident.Item       // action items of theirs, the first that is due first
	Decide  []*adr.Proposal        // they were asked for a review, and have not said anything
}

// toWrite is a post-mortem with its incident.
type toWrite struct {
	*incident.Postmortem
	Of *incident.Incident
}

// waits finds what waits for the person. Unasked, what cannot be found out is an error; else it is named.
func (t *homeTab) waits(ctx context.Context, d Deps, req bot.Request) error {
	var unknown error
	isOne := func(of []config.Principal) bool {
		ok, err := d.IsOne(ctx, t.User, of)
		unknown = errors.Join(unknown, err)
		return ok && err == nil
	}
	for _, s := range t.All {
		for _, one := range s.Waiting {
			switch one.Offer() {
			case delivery.OfferStart:
				if one.By == t.User {
					t.Start = append(t.Start, one)
				}
			case delivery.OfferVote:
				counts, err := d.Delivery.Counts(ctx, one, t.User)
				if err != nil {
					return err
				}
				if counts && isOne(d.Delivery.ApproversOf(one)) {
					t.Approve = append(t.Approve, one)
				}
			}
		}
	}
	for _, one := range t.Reviews {
		if one.By != t.User && isOne(d.Delivery.ReviewersOf(one)) {
			t.Sign = append(t.Sign, one)
		}
	}
	if unknown != nil {
		if req.Kept != nil {
			return unknown
		}
		t.Unread = append(t.Unread, "what waits for your approval")
	}
	for _, p := range t.Postmortems {
		if p.Owner != t.User {
			continue
		}
		i, err := d.Incidents.Record(ctx, p.ID)
		if errors.Is(err, incident.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		t.Write = append(t.Write, toWrite{p, i})
	}
	for _, it := range t.Items {
		if it.Person == t.User {
			t.Mine = append(t.Mine, it)
		}
	}
	for _, p := range t.Decisions {
		if asksFor(p, t.User) {
			t.Decide = append(t.Decide, p)
		}
	}
	return nil
}

// asksFor tells whether somebody was asked for a review of a proposal and has not said anything to what it says now.
func asksFor(p *adr.Proposal, person string) bool {
	if p.State != adr.Open || p.Draft || !slices.Contains(p.Reviewers, person) {
		return false
	}
	return !slices.ContainsFunc(slices.Concat(p.Votes, p.GitHubVotes), func(v adr.Vote) bool {
		return v.By == person && (v.Thumb == adr.Down || v.Text == p.Text)
	})
}

// waitingParts is what waits, in the order of how much somebody else waits for it, and how much that is.
func (t *homeTab) waitingParts() (parts []bot.Part, n int) {
	for _, some := range []func() ([]bot.Part, int){
		func() ([]bot.Part, int) { return offered(t.Approve, "/deploy status", toApprove) },
		func() ([]bot.Part, int) { return offered(t.Start, "/deploy status", toStart) },
		func() ([]bot.Part, int) { return offered(t.Sign, "/deploy reviews", toSign) },
		func() ([]bot.Part, int) { return offered(t.Write, "/postmortem list", t.toWrite) },
		func() ([]bot.Part, int) { return offered(t.Decide, "/adr list", toDecide) },
		t.itemParts,
		t.pullParts,
		t.debtParts,
	} {
		more, waiting := some()
		parts, n = append(parts, more...), n+waiting
	}
	return parts, n
}

// offered shows things with their buttons, as many as there is room for.
func offered[T any](all []T, rest string, show func(T) (bot.Text, []bot.Button)) (parts []bot.Part, n int) {
	for _, one := range all[:min(len(all), maxHomeOffers)] {
		t, buttons := show(one)
		parts = append(parts, bot.Section(t), bot.Offer(buttons...))
	}
	if more := len(all) - maxHomeOffers; more > 0 {
		parts = append(parts, bot.Small(bot.Textf("and %d more: %s", more, bot.Code(rest))))
	}
	return parts, len(all)
}

// maxHomePulls is how many pull requests of a deployment are listed that waits.
const maxHomePulls = 3

func toApprove(d *delivery.Deployment) (bot.Text, []bot.Button) {
	lines := []bot.Text{bot.Textf("⏳ %s waits for your approval", whatWhere(d)),
		bot.Textf("%s asked at %s%s · until %s · %s", bot.User(d.By), bot.Time(d.Created), whyWords(d.Reason), bot.Time(d.Expires), subjectLine(d.Commit)),
		changesUpTo(d, maxHomePulls), inputsLine(d), risks(d)}
	lines = slices.DeleteFunc(lines, func(t bot.Text) bool { return t == "" })
	return bot.Join("\n", lines...), waitingOffers(d)[:2]
}

func toStart(d *delivery.Deployment) (bot.Text, []bot.Button) {
	return bot.Textf("⏳ %s waits for you to start it: its checks have passed · until %s", whatWhere(d), bot.Time(d.Expires)), waitingOffers(d)
}

func toSign(d *delivery.Deployment) (bot.Text, []bot.Button) {
	return bot.Textf("🔨 %s: %s broke the glass at %s%s. Somebody else has to look at it, and sign.", whatWhere(d), bot.User(d.By), bot.Time(d.Created), whyWords(d.Reason)),
		reviewOffer(d)
}

func (t *homeTab) toWrite(p toWrite) (bot.Text, []bot.Button) {
	number := " #" + itoa(p.Number)
	due := bot.Textf("due %s", bot.Time(p.Due))
	if p.Overdue(t.Now) {
		due = bot.Textf("late, it was due %s", bot.Time(p.Due))
	}
	var buttons []bot.Button
	if p.Pull != nil {
		buttons = append(buttons, bot.Button{Label: "Open", URL: p.Pull.URL})
	}
	if p.Accepted.IsZero() {
		buttons = append(buttons, bot.Button{Label: "Accept", Line: "postmortem accept" + number, Style: bot.Primary})
	}
	buttons = append(buttons, bot.Button{Label: "Hand over", Line: "postmortem owner" + number}, bot.Button{Label: "In 1 day", Line: "postmortem snooze" + number + " 1d"})
	return bot.Textf("%s The post-mortem of %s is yours to write, %s: %s", postmortemIcon(p.Postmortem), bot.Bold(p.Name()), due, bot.Literal(p.Of.Title)), buttons
}

func toDecide(p *adr.Proposal) (bot.Text, []bot.Button) {
	buttons := thumbButtons(p)
	if p.Pull != nil {
		buttons = append(buttons, bot.Button{Label: "Read it", URL: p.Pull.URL})
	}
	return bot.Textf("🗳️ %s: %s asks for your review, since %s", decisionName(p), bot.User(p.By), bot.Time(p.Created)), buttons
}

func (t *homeTab) itemParts() ([]bot.Part, int) {
	var late, open []bot.Text
	for _, it := range t.Mine {
		line := bot.Textf("%s · INC-%d", itemLine(it), it.Number)
		if it.Late(t.Now) {
			late = append(late, bot.Textf("⏰ %s", line))
			continue
		}
		open = append(open, line)
	}
	return homeList("*Action items*", append(late, open...), "/postmortem items"), len(t.Mine)
}

func (t *homeTab) pullParts() ([]bot.Part, int) {
	var lines []bot.Text
	for _, p := range t.Kept.Pulls {
		what := bot.Textf("by %s, for you to review", p.Author)
		switch {
		case p.Mine:
			what = "yours: nobody is asked to review it"
		case p.Teams:
			what = bot.Textf("by %s, for your team to review", p.Author)
		}
		lines = append(lines, bot.Textf("👀 %s %s · %s · since %s", bot.Link(p.URL, p.Repo+"#"+itoa(p.Number)), bot.Literal(cutTo(p.Title, 100)), what, bot.Time(p.Created)))
	}
	return homeList("*Pull requests*", lines, ""), len(lines)
}

func (t *homeTab) debtParts() ([]bot.Part, int) {
	var lines []bot.Text
	for _, i := range t.Kept.Debts {
		lines = append(lines, bot.Textf("🧱 %s %s · since %s", bot.Link(i.URL, i.Repo+"#"+itoa(i.Number)), bot.Literal(cutTo(i.Title, 100)), bot.Time(i.Since)))
	}
	return homeList("*Technical debt that you took*", lines, "/debt"), len(lines)
}

// homeList is a list with its title, as far as there is room.
func homeList(title bot.Text, lines []bot.Text, rest string) []bot.Part {
	if len(lines) == 0 {
		return nil
	}
	more := len(lines) - maxHomeLines
	lines = lines[:min(len(lines), maxHomeLines)]
	if more > 0 {
		end := bot.Textf("and %d more", more)
		if rest != "" {
			end = bot.Textf("%s: %s", end, bot.Code(rest))
		}
		lines = append(lines, end)
	}
	return []bot.Part{bot.Section(bot.Join("\n", append([]bot.Text{title}, lines...)...))}
}

// notes say what is not shown, and why.
func (t *homeTab) notes() (parts []bot.Part) {
	var out []bot.Text
	switch {
	case t.Kept.Unlinked && len(t.repos()) > 0:
		out = append(out, bot.Textf("Pull requests that wait for you are not shown, since I do not know who you are on GitHub: %s", bot.Code("/shipmate link me github …")))
	case t.Kept.PullsUnread:
		t.Unread = append(t.Unread, "pull requests")
	}
	if n := len(t.repos()); n > schedule.MaxWaitedFor && !t.Kept.Unlinked {
		out = append(out, bot.Textf("Of pull requests and technical debt %d of your teams' %d repositories are looked at.", schedule.MaxWaitedFor, n))
	}
	if t.Kept.DebtsUnread {
		t.Unread = append(t.Unread, "technical debt")
	}
	if t.Kept.DutyUnread {
		t.Unread = append(t.Unread, "who is on call")
	}
	if len(t.Unread) > 0 {
		out = append(out, bot.Textf("⚠️ Not read: %s. Open this tab again in a minute.", words(t.Unread, "and")))
	}
	for _, one := range out {
		parts = append(parts, bot.Small(one))
	}
	return parts
}
