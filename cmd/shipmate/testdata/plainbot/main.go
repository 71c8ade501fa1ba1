// Command plainbot is the benchmark's yardstick (a): the bot one writes in an afternoon with slack-go. It acknowledges,
// answers through response_url, and remembers nothing.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	api := slack.New(os.Getenv("SLACK_BOT_TOKEN"), slack.OptionAppLevelToken(os.Getenv("SLACK_APP_TOKEN")),
		slack.OptionAPIURL(os.Getenv("SLACK_API_URL")))
	client := socketmode.New(api)
	go func() {
		if err := client.RunContext(ctx); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-client.Events:
			command, ok := e.Data.(slack.SlashCommand)
			if !ok {
				continue
			}
			if err := client.Ack(*e.Request); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
			go func() {
				err := slack.PostWebhookContext(ctx, command.ResponseURL, &slack.WebhookMessage{Text: "Shipmate, development"})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
				}
			}()
		}
	}
}
