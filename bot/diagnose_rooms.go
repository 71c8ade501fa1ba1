package bot

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"shipmate/config"
)

// post is a channel the configuration wants something said in.
type post struct {
	channel string // "#payments" or an ID
	at      string // where the configuration says so
	admin   bool
	what    Text // what is said there
}

func posts(cfg *config.Config) []post {
	var out []post
	if c := cfg.Slack.AdminChannel; c != "" {
		out = append(out, post{c, cfg.At("slack.admin_channel"), true, "what goes wrong"})
	}
	for _, name := range cfg.TeamNames() {
		if c := cfg.Teams[name].Channel; c != "" {
			out = append(out, post{c, cfg.At("teams." + name + ".channel"), false, Textf("what is for team %s", Bold(name))})
		}
	}
	for i, a := range cfg.Announce {
		out = append(out, post{a.To, cfg.At("announce[" + strconv.Itoa(i) + "].to"), false, "what is announced there"})
	}
	return out
}

// checkChannels looks whether Shipmate can speak wherever the configuration wants it to.
func (b *Bot) checkChannels(ctx context.Context) []Finding {
	wanted := posts(b.settings())
	rooms, err := b.rooms(ctx)
	if err != nil {
		return []Finding{{Warning, Textf("Slack did not list its channels: %s.", saidBy(err)), "Ask again in a minute."}}
	}
	var out []Finding
	for _, p := range wanted {
		if f, wrong := p.check(rooms[strings.TrimPrefix(p.channel, "#")]); wrong {
			out = append(out, f)
		}
	}
	if out == nil && len(wanted) > 0 {
		return []Finding{{Fine, Textf("I am in %s the configuration names.", plural(len(wanted), "channel")), ""}}
	}
	return out
}

func (p post) check(room *slack.Channel) (f Finding, wrong bool) {
	name := Channel(p.channel)
	invite := Textf("Type %s there.", Code("/invite @shipmate"))
	switch {
	case room == nil:
		return Finding{Problem, Textf("There is no channel %s that I can see, so %s is not said (%s).", name, p.what, p.at),
			Textf("Correct the name, or if the channel is private: %s", invite)}, true
	case room.IsArchived:
		return Finding{Problem, Textf("The channel %s is archived, so %s is not said (%s).", name, p.what, p.at), "Restore it, or name another one."}, true
	case room.IsMember:
		return Finding{}, false
	case p.admin:
		return Finding{Problem, Textf("I am not in %s, so %s is not said.", name, p.what), invite}, true
	}
	return Finding{Warning, Textf("I am not in %s, where %s belongs.", name, p.what), invite}, true
}

// rooms lists every channel the bot can see, by ID and by name, the archived ones too.
func (b *Bot) rooms(ctx context.Context) (map[string]*slack.Channel, error) {
	out := map[string]*slack.Channel{}
	cursor := ""
	for {
		page, next, err := b.api.client.GetConversationsContext(ctx, &slack.GetConversationsParameters{
			Limit: 1000, Cursor: cursor, Types: []string{"public_channel", "private_channel"}})
		if err := b.api.fail("conversations.list", "", err); err != nil {
			return nil, err
		}
		for i := range page {
			c := &page[i]
			out[c.ID], out[c.Name] = c, c
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

// checkGroups looks whether the user groups that decide who may do something are there and have somebody in them.
func (b *Bot) checkGroups(ctx context.Context) []Finding {
	used := groupsUsed(b.settings())
	if len(used) == 0 {
		return nil
	}
	groups, err := b.people.userGroups(ctx)
	if err != nil {
		return []Finding{{Warning, Textf("Slack did not list its user groups: %s. Until it does nobody may do what only a group may.", saidBy(err)), "Ask again in a minute."}}
	}
	var out []Finding
	for _, u := range used {
		group, ok := groups[strings.ToLower(u.handle)]
		switch {
		case !ok:
			out = append(out, Finding{Problem, Textf("There is no user group @%s, so nobody is %s (%s).", u.handle, u.what, u.at),
				"Make the group in Slack, or correct its handle."})
		case len(group.users) == 0:
			out = append(out, Finding{Warning, Textf("The user group @%s has nobody in it, so nobody is %s (%s).", u.handle, u.what, u.at),
				"Add people to it in Slack."})
		}
	}
	if out == nil {
		return []Finding{{Fine, Textf("%s there and have people.", plural(len(used), "user group is", "user groups are")), ""}}
	}
	return out
}

// groupUse is a user group the configuration gives rights to.
type groupUse struct {
	handle, at string
	what       Text // what its members are
}

// groupsUsed lists each group once, with the first place it has.
func groupsUsed(cfg *config.Config) []groupUse {
	var out []groupUse
	add := func(handle, at string, what Text) {
		handle = strings.TrimPrefix(handle, "@")
		if handle != "" && !slices.ContainsFunc(out, func(u groupUse) bool { return strings.EqualFold(u.handle, handle) }) {
			out = append(out, groupUse{handle, cfg.At(at), what})
		}
	}
	from := func(all []config.Principal, at string, what Text) {
		for _, p := range all {
			if p.Kind() == config.GroupPrincipal {
				add(p.Value(), at, what)
			}
		}
	}
	for _, name := range cfg.TeamNames() {
		add(cfg.Teams[name].SlackGroup, "teams."+name+".slack_group", Textf("in team %s by it", Bold(name)))
	}
	from(cfg.Slack.Admins, "slack.admins", "an admin by it")
	for _, name := range cfg.EnvironmentNames() {
		e := cfg.Environments[name]
		from(e.Deployers, "environments."+name+".deployers", Textf("a deployer of %s by it", Bold(name)))
		if e.Approvals != nil {
			from(e.Approvals.From, "environments."+name+".approvals", Textf("an approver for %s by it", Bold(name)))
		}
	}
	return out
}

// saidBy is the short reason a call to Slack failed for.
func saidBy(err error) string {
	var e *Error
	if errors.As(err, &e) {
		if e.Needed != "" {
			return e.Code + ", needs " + e.Needed
		}
		return e.Code
	}
	return mask(err.Error())
}
