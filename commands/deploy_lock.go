package commands

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/delivery"
)

func deployLock(d Deps) bot.Command {
	return bot.Command{
		Name:  "deploy lock",
		Args:  "<service or all> [on] <environment> [for <duration>] <reason>...",
		Short: "Keep everybody from deploying a service, or all of them, to an environment",
		Long: "What is under way goes on. The lock ends after its time, when it was given one, or with /deploy unlock. Whoever is " +
			"refused by it reads who locked, since when and why.",
		Examples: []string{"deploy lock checkout production for 2h the database is being moved", "deploy lock all production we look for the cause of the errors"},
		Who:      lockers(),
		On:       bot.Typed,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			want := lockWant(req)
			if err := timeMeant(req.Arg("reason")); err != nil {
				return bot.Reply{}, err
			}
			if word := req.Arg("duration"); word != "" {
				var err error
				if want.For, err = clock.ParseDuration(word); err != nil { // Kinds has parsed it before
					return bot.Reply{}, err
				}
			}
			l, err := d.Delivery.Lock(ctx, want)
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return lockedReply(l), nil
		},
		Made: madeBefore(d.Delivery.Locked, func(_ bot.Request, l *delivery.Lock) bot.Reply { return lockedReply(l) }),
	}
}

func deployUnlock(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy unlock",
		Args:     "<service or all> [on] <environment> (<answer>)",
		Short:    "End a lock",
		Long:     "Somebody else's lock is asked about first, and its owner is told.",
		Examples: []string{"deploy unlock checkout production", "deploy unlock all production"},
		Who:      lockers(),
		On:       bot.Typed | bot.Press,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			want := lockWant(req)
			want.Anyway = req.Arg("answer") == anyway
			l, err := d.Delivery.Unlock(ctx, want)
			var r *delivery.Refused
			if errors.As(err, &r) && r.Code == delivery.LockOfAnother {
				return askToUnlock(r), nil
			}
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return unlockedReply(req, l), nil
		},
		Made: madeBefore(d.Delivery.Locked, unlockedReply),
	}
}

func deployLocks(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy locks",
		Short:    "List what is locked, by whom, since when and why",
		Examples: []string{"deploy locks"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, _ bot.Request) (bot.Reply, error) {
			all, err := d.Delivery.Locks(ctx)
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			vetoes, err := d.Delivery.Vetoes(ctx)
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return bot.Reply{Message: locksMessage(all, vetoes)}, nil
		},
	}
}

// lockers admits who may deploy there; for all services the environment's own deployers, and without any the administrators.
func lockers() bot.Audience {
	return bot.Principals(deployersWords+"; for all services the environment's deployers, else admins", func(r bot.Request) []config.Principal {
		if target := r.Arg("service or all"); target != delivery.AllServices {
			return deployersOf(r.Config, target, r.Arg("environment"))
		}
		return r.Config.Keepers(r.Arg("environment"))
	})
}

// aside is a reason without the word for in front: "for a migration" gives no time, but reads well.
func aside(reason string) string { return strings.TrimPrefix(reason, "for ") }

// timeMeant refuses a reason that begins with a length of time that was not understood, which would make it last without an end.
func timeMeant(reason string) error {
	if length, meant := strings.CutPrefix(reason, "for "); meant && length != "" && length[0] >= '0' && length[0] <= '9' {
		return bot.Refuse("end.unclear", "Not done: I do not understand for how long. Write it as %s or %s, and then the reason.", bot.Code("for 2h"), bot.Code("for 90m"))
	}
	return nil
}

func lockWant(req bot.Request) delivery.LockWant {
	return delivery.LockWant{Request: req.ID, At: req.At, By: req.User, Service: req.Arg("service or all"), Environment: req.Arg("environment"),
		Reason: aside(req.Arg("reason"))}
}

