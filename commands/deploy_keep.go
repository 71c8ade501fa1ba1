package commands

import (
	"context"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/delivery"
)

func deployKeep(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy keep",
		Args:     "<service or all> [on] <environment>",
		Short:    "Say that your lock is still needed",
		Long:     "Whoever made a lock without an end is asked every day whether it is still needed. This is the answer yes: you are asked again a day later.",
		Examples: []string{"deploy keep checkout production"},
		Who:      lockers(),
		On:       bot.Typed | bot.Press,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			l, err := d.Delivery.KeepLock(ctx, lockWant(req))
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return keptReply(l), nil
		},
		Made: madeBefore(d.Delivery.Locked, func(_ bot.Request, l *delivery.Lock) bot.Reply { return keptReply(l) }),
	}
}

func keptReply(l *delivery.Lock) bot.Reply {
	if at := l.NudgeAt(); !at.IsZero() {
		return bot.Say("🔒 %s stays locked. You are asked again %s.", lockedWhat(l), bot.Time(at))
	}
	return bot.Say("🔒 %s stays locked, %s.", lockedWhat(l), untilWords(l.Until))
}

// Note is what a person is told unasked, in words.
func Note(n delivery.Note) bot.Message {
	if n.Turn != nil {
		return turnMessage(n.Turn)
	}
	l := n.OldLock
	m := text("🔒 Your lock of %s is %s old%s", lockedIn(l), clock.Format(n.At.Sub(l.At)), lockReason(l))
	m.Parts = []bot.Part{bot.Small("Nobody else can deploy there. Is it still needed?")}
	m.Buttons = []bot.Button{{Label: "Unlock", Line: unlockLine(l)}, {Label: "Keep", Line: lockLine("deploy keep", l)}}
	return m
}
