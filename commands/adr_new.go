package commands

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/config"
)

func adrNew(d Deps) bot.Command {
	return bot.Command{
		Name:  "adr new",
		Args:  "[in <log>] [<title>...]",
		Short: "Propose a decision as a pull request",
		Long: "A form asks what is decided and why. Shipmate gives the record its number and opens the pull request; people decide by thumbs, here and " +
			"on GitHub. With a title only, a draft is opened, to be written on GitHub.",
		Examples: []string{"adr new", "adr new keep sessions in Redis"},
		Who:      bot.Everyone,
		On:       bot.Typed | bot.Press | bot.Submit,
		Form:     func(r bot.FormRequest) bot.Form { return adrForm(r, false) },
		Fill:     untitled,
		Run:      propose(d),
		Made:     madeChange(d, changedReply),
	}
}

func adrSupersede(d Deps) bot.Command {
	return bot.Command{
		Name:  "adr supersede",
		Args:  "<decision> [in <log>] [<title>...]",
		Short: "Propose a decision in the place of an older one",
		Long: "As with adr new, a form asks. When it is merged, the older record says in the same commit what superseded it; nothing else of that changes. " +
			"One that is being proposed still can be superseded, too: its record comes along then.",
		Examples: []string{"adr supersede #7", "adr supersede #7 keep sessions in Valkey"},
		Who:      bot.Everyone,
		On:       bot.Typed | bot.Press | bot.Submit,
		Form:     func(r bot.FormRequest) bot.Form { return adrForm(r, true) },
		Fill:     untitled,
		Run:      propose(d),
		Made:     madeChange(d, changedReply),
	}
}

// untitled tells that a line does not say what is decided, only where or instead of what.
func untitled(a bot.Args) bool { return a["title"] == "" }

// propose writes down what a form, or a line, proposes.
func propose(d Deps) func(context.Context, bot.Request) (bot.Reply, error) {
	return func(ctx context.Context, req bot.Request) (bot.Reply, error) {
		log, err := whichLog(ctx, d, req)
		if err != nil {
			return bot.Reply{}, err
		}
		if word := strayLog(req); word != "" {
			return bot.Reply{}, bot.Refuse(string(adr.NoLog), "There is no decision log %s. A title that begins like that goes into the form: %s", bot.Code(word), bot.Code("/adr new"))
		}
		supersedes, err := decisionNumbers(ctx, d, req)
		if err != nil {
			return bot.Reply{}, withWritten(req, adrRefusal(err))
		}
		w := adr.Want{Request: req.ID, At: req.At, By: req.User, Channel: req.Channel, Log: log.Name, Title: req.Arg("title"), Context: req.Arg("context"),
			Decision: req.Arg("decides"), Consequences: req.Arg("consequences"), Alternatives: req.Arg("alternatives"), Services: req.Args.List("services"),
			Reviewers: req.Args.List("reviewers"), Supersedes: supersedes}
		p, err := d.Decisions.Propose(ctx, w)
		if err != nil {
			return bot.Reply{}, withWritten(req, adrRefusal(err))
		}
		return proposedReply(req, p), nil
	}
}

// strayLog is the name of a log that a typed line means and that there is not, so that it has become the beginning of the title; "" where
// there is only one log, and nobody would name one.
func strayLog(req bot.Request) string {
	words := strings.Fields(req.Arg("title"))
	if req.Via == bot.Submit || req.Arg("log") != "" || len(req.Config.DecisionLogs()) < 2 || len(words) < 2 || !strings.EqualFold(words[0], "in") {
		return ""
	}
	return words[1]
}

// withWritten gives back what somebody wrote into a form that is gone, so that nothing is written twice.
func withWritten(req bot.Request, err error) error {
	var no *bot.Refusal
	if req.Via != bot.Submit || !errors.As(err, &no) {
		return err
	}
	out := *no
	out.Message.Parts = append(slices.Clone(no.Message.Parts), bot.Small("What you wrote:"))
	for _, f := range []struct{ heading, name string }{{"Title", "title"}, {"Context", "context"}, {"Decision", "decides"}, {"Consequences", "consequences"}, {"Alternatives", "alternatives"}} {
		if said := strings.TrimSpace(req.Arg(f.name)); said != "" {
			out.Message.Parts = append(out.Message.Parts, bot.Section(bot.Textf("%s\n%s", bot.Bold(f.heading), said)))
		}
	}
	return &out
}

// decisionNumbers are the numbers of the decisions that are superseded: the one that the line names, or those that the form does.
func decisionNumbers(ctx context.Context, d Deps, req bot.Request) ([]int, error) {
	if word := req.Arg("decision"); word != "" {
		if !adr.IsProposalID(word) {
			return []int{atoi(word)}, nil
		}
		p, err := whichProposal(ctx, d, req)
		if err != nil {
			return nil, err
		}
		return []int{p.Number}, nil
	}
	var out []int
	for _, word := range numberWords(req.Arg("supersedes")) { // the form has seen to it that they are numbers
		n, _ := parseDecision(word)
		out = append(out, atoi(n))
	}
	return out, nil
}

