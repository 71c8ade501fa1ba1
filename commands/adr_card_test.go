package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/config"
	"shipmate/integrations/github"
)

// decisionWith is one of ana's that has just been proposed.
func decisionWith(fns ...func(*adr.Proposal)) *adr.Proposal {
	p := &adr.Proposal{ID: "a-aaaaaaaaaa", Request: "r", Stage: 1, State: adr.Numbering, By: "U0ANA", ByName: "ana", Zone: "Europe/Berlin", Channel: "C0PAY", Created: nine,
		Log: "main", Scope: "acme/decisions:", Repo: "acme/decisions", Title: "Keep *sessions* in <Redis> & more", Context: "Postgres is slow.", Decision: "We keep sessions in Redis.\nFor a day.",
		Consequences: "One more thing to run.", Services: []string{"checkout", "catalog"}, Reviewers: []string{"U0BEN"}}
	for _, fn := range fns {
		fn(p)
	}
	return p
}

// isOpen has a pull request.
func isOpen(p *adr.Proposal) {
	p.State, p.Number, p.Opened = adr.Open, 12, nine.Add(time.Minute)
	p.Dir, p.Branch, p.File = "doc/adr", "adr/0012", "doc/adr/0012-keep-sessions-in-redis-more.md"
	p.Pull = &adr.Pull{Number: 7, URL: "https://github.com/acme/decisions/pull/7", Head: newSHA, Checks: "running"}
}

func hasChecks(verdict string) func(*adr.Proposal) {
	return func(p *adr.Proposal) { p.Pull.Checks = verdict }
}

func hasEnded(state adr.State) func(*adr.Proposal) {
	return func(p *adr.Proposal) {
		isOpen(p)
		p.State, p.Ended = state, nine.Add(2*time.Hour)
	}
}

func ending(record bool) func(*adr.Proposal) {
	return func(p *adr.Proposal) {
		p.Ending = &adr.Ending{By: "U0BEN", Why: "We keep the *old* way\nfor now.", At: nine.Add(time.Hour), Record: record}
	}
}

func isReady(p *adr.Proposal) { isOpen(p); p.Pull.Checks, p.Ready = "success", nine.Add(time.Hour) }

func isTaken(p *adr.Proposal) {
	isOpen(p)
	p.Found = []adr.Problem{{File: "0012-keep-sessions-in-redis-more.md", Taken: true, Text: "Its number is taken by 0012-mine.md; give it 0013."},
		{File: "0007-use-kafka.md", Text: "Only the status of a decided record may change."}}
}

func changesStatus(to adr.Status) func(*adr.Proposal) {
	return func(p *adr.Proposal) { p.Change = &adr.Change{From: adr.StatusAccepted, To: to} }
}

func supersedesTwo(p *adr.Proposal) {
	p.Supersedes = []adr.Old{{Number: 3, Title: "Keep sessions in *Postgres*", File: "0003-x.md"}, {Number: 7, Title: "Keep sessions for a week", File: "0007-x.md"}}
}

func thumbs(t adr.Thumb, where string, people ...string) []adr.Vote {
	var out []adr.Vote
	for n, by := range people {
		v := adr.Vote{Thumb: t, Where: where, By: by, At: nine.Add(time.Duration(n) * time.Minute)}
		if by[0] != 'U' {
			v.By, v.Login = "", by
		}
		if where != adr.OnCard && by[0] == 'U' {
			v.Login = strings.ToLower(by[2:])
		}
		if t == adr.Down && where == adr.OnCard {
			v.Why = "It does not say what happens to <old> sessions.\n\nAnd *when*?"
		}
		out = append(out, v)
	}
	return out
}

