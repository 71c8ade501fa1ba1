//go:build browser

package sandbox_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// TestMain lets this test binary be the bot of a stage: a small stand-in that posts cards and answers clicks, so that the
// page is tested for itself. A stage starts it like any bot, as a child process.
func TestMain(m *testing.M) {
	if os.Getenv("SHIPMATE_CLOCK") != "" && len(os.Args) > 1 && os.Args[1] == "standin" {
		standIn(os.Getenv("STANDIN_SLACK"))
		return
	}
	status := m.Run()
	if usesProgram {
		if dir, err := built(); err == nil {
			os.RemoveAll(dir)
		}
	}
	os.Exit(status)
}

type standin struct {
	api  *slack.Client
	sock *socketmode.Client
}

func standIn(url string) {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	api := slack.New(os.Getenv("SLACK_BOT_TOKEN"), slack.OptionAppLevelToken(os.Getenv("SLACK_APP_TOKEN")), slack.OptionAPIURL(url))
	b := standin{api: api, sock: socketmode.New(api)}
	log.Info("shipmate starts", "version", "stand-in")
	go b.sock.Run()
	for evt := range b.sock.Events {
		log.Info("event", "type", string(evt.Type))
		switch data := evt.Data.(type) {
		case slack.SlashCommand:
			b.command(evt.Request.EnvelopeID, data)
		case slack.InteractionCallback:
			b.interaction(evt.Request.EnvelopeID, data)
		default:
			if evt.Request != nil {
				b.sock.AckCtx(context.Background(), evt.Request.EnvelopeID, nil)
			}
		}
	}
}

func (b standin) ack(id string, payload any) { b.sock.AckCtx(context.Background(), id, payload) }

func (b standin) command(id string, c slack.SlashCommand) {
	switch {
	case c.Command == "/deploy" && c.Text == "":
		b.ack(id, nil)
		b.api.OpenView(c.TriggerID, deployForm())
	case strings.HasPrefix(c.Text, "status"):
		b.ack(id, map[string]any{"response_type": "ephemeral", "text": "*checkout* runs `9f2c1ab` in staging, <!date^1700000000^since {date_short} {time}|a while>. <script>alert(1)</script> &lt;b&gt;"})
	default:
		b.ack(id, nil)
		b.api.PostMessage(c.ChannelID, slack.MsgOptionText("checkout to staging: running", false), blocks(card(c.UserID, false)))
	}
}

func (b standin) interaction(id string, c slack.InteractionCallback) {
	switch c.Type {
	case slack.InteractionTypeViewSubmission:
		if v := c.View.State.Values["ref"]["ref"].Value; v == "nope" {
			b.ack(id, slack.NewErrorsViewSubmissionResponse(map[string]string{"ref": "There is no branch, tag or commit “nope”."}))
			return
		}
		b.ack(id, nil)
	case slack.InteractionTypeBlockSuggestion:
		b.ack(id, map[string]any{"options": []any{option("main"), option("fix/double-voucher"), option("pay-later")}})
	case slack.InteractionTypeBlockActions:
		b.ack(id, nil)
		if c.ActionCallback.BlockActions[0].ActionID == "cancel" {
			b.api.UpdateMessage(c.Channel.ID, c.Message.Timestamp, slack.MsgOptionText("checkout to staging: cancelled", false), blocks(card(c.User.ID, true)))
			b.api.PostMessage(c.Channel.ID, slack.MsgOptionText("<@"+c.User.ID+"> cancelled it.", false), slack.MsgOptionTS(c.Message.Timestamp))
		}
	default:
		b.ack(id, nil)
		if c.TriggerID != "" {
			b.api.OpenView(c.TriggerID, deployForm())
		}
	}
}

func option(name string) map[string]any {
	return map[string]any{"text": map[string]any{"type": "plain_text", "text": name}, "value": name}
}

func blocks(list string) slack.MsgOption {
	var b slack.Blocks
	if err := json.Unmarshal([]byte(list), &b); err != nil {
		panic(err)
	}
	return slack.MsgOptionBlocks(b.BlockSet...)
}