// lockedWhat names what a lock locks: "checkout on production", "everything on production".
func lockedWhat(l *delivery.Lock) bot.Text {
	if l.Service == "" {
		return bot.Textf("%s on %s", bot.Bold("Everything"), bot.Bold(l.Environment))
	}
	return bot.Textf("%s on %s", bot.Bold(l.Service), bot.Bold(l.Environment))
}

// lockedIn is lockedWhat within a sentence.
func lockedIn(l *delivery.Lock) bot.Text {
	return bot.Textf("%s on %s", bot.Bold(cmp.Or(l.Service, "everything")), bot.Bold(l.Environment))
}

// unlockLine is the line that ends a lock.
func unlockLine(l *delivery.Lock) string { return lockLine("deploy unlock", l) }

// lockLine is a command's line about a lock.
func lockLine(command string, l *delivery.Lock) string {
	return placeLine(command, cmp.Or(l.Service, delivery.AllServices), l.Environment)
}

func untilWords(until time.Time) bot.Text {
	if until.IsZero() {
		return "until somebody unlocks it"
	}
	return bot.Textf("until %s", bot.Time(until))
}

func lockedReply(l *delivery.Lock) bot.Reply {
	m := text("🔒 %s is locked by %s, %s: %s", lockedWhat(l), bot.User(l.By), untilWords(l.Until), l.Reason)
	m.Buttons = []bot.Button{{Label: "Unlock", Line: unlockLine(l)}}
	return bot.Reply{Message: m, Public: true}
}

func unlockedReply(req bot.Request, l *delivery.Lock) bot.Reply {
	m := text("🔓 %s is unlocked by %s.", lockedWhat(l), bot.User(req.User))
	r := bot.Reply{Message: m, Public: true}
	if l.By != req.User {
		r.Tell = []bot.Telling{{Person: l.By, Topic: "lock", ID: req.ID, Message: text(
			"🔓 %s has ended your lock of %s%s", bot.User(req.User), lockedIn(l), lockReason(l))}}
	}
	return r
}

func askToUnlock(r *delivery.Refused) bot.Reply {
	l := r.Lock
	reply := bot.Reply{Message: text("%s was locked by %s %s%s", lockedWhat(l), bot.User(l.By), bot.Time(l.At), lockReason(l))}
	reply.Parts = []bot.Part{bot.Small(bot.Textf("Unlock it all the same? %s is told that you did.", bot.User(l.By)))}
	reply.Question = &bot.Question{Options: []bot.Button{
		{Label: "Unlock it", Line: unlockLine(l) + " " + anyway, Style: bot.Danger},
		{Label: "Leave it"},
	}}
	return reply
}

func locksMessage(all []delivery.Lock, vetoes []delivery.Veto) bot.Message {
	m := text("🔒 %s", count(len(all), "lock"))
	if len(all) == 0 {
		m = text("Nothing is locked.")
	}
	var lines []bot.Text
	for i := range all {
		l := &all[i]
		lines = append(lines, bot.Textf("%s: %s since %s, %s%s · %s", lockedWhat(l), bot.User(l.By), bot.Time(l.At), untilWords(l.Until), lockReason(l),
			bot.Code("/"+unlockLine(l))))
	}
	lines = append(lines, vetoLines(vetoes)...)
	for len(lines) > 0 {
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines[:min(perPart, len(lines))]...)))
		lines = lines[min(perPart, len(lines)):]
	}
	return m
}

// lockReason is why somebody locked.
func lockReason(l *delivery.Lock) bot.Text {
	if l.Rollback != "" {
		return bot.Textf(": rolled back%s", whyWords(l.Reason))
	}
	return bot.Textf(": %s", l.Reason)
}

// targets are what can be locked: each service, and all of them.
func targets(cfg *config.Config, args bot.Args) []bot.Value {
	return append(services(cfg, args), bot.Value{Name: delivery.AllServices})
}

func parseDuration(word string) (string, error) {
	if _, err := clock.ParseDuration(word); err != nil {
		return "", err
	}
	return word, nil
}