func TestDecisionCards(t *testing.T) {
	t.Parallel()
	two := adr.Tally{Up: thumbs(adr.Up, adr.OnCard, "U0BEN", "U0CY"), Need: 2}
	for name, c := range map[string]struct {
		p *adr.Proposal
		t adr.Tally
	}{
		"numbering": {decisionWith(), adr.Tally{Need: 2}},
		"numbering, in the way": {decisionWith(func(p *adr.Proposal) {
			p.Hitches = map[string]github.Hitch{"open": {Said: true, Why: "GitHub does not know acme/decisions, or the token cannot see it."}, "nudge": {Why: "not to be told"}}
		}), adr.Tally{Need: 2}},
		"open":                   {decisionWith(isOpen), adr.Tally{Need: 2}},
		"draft":                  {decisionWith(isOpen, func(p *adr.Proposal) { p.Draft, p.Decision = true, "" }), adr.Tally{Need: 2}},
		"draft, with its thumbs": {decisionWith(isOpen, func(p *adr.Proposal) { p.Draft = true }), two},
		"thumbs of all sorts": {decisionWith(isOpen, hasChecks("success"), func(p *adr.Proposal) {
			p.Votes, p.GitHubVotes = thumbs(adr.Down, adr.OnCard, "U0DEE"), thumbs(adr.Down, adr.InReview, "U0FAY", "gus")
		}), adr.Tally{Need: 3, Up: two.Up, Down: append(thumbs(adr.Down, adr.OnCard, "U0DEE"), thumbs(adr.Down, adr.InReview, "U0FAY")...), Void: thumbs(adr.Up, adr.ByReaction, "U0HAL", "U0IDA"),
			Foreign: thumbs(adr.Up, adr.ByReaction, "U0JOE"), Unknown: thumbs(adr.Down, adr.InReview, "gus", "stranger")}},
		"held":                         {decisionWith(isOpen, func(p *adr.Proposal) { p.Votes = thumbs(adr.Down, adr.OnCard, "U0DEE") }), adr.Tally{Need: 2, Up: two.Up, Down: thumbs(adr.Down, adr.OnCard, "U0DEE")}},
		"reached":                      {decisionWith(isOpen), two},
		"reached, checks fail":         {decisionWith(isOpen, hasChecks("failure")), two},
		"its author merges":            {decisionWith(isReady), two},
		"its author wants it merged":   {decisionWith(isReady, func(p *adr.Proposal) { p.MergeBy = "U0ANA" }), two},
		"its number is taken":          {decisionWith(isTaken), adr.Tally{Need: 2}},
		"reached, its number is taken": {decisionWith(isTaken), two},
		"being renumbered":             {decisionWith(isTaken, func(p *adr.Proposal) { p.Renumber = true }), two},
		"problems":                     {decisionWith(isOpen, func(p *adr.Proposal) { p.Problems = []string{"GitHub does not take ben as a reviewer."} }), adr.Tally{Need: 2}},
		"being rejected":               {decisionWith(isOpen, ending(true)), adr.Tally{Need: 2}},
		"being closed":                 {decisionWith(isOpen, ending(false)), adr.Tally{Need: 2}},
		"superseding":                  {decisionWith(isOpen, supersedesTwo), adr.Tally{Need: 2}},
		"being overtaken":              {decisionWith(isOpen, func(p *adr.Proposal) { p.SupersededBy = 15 }), adr.Tally{Need: 2}},
		"reminded":                     {decisionWith(isOpen, func(p *adr.Proposal) { p.Nudges, p.Nudged = 1, nine.Add(72*time.Hour) }), adr.Tally{Need: 2}},
		"accepted":                     {decisionWith(hasEnded(adr.Accepted), supersedesTwo), two},
		"rejected":                     {decisionWith(hasEnded(adr.Rejected), ending(true)), adr.Tally{Need: 2}},
		"overtaken":                    {decisionWith(hasEnded(adr.Overtaken), func(p *adr.Proposal) { p.SupersededBy = 15 }), adr.Tally{Need: 2}},
		"closed":                       {decisionWith(hasEnded(adr.Closed), ending(false)), adr.Tally{Need: 2}},
		"closed on GitHub":             {decisionWith(hasEnded(adr.Closed)), adr.Tally{Need: 2}},
		"deprecating":                  {decisionWith(isOpen, changesStatus(adr.StatusDeprecated)), adr.Tally{Need: 2}},
		"deprecated":                   {decisionWith(hasEnded(adr.Accepted), changesStatus(adr.StatusDeprecated)), two},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, "testdata/decision/"+name+".json", readable(t, decisionView(c.p, c.t)))
		})
	}
}

