package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/store"
)

// A question is a record; its buttons hold only its ID and the number of an answer, so that the lines behind them may hold
// free text. The first answer consumes it.

const questionPrefix = "question/"

// questionTTL is how long a question can be answered; what it was about has moved on by then.
const questionTTL = 24 * time.Hour

type question struct {
	At       time.Time `json:"at"`
	For      string    `json:"for"`            // the person asked; nobody else can answer
	Asked    Message   `json:"asked,omitzero"` // what was asked, without the buttons
	Options  []Button  `json:"options"`
	Answered string    `json:"answered,omitempty"` // the request that answered
	Chosen   string    `json:"chosen,omitempty"`   // the label that was chosen
}

func questionKey(id string) string { return store.Key("question", id) }

// pose makes the question of a reply a record, in the transaction that closes the request, and gives the buttons to show.
// The ID comes from the request and the options, so a repeated run asks the same question, and a button never stands for an
// option it did not show.
func pose(e entry, asked Message, q *Question) (buttons []Button, write func(store.Tx) error) {
	return poseAt(e, asked, q, e.At)
}

// poseAt poses a question that is asked later than its request.
func poseAt(e entry, asked Message, q *Question, at time.Time) (buttons []Button, write func(store.Tx) error) {
	parts := []string{"question", e.ID}
	for _, o := range q.Options {
		parts = append(parts, o.Label, o.Line)
	}
	id := "q-" + short(10, parts...)
	asked.Buttons = nil
	rec := question{At: at, For: e.User, Asked: asked, Options: q.Options}
	for i, o := range q.Options {
		o.Line = fmt.Sprintf("answer %s %d", id, i)
		buttons = append(buttons, o)
	}
	return buttons, func(tx store.Tx) error {
		_, err := store.Create(tx, questionKey(id), rec)
		return err
	}
}

// isAnswer reads the line of a question's button.
func isAnswer(line string) (id string, n int, ok bool) {
	f := strings.Fields(line)
	if len(f) != 3 || f[0] != "answer" || !strings.HasPrefix(f[1], "q-") {
		return "", 0, false
	}
	n, err := strconv.Atoi(f[2])
	return f[1], n, err == nil && n >= 0
}

// answerQuestion consumes a question with the entry's answer and returns it with the line that was chosen. The same request
// may do it again and gets the same line.
func (b *Bot) answerQuestion(ctx context.Context, id string, n int, e entry) (q question, line string, no *Refusal, err error) {
	err = b.db.Update(ctx, func(tx store.Tx) error {
		line, no = "", nil
		asked, found, err := store.Load[question](tx, questionKey(id))
		q = asked
		switch {
		case err != nil:
			return err
		case !found || n >= len(q.Options) || e.At.Sub(q.At) > questionTTL:
			no = Refuse("question.gone", "That question is too old. Please ask again.")
			return nil
		case q.For != e.User:
			no = Refuse("question.other", "That question is for %s.", User(q.For))
			return nil
		case q.Answered != "" && q.Answered != e.ID:
			no = Refuse("question.answered", "You already answered that with %s.", Bold(q.Chosen))
			return nil
		}
		q.Answered, q.Chosen = e.ID, q.Options[n].Label
		line = q.Options[n].Line
		return store.Save(tx, questionKey(id), q)
	})
	if err != nil {
		return question{}, "", nil, fmt.Errorf("answering a question: %w", err)
	}
	return q, line, no, nil
}

// nothingHappens answers who declined.
const nothingHappens Text = "All right, nothing happens."

// putAway takes the buttons off an answered question and says there what was chosen, or that nothing happens. It tells
// whether Slack took that. It is a courtesy: buttons that stay are answered with what was chosen.
func (b *Bot) putAway(ctx context.Context, e entry, q question, line string) bool {
	if e.Answer == "" || q.Asked.Text == "" || b.clock.Now().Sub(e.At) > answerLife {
		return false
	}
	chosen := nothingHappens
	if line != "" {
		chosen = Textf("You chose %s.", Bold(q.Chosen))
	}
	m := Message{Text: q.Asked.Text, Parts: append(slices.Clone(q.Asked.Parts), Small(chosen))}
	if err := b.api.replace(ctx, e.Answer, m); err != nil {
		b.log.Info("an answered question keeps its buttons", "request", e.ID, "err", err)
		return false
	}
	return true
}

// answeredWith is the line that an entry means: its own, or the one behind the answer it has already given to a question.
func (b *Bot) answeredWith(ctx context.Context, e entry) (line string, err error) {
	id, n, ok := isAnswer(e.Line)
	if !ok {
		return e.Line, nil
	}
	err = b.db.View(ctx, func(s store.Snapshot) error {
		q, found, err := store.Load[question](s, questionKey(id))
		if err == nil && found && q.Answered == e.ID && n < len(q.Options) {
			line = q.Options[n].Line
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading a question: %w", err)
	}
	return line, nil
}
