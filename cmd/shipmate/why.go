package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/delivery"
)

// whyQuestion is what the command line asks the bot.
type whyQuestion struct {
	Service     string `json:"service"`
	Ref         string `json:"ref,omitempty"`
	Environment string `json:"environment"`
	As          string `json:"as,omitempty"` // a word that names a person; without it nobody in particular asks
}

// whyAnswer is what the bot says. Its texts are Slack's mrkdwn; the command line writes them out, in its own zone.
type whyAnswer struct {
	commands.Why
	// Names are what the people are called whom the texts mention.
	Names map[string]string `json:"names,omitempty"`
	// Refused is why there is no answer.
	Refused *bot.Message `json:"refused,omitempty"`
}

// errInTheWay is the answer no.
var errInTheWay = toldError{errors.New("something is in the way")}

func whyCommand() *cobra.Command {
	var path string
	var q whyQuestion
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "why <service>[@ref] <environment>",
		Short: "Ask the running bot whether a commit could be deployed now, and what is in the way",
		Long: "Ask the bot that runs on this machine whether a commit could be deployed now, and what is in the way: the answer of\n" +
			"/deploy why. Nothing is deployed. It ends with status 0 when nothing is in the way, 2 when something is, and 1 when\n" +
			"there is no answer. Whether somebody may deploy there is told of the person given with --as.",
		Example: "  shipmate why checkout production\n  shipmate why checkout@v1.4.2 production --as ana@acme.example --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return errors.New("which service, and where? Say: shipmate why checkout production")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var hasRef bool
			q.Service, q.Ref, hasRef = strings.Cut(args[0], "@")
			if q.Environment = args[1]; q.Service == "" || hasRef && q.Ref == "" {
				return fmt.Errorf("%s names no service and commit; write for example checkout or checkout@v1.4.2", args[0])
			}
			answer, err := askWhy(cmd.Context(), path, q)
			if err != nil {
				return err
			}
			return answer.tell(cmd.OutOrStdout(), asJSON)
		},
	}
	cmd.Flags().StringVarP(&path, "config", "c", "shipmate.yaml", "the configuration file of the bot")
	cmd.Flags().StringVar(&q.As, "as", "", "who would deploy: a Slack ID or an e-mail address")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer as JSON")
	return cmd
}

// tell prints the answer, and is errInTheWay when it is no.
func (a *whyAnswer) tell(out io.Writer, asJSON bool) error {
	screen := bot.Terminal{Zone: time.Local, Names: a.Names}
	var err error
	if asJSON {
		err = a.writeJSON(out, screen)
	} else {
		_, err = fmt.Fprintln(out, screen.Message(a.Message))
	}
	if err == nil && !a.Could {
		return errInTheWay
	}
	return err
}

// writeJSON writes what a program wants to know, with its sentences in plain characters.
func (a *whyAnswer) writeJSON(out io.Writer, screen bot.Terminal) error {
	gates := []commands.GateSaid{}
	for _, g := range a.Gates {
		g.Says, g.Clears = bot.Text(screen.Text(g.Says)), bot.Text(screen.Text(g.Clears))
		gates = append(gates, g)
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Service     string              `json:"service"`
		Environment string              `json:"environment"`
		Commit      string              `json:"commit"`
		Could       bool                `json:"could"`
		Gates       []commands.GateSaid `json:"gates"`
	}{a.Service, a.Environment, a.Commit, a.Could, gates})
}

// why answers the command line.
func (a *app) why(ctx context.Context, q whyQuestion) (commands.Why, error) {
	w := delivery.Want{Request: "shipmate why", At: a.clock.Now(), Service: q.Service, Environment: q.Environment, Ref: q.Ref}
	if q.As != "" {
		var err error
		if w.By, err = a.bot.Named(ctx, q.As); err != nil {
			return commands.Why{}, err
		}
	}
	return commands.AskWhy(ctx, a.deliveries, w)
}

// maxAnswer is how many bytes of an answer are read; real ones have some thousand.
const maxAnswer = 1 << 20

// askWhy asks the bot that runs with that configuration.
func askWhy(ctx context.Context, path string, q whyQuestion) (*whyAnswer, error) {
	cfg, mistakes, _ := config.Load(path, configOptions())
	if len(mistakes) > 0 {
		return nil, config.Mistakes(mistakes)
	}
	response, err := askBot(ctx, beside(path, cfg.Store.Path), "why", q, answersWithin+10*time.Second)
	var nobody *nobodyAnswers
	if errors.As(err, &nobody) {
		return nil, fmt.Errorf("no bot runs here with %s (%w); shipmate run --config %s starts it", path, err, path)
	}
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer := new(whyAnswer)
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(answer); err != nil {
		return nil, fmt.Errorf("the bot answers something else than was asked; it is probably of another version: %w", err)
	}
	if answer.Refused != nil {
		return nil, errors.New(bot.Terminal{Zone: time.Local, Names: answer.Names}.Message(*answer.Refused))
	}
	return answer, nil
}