func TestDecisionNotes(t *testing.T) {
	t.Parallel()
	taken := adr.Note{Kind: adr.NoteTaken, Person: "U0BEN", Log: "main", Pull: 45, URL: "https://github.com/acme/decisions/pull/45",
		Problem: adr.Problem{File: "0002-mine.md", Taken: true, Text: "Its number is taken by 0002-use-kafka.md; give it 0003."}}
	for name, n := range map[string]adr.Note{
		"its number is taken": taken,
		"waits":               {Kind: adr.NoteWaits, Proposal: decisionWith(isOpen)},
		"ready":               {Kind: adr.NoteReady, Proposal: decisionWith(isReady)},
		"accepted":            {Kind: adr.NoteDecided, Proposal: decisionWith(hasEnded(adr.Accepted))},
		"rejected":            {Kind: adr.NoteDecided, Proposal: decisionWith(hasEnded(adr.Rejected), ending(true))},
		"closed on GitHub":    {Kind: adr.NoteDecided, Proposal: decisionWith(hasEnded(adr.Closed))},
	} {
		golden(t, "testdata/decision/note "+name+".json", readable(t, DecisionNote(n)))
	}
	for name, p := range map[string]*adr.Proposal{"accepted": decisionWith(hasEnded(adr.Accepted), supersedesTwo), "rejected": decisionWith(hasEnded(adr.Rejected), ending(true)),
		"deprecated": decisionWith(hasEnded(adr.Accepted), changesStatus(adr.StatusDeprecated))} {
		golden(t, "testdata/decision/news "+name+".json", readable(t, DecisionNews(adr.Note{Kind: adr.NoteDecided, Proposal: p})))
	}
	for name, p := range map[string]*adr.Proposal{"waits": decisionWith(isOpen), "draft": decisionWith(isOpen, func(p *adr.Proposal) { p.Draft = true }), "ready": decisionWith(isReady),
		"again": decisionWith(isOpen, func(p *adr.Proposal) { p.Nudges = adr.MaxNudges })} {
		golden(t, "testdata/decision/reminder "+name+".json", readable(t, nudgeText(p)))
	}
}

// bookOf is a book of records as they are written, by their files.
func bookOf(records ...adr.Draft) *adr.Book {
	b := &adr.Book{Log: config.DecisionLog{Name: "main", Repo: "acme/decisions", Dir: "doc/adr"}, Page: "https://github.com/acme/decisions/commit/" + newSHA, AsOf: nine}
	for _, d := range records {
		name := adr.FileName(d.Number, d.Title)
		content := d.Render("")
		b.Records = append(b.Records, adr.Entry{Record: adr.Parse(name, content), Content: content})
	}
	return b
}

func someRecords() []adr.Draft {
	return []adr.Draft{{Number: 1, Title: "Use Kafka", Date: "2026-01-02", Status: adr.StatusSuperseded, Context: "Queues.", Decision: "We use Kafka.", Consequences: "One cluster."},
		{Number: 2, Title: "Use *NATS* & <more>", Date: "2026-02-03", Context: "Kafka hurts.", Decision: "We use NATS.\n\n- here\n- there", Consequences: "Less to run.", Services: []string{"checkout"},
			Supersedes: []adr.Ref{{Number: 1, Title: "Use Kafka", File: "0001-use-kafka.md"}}}}
}

func manyRecords(n int, title string) (out []adr.Draft) {
	for i := 1; i <= n; i++ {
		out = append(out, adr.Draft{Number: i, Title: title, Decision: "We do."})
	}
	return out
}

// stale is a book that GitHub could not be asked about.
func stale(b *adr.Book) *adr.Book {
	b.Stale = staleError{errors.New("dial tcp")}
	return b
}

type staleError struct{ error }

func (staleError) UserMessage() string { return "Shipmate cannot reach GitHub." }

func TestDecisionLists(t *testing.T) {
	t.Parallel()
	open := []*adr.Proposal{decisionWith(isOpen), decisionWith()}
	odd := bookOf(someRecords()...)
	odd.Records[1].Status = ""
	web := bookOf(someRecords()...)
	web.Log.Name = "web"
	broken := bookOf(someRecords()...)
	broken.Stale = errors.New("an accident")
	for name, m := range map[string]bot.Message{
		"list":                decisionsMessage(bookOf(someRecords()...), open, nil),
		"list, nothing":       decisionsMessage(bookOf(), nil, nil),
		"list of another log": decisionsMessage(web, nil, nil),
		"list, stale":         decisionsMessage(stale(bookOf(someRecords()...)), nil, nil),
		"list, broken":        decisionsMessage(broken, nil, nil),
		"list, long":          decisionsMessage(bookOf(manyRecords(30, "Keep it")...), nil, nil),
		"list, no status":     decisionsMessage(odd, nil, nil),
		"list proposed":       decisionsMessage(bookOf(someRecords()...), open, []string{"proposed"}),
		"list superseded":     decisionsMessage(bookOf(someRecords()...), open, []string{"superseded"}),
		"search":              decisionsMessage(bookOf(someRecords()...), open, []string{"redis"}),
		"search for nothing":  decisionsMessage(bookOf(someRecords()...), open, []string{"no*where", "<b>"}),
		"contents":            contentsMessage(bookOf(someRecords()...)),
		"contents, nothing":   contentsMessage(bookOf()),
		"contents, stale":     contentsMessage(stale(bookOf(someRecords()...))),
		"contents, long":      contentsMessage(bookOf(manyRecords(60, "Keep it")...)),
		"show":                recordMessage(bookOf(someRecords()...), bookOf(someRecords()...).Records[1]),
		"show, superseded":    recordMessage(bookOf(someRecords()...), bookOf(someRecords()...).Records[0]),
		"show, stale":         recordMessage(stale(bookOf(someRecords()...)), bookOf(someRecords()...).Records[0]),
		"show, many sections": recordMessage(bookOf(), entry("# 3. Much\n\n## Status\n\nAccepted\n\nAmends [something](other.md)\n"+strings.Repeat("\n## More\n\nand more\n", 9))),
	} {
		golden(t, "testdata/decision/"+name+".json", readable(t, m))
	}
}