// numberWords are the words of a list of numbers, with commas between them or without.
func numberWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// proposedReply shows the card where it was asked for. Asked for in private it is shown in the log's channel, else where its decisions are
// announced: others have to find it to decide.
func proposedReply(req bot.Request, p *adr.Proposal) bot.Reply {
	home := ""
	if log, ok := req.Config.DecisionLog(p.Log); ok {
		if places := slices.Concat(log.Channels, log.Announce); len(places) > 0 {
			home = places[0]
		}
	}
	return bot.Reply{Public: true, Card: &bot.CardRef{Kind: DecisionKind, ID: p.ID, Home: home}}
}

// adrForm asks for a whole decision. Its fields are those of a record, in their order (Nygard: Documenting architecture decisions).
func adrForm(r bot.FormRequest, supersedes bool) bot.Form {
	f := bot.Form{Title: "Propose a decision", Submit: "Propose", Fields: []bot.Input{
		{Name: "title", Label: "Title", Placeholder: "What is decided, in a few words", Initial: r.Args["title"], MaxLength: 150},
		{Name: "context", Label: "Context", Hint: "What makes a decision necessary: the forces, as facts.", Long: true, MaxLength: 3000},
		{Name: "decides", Label: "Decision", Hint: "What we do, in whole sentences: we …", Long: true, MaxLength: 3000},
		{Name: "consequences", Label: "Consequences", Hint: "What gets easier, and what gets harder.", Long: true, MaxLength: 3000},
		{Name: "alternatives", Label: "Alternatives", Hint: "What else was considered, and why it was not chosen.", Long: true, Optional: true, MaxLength: 3000},
	}, Check: func(a bot.Args) map[string]string {
		if _, err := adr.CleanTitle(a["title"]); err != nil {
			return map[string]string{"title": adrWords(err)}
		}
		for _, word := range numberWords(a["supersedes"]) {
			if _, err := parseDecision(word); err != nil || adr.IsProposalID(word) {
				return map[string]string{"supersedes": "Please write numbers of decisions, such as 7, 9."}
			}
		}
		return nil
	}}
	if old := r.Args["decision"]; old != "" {
		if !adr.IsProposalID(old) {
			f.Title = "Supersede ADR-" + old
		}
	} else {
		f.Fields = append(f.Fields, bot.Input{Name: "supersedes", Label: "Supersedes", Placeholder: "such as 7, 9", Optional: !supersedes, MaxLength: 100,
			Hint: "Numbers of the decisions that this one takes the place of."})
	}
	if names := r.Config.ServiceNames(); len(names) > 0 {
		in := bot.Input{Name: "services", Label: "Services concerned", Optional: true, Several: 20}
		for _, name := range names {
			in.Options = append(in.Options, bot.Option{Value: name})
		}
		f.Fields = append(f.Fields, in)
	}
	if logs := decisionLogs(r.Config, nil); len(logs) > 1 && r.Args["log"] == "" && r.Args["decision"] == "" {
		in := bot.Input{Name: "log", Label: "Log", Optional: true, Hint: "The one that is meant in this channel when you choose none, else " + config.MainLog + "."}
		for _, l := range logs {
			in.Options = append(in.Options, bot.Option{Value: l.Name})
		}
		f.Fields = append(f.Fields, in)
	}
	f.Fields = append(f.Fields, bot.Input{Name: "reviewers", Label: "Reviewers", Hint: "They are asked for a review on GitHub.", People: 10, Optional: true})
	if r.Config != nil && len(r.Config.DecisionLogs()) == 0 {
		f.Refuse = adrRefusal(&adr.Refused{Code: adr.NoLog})
	}
	return f
}

// whichLog is the log that the line names, else the one that is meant in this channel, else the main one.
func whichLog(ctx context.Context, d Deps, req bot.Request) (config.DecisionLog, error) {
	logs := req.Config.DecisionLogs()
	if len(logs) == 0 {
		return config.DecisionLog{}, adrRefusal(&adr.Refused{Code: adr.NoLog})
	}
	if name := req.Arg("log"); name != "" {
		at := slices.IndexFunc(logs, func(l config.DecisionLog) bool { return strings.EqualFold(l.Name, name) })
		if at < 0 {
			return config.DecisionLog{}, adrRefusal(&adr.Refused{Code: adr.NoLog, Word: name})
		}
		return logs[at], nil
	}
	for _, l := range logs {
		for _, channel := range l.Channels {
			if id, err := d.ChannelID(ctx, channel); channel == req.Channel || err == nil && id == req.Channel {
				return l, nil
			}
		}
	}
	return logs[0], nil
}

// madeDecision answers a request that runs again with what it made before.
func madeDecision(look func(context.Context, string) (*adr.Proposal, error), reply func(bot.Request, *adr.Proposal) bot.Reply) func(context.Context, bot.Request) (bot.Reply, bool, error) {
	return func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
		p, err := look(ctx, req.ID)
		switch {
		case errors.Is(err, adr.ErrNotFound):
			return bot.Reply{}, false, nil
		case err != nil:
			return bot.Reply{}, false, err
		}
		return reply(req, p), true, nil
	}
}

// decisionLogs are the logs of the configuration.
func decisionLogs(cfg *config.Config, _ bot.Args) []bot.Value {
	var out []bot.Value
	if cfg != nil {
		for _, l := range cfg.DecisionLogs() {
			out = append(out, bot.Value{Name: l.Name})
		}
	}
	return out
}
