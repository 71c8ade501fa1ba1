package slacktest_test

import (
	"context"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"shipmate/bot/slacktest"
)

// TestSocketModeWithSlackGo lets slack-go's own client take each type of envelope, through a refresh.
func TestSocketModeWithSlackGo(t *testing.T) {
	t.Parallel()
	g := newStage(t, func(o *slacktest.Options) { o.PingEvery = 20 * time.Millisecond })
	client := socketmode.New(g.api, socketmode.OptionPingInterval(2*time.Second))
	ctx, cancel := context.WithCancel(g.ctx())
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	next := func(kind socketmode.EventType) socketmode.Event {
		t.Helper()
		for {
			select {
			case e := <-client.Events:
				switch e.Type {
				case kind:
					return e
				case socketmode.EventTypeErrorBadMessage, socketmode.EventTypeConnectionError:
					t.Fatalf("%s: %+v", e.Type, e.Data)
				}
			case <-g.ctx().Done():
				t.Fatalf("no %s came", kind)
			}
		}
	}
	next(socketmode.EventTypeHello)

	id, err := g.Slash("U0ANA", "payments", "/deploy checkout")
	g.must(err)
	e := next(socketmode.EventTypeSlashCommand)
	if c := e.Data.(slack.SlashCommand); c.Command != "/deploy" || c.Text != "checkout" || e.Request.EnvelopeID != id {
		t.Errorf("slash command: %+v", c)
	}
	g.must(client.AckCtx(ctx, id, map[string]any{"text": "On it"}))
	g.wait("the answer", func() bool { return len(g.Ephemerals("U0ANA", "payments")) == 1 })

	_, err = g.Say("U0ANA", "payments", "", "@shipmate hello")
	g.must(err)
	e = next(socketmode.EventTypeEventsAPI)
	mention, ok := e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data.(*slackevents.AppMentionEvent)
	if !ok || mention.User != "U0ANA" || mention.Channel != "C0PAY" {
		t.Errorf("mention: %+v", e.Data)
	}
	g.must(client.AckCtx(ctx, e.Request.EnvelopeID, nil))
	e = next(socketmode.EventTypeEventsAPI)
	g.must(client.AckCtx(ctx, e.Request.EnvelopeID, nil))

	// Acks that have not left yet would cross to the next connection.
	g.wait("all acks", func() bool { return g.Counts().Acked == 3 })
	_, err = g.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.Refresh})
	g.must(err)
	next(socketmode.EventTypeHello)
	id, err = g.GlobalShortcut("U0ANA", "new_incident")
	g.must(err)
	e = next(socketmode.EventTypeInteractive)
	if c := e.Data.(slack.InteractionCallback); c.Type != slack.InteractionTypeShortcut || c.CallbackID != "new_incident" || c.User.ID != "U0ANA" {
		t.Errorf("shortcut: %+v", c)
	}
	g.must(client.AckCtx(ctx, id, nil))
	g.wait("the ack", func() bool { _, ok := g.Ack(id); return ok })
	g.noProblems()
	cancel()
	<-ended
}