func entry(content string) adr.Entry {
	return adr.Entry{Record: adr.Parse("0003-much.md", []byte(content)), Content: []byte(content)}
}

func TestDecisionRefusals(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for name, r := range map[string]*adr.Refused{
		"no log":                   {Code: adr.NoLog, Word: "mob`ile"},
		"no log at all":            {Code: adr.NoLog},
		"no title":                 {Code: adr.NoTitle},
		"bad title":                {Code: adr.BadTitle, Word: "it is longer than 200 characters"},
		"no number":                {Code: adr.NoNumber, Number: 7},
		"no proposal":              {Code: adr.NoProposal, Number: 7},
		"already so":               {Code: adr.AlreadySo, Proposal: decisionWith(isOpen)},
		"ended":                    {Code: adr.Ended, Proposal: decisionWith(hasEnded(adr.Accepted))},
		"not open yet":             {Code: adr.Ended, Proposal: decisionWith()},
		"your own":                 {Code: adr.NoVote, Word: "own", Proposal: decisionWith(isOpen), Log: "main"},
		"no vote":                  {Code: adr.NoVote, Proposal: decisionWith(isOpen), Log: "main"},
		"no reason to hold":        {Code: adr.NoReason, Proposal: decisionWith(isOpen)},
		"no reason to reject":      {Code: adr.NoReason, Proposal: decisionWith(isOpen), Word: "end"},
		"superseded":               {Code: adr.Superseded, Number: 7, Other: 12},
		"stands as accepted":       {Code: adr.StandsAs, Number: 7, Word: string(adr.StatusAccepted)},
		"stands as proposed":       {Code: adr.StandsAs, Number: 7, Word: string(adr.StatusProposed)},
		"stands as rejected":       {Code: adr.StandsAs, Number: 7, Word: string(adr.StatusRejected)},
		"stands as nothing":        {Code: adr.StandsAs, Number: 7},
		"only a status":            {Code: adr.OnlyStatus, Proposal: decisionWith(isOpen, changesStatus(adr.StatusDeprecated))},
		"still open":               {Code: adr.StillOpen, Proposal: decisionWith(isOpen)},
		"by hand":                  {Code: adr.ByHand, Number: 7, Other: 45, Word: "https://github.com/acme/decisions/pull/45"},
		"no thumb":                 {Code: adr.NoThumb, Proposal: decisionWith(isOpen)},
		"too late":                 {Code: adr.TooLate, Proposal: decisionWith(isOpen)},
		"no place":                 {Code: adr.NoPlace, Number: 7, Word: "0007-use-it.md"},
		"no author":                {Code: adr.NoAuthor, Number: 45, Word: "eve"},
		"is a draft":               {Code: adr.IsDraft, Proposal: decisionWith(isOpen)},
		"not taken":                {Code: adr.NotTaken, Proposal: decisionWith(isOpen)},
		"no pull request":          {Code: adr.NoPull, Number: 45},
		"not one":                  {Code: adr.NotOne, Number: 45},
		"from a fork":              {Code: adr.FromFork, Number: 45},
		"decided":                  {Code: adr.Decided, Proposal: decisionWith(isReady)},
		"a code without a wording": {Code: "other"},
	} {
		said[name] = string(adrRefused(r).Text)
		var no *bot.Refusal
		if !errors.As(adrRefusal(r), &no) || no.Code != string(r.Code) || (strings.Contains(said[name], "cannot be done") != (r.Code == "other")) {
			t.Errorf("%s: %v", name, adrRefusal(r))
		}
	}
	golden(t, "testdata/decision/refusals.json", readable(t, said))
}