// card is a deployment as a live card shows it.
func card(user string, cancelled bool) string {
	state, actions := ":hourglass_flowing_sand: *Deploying* `checkout` to *staging*", `,
	{"type":"actions","block_id":"act","elements":[
		{"type":"button","action_id":"run","text":{"type":"plain_text","text":"Open run"},"url":"https://github.com/acme/checkout/actions/runs/1","value":"run"},
		{"type":"button","action_id":"retry","style":"primary","text":{"type":"plain_text","text":"Retry"},"value":"retry d-1 2"},
		{"type":"button","action_id":"cancel","style":"danger","text":{"type":"plain_text","text":"Cancel"},"value":"cancel d-1 2",
			"confirm":{"title":{"type":"plain_text","text":"Cancel this deploy?"},"text":{"type":"mrkdwn","text":"*checkout* stays at what runs there now."},"confirm":{"type":"plain_text","text":"Cancel it"},"deny":{"type":"plain_text","text":"Keep going"},"style":"danger"}},
		{"type":"static_select","action_id":"env","placeholder":{"type":"plain_text","text":"Also to…"},"options":[{"text":{"type":"plain_text","text":"production"},"value":"production"}]},
		{"type":"overflow","action_id":"more","options":[{"text":{"type":"plain_text","text":"Show history"},"value":"history"},{"text":{"type":"plain_text","text":"Who may deploy?"},"value":"who"}]}]}`
	if cancelled {
		state, actions = ":no_entry: *Cancelled* `checkout` to *staging* by <@"+user+">", ""
	}
	return `[
	{"type":"section","text":{"type":"mrkdwn","text":"` + state + `"}},
	{"type":"section","fields":[
		{"type":"mrkdwn","text":"*Commit*\n<https://github.com/acme/checkout/commit/9f2c1ab|9f2c1ab> Limit a basket to 200 lines (#3)"},
		{"type":"mrkdwn","text":"*Asked by*\n<@` + user + `> · <!date^1795000000^{time}|now>"},
		{"type":"mrkdwn","text":"*Changes*\n<https://github.com/acme/checkout/pull/2|#2> Round Swiss VAT to 0.05\n<https://github.com/acme/checkout/pull/3|#3> Limit a basket to 200 lines"},
		{"type":"mrkdwn","text":"*Jobs*\n:white_check_mark: build 12 s\n:hourglass_flowing_sand: test\n:white_circle: deploy"}]},
	{"type":"context","elements":[{"type":"mrkdwn","text":"d-4kq7x2m9wz · <https://dashboards.acme.example/checkout|dashboard> · <https://runbooks.acme.example/checkout|runbook>"}]}` + actions + `]`
}

func deployForm() slack.ModalViewRequest {
	var v slack.ModalViewRequest
	text := `{"type":"modal","callback_id":"deploy","title":{"type":"plain_text","text":"Deploy"},"submit":{"type":"plain_text","text":"Deploy"},"close":{"type":"plain_text","text":"Not now"},"blocks":[
	{"type":"section","block_id":"intro","text":{"type":"mrkdwn","text":"What should run *where*?"}},
	{"type":"input","block_id":"service","label":{"type":"plain_text","text":"Service"},"element":{"type":"static_select","action_id":"service","options":[
		{"text":{"type":"plain_text","text":"checkout"},"value":"checkout"},{"text":{"type":"plain_text","text":"ledger"},"value":"ledger"}],
		"initial_option":{"text":{"type":"plain_text","text":"checkout"},"value":"checkout"}}},
	{"type":"input","block_id":"environment","label":{"type":"plain_text","text":"Environment"},"element":{"type":"radio_buttons","action_id":"environment","options":[
		{"text":{"type":"plain_text","text":"staging"},"value":"staging"},{"text":{"type":"plain_text","text":"production"},"value":"production"}]}},
	{"type":"input","block_id":"branch","optional":true,"label":{"type":"plain_text","text":"Branch"},"element":{"type":"external_select","action_id":"branch","min_query_length":0,"placeholder":{"type":"plain_text","text":"Look one up"}}},
	{"type":"input","block_id":"ref","optional":true,"label":{"type":"plain_text","text":"Tag or commit"},"hint":{"type":"plain_text","text":"The default branch when empty."},"element":{"type":"plain_text_input","action_id":"ref","placeholder":{"type":"plain_text","text":"main"}}},
	{"type":"input","block_id":"reason","optional":true,"label":{"type":"plain_text","text":"Reason"},"element":{"type":"plain_text_input","action_id":"reason","multiline":true}}]}`
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	return v
}