// Whatever they hold, messages fit into what Slack takes without anything cut away that somebody needs.
func TestTheLongestDecisionsFit(t *testing.T) {
	t.Parallel()
	wide := strings.Repeat("世", 200)
	var people, strangers []string
	for n := range 20 {
		people, strangers = append(people, fmt.Sprintf("U0PERSON%02d", n)), append(strangers, strings.Repeat("s", 36)+fmt.Sprint(n+100))
	}
	longest := decisionWith(isReady, func(p *adr.Proposal) {
		p.Title, p.Decision, p.Services = wide, strings.Repeat(wide, 15), people
		for n := range 50 {
			p.Supersedes = append(p.Supersedes, adr.Old{Number: 9000 + n, Title: wide + wide, File: "x.md"})
			p.Found = append(p.Found, adr.Problem{File: strings.Repeat("f", 250), Taken: true, Text: strings.Repeat(wide, 5)})
		}
		p.Votes, p.GitHubVotes = thumbs(adr.Down, adr.OnCard, people...), thumbs(adr.Down, adr.InReview, strangers...)
		for n := range p.Votes {
			p.Votes[n].Why = strings.Repeat(wide, 5)
		}
		p.Hitches = map[string]github.Hitch{"look": {Said: true, Why: strings.Repeat(wide, 5)}, "open": {Said: true, Why: wide}, "number": {Said: true, Why: wide}, "nudge": {Said: true, Why: wide}}
		p.Problems = []string{strings.Repeat(wide, 5), wide}
	})
	tally := adr.Tally{Need: 20, Up: longest.Votes, Down: longest.Votes, Void: longest.Votes, Foreign: longest.Votes, Unknown: thumbs(adr.Up, adr.InReview, strangers...)}
	v := decisionView(longest, tally)
	ended := *longest
	ended.State, ended.Ending = adr.Rejected, &adr.Ending{By: people[0], Why: strings.Repeat(wide, 5), Record: true}
	messages := map[string]bot.Message{"the card": v.Message, "the card when it has ended": decisionView(&ended, tally).Message,
		"a note": DecisionNote(adr.Note{Kind: adr.NoteDecided, Proposal: &ended}), "the news": DecisionNews(adr.Note{Kind: adr.NoteDecided, Proposal: &ended}),
		"taken": DecisionNote(adr.Note{Kind: adr.NoteTaken, Problem: longest.Found[0]})}
	for n, r := range v.Replies {
		messages[fmt.Sprint("reply ", n)] = r.Message
	}
	book := stale(bookOf())
	for n := 1; n <= 200; n++ {
		e := entry("# " + wide + wide + "\n\n## Status\n\nAccepted\n" + strings.Repeat("\n## "+wide+"\n\n"+strings.Repeat(wide, 20)+"\n", 50))
		e.Number, e.File = n, strings.Repeat("世", 80)+".md"
		book.Records = append(book.Records, e)
	}
	var open []*adr.Proposal
	for range 50 {
		open = append(open, longest)
	}
	messages["the list"], messages["the contents"], messages["a record"] = decisionsMessage(book, open, nil), contentsMessage(book), recordMessage(book, book.Records[0])
	messages["a search"] = decisionsMessage(book, nil, []string{wide + wide})
	for name, m := range messages {
		fitsSlack(t, name, m)
	}
	text, _ := json.Marshal(messages["the contents"])
	if !strings.Contains(string(text), "*ADR-200*") {
		t.Error("the newest is not among the contents")
	}
}

// fitsSlack checks that the renderer has nothing to cut (Slack: Block Kit reference; see the limits in package bot).
func fitsSlack(t *testing.T, name string, m bot.Message) {
	t.Helper()
	long := func(text bot.Text) int { return utf8.RuneCountInString(string(text)) }
	blocks, total := 1, long(m.Text)
	if total > 3000 {
		t.Errorf("%s: its headline has %d characters", name, total)
	}
	for _, p := range m.Parts {
		blocks += max(1, (long(p.Section)+2999)/3000)
		total += long(p.Section) + long(p.Small)
		if long(p.Small) > 3000 {
			t.Errorf("%s: %d characters in small", name, long(p.Small))
		}
	}
	for _, b := range m.Buttons {
		total += utf8.RuneCountInString(b.Label)
		if len(b.Line) > 200 || utf8.RuneCountInString(b.Label) > 75 {
			t.Errorf("%s: the button %+v", name, b)
		}
	}
	if blocks+1 > 48 || total > 12_400 || len(m.Buttons) > 7 {
		t.Errorf("%s: %d blocks, %d characters, %d buttons", name, blocks+1, total, len(m.Buttons))
	}
}
