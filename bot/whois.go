package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// nobody is the answer to a word that names no person, in words for people.
type nobody struct{ sentence Text }

func (e *nobody) Error() string { return "no such person: " + string(e.sentence) }

// whois makes a word the ID of a member: "me", Slack's <@U…>, an ID, an e-mail address, or a handle or display name with
// or without @. A *nobody says why a word names no one; any other error means that Slack did not tell.
func (p *people) whois(ctx context.Context, word, asker string) (string, error) {
	name := strings.ToLower(strings.TrimPrefix(unmention(word), "@"))
	switch {
	case name == "me" || name == "myself":
		return asker, nil
	case isUserID(unmention(word)):
		return p.member(ctx, unmention(word))
	case strings.Contains(name, "@"):
		return p.byEmail(ctx, name)
	}
	return p.byName(ctx, name)
}

var userIDPattern = regexp.MustCompile(`^[UW][A-Z0-9]{4,20}$`)

func isUserID(s string) bool { return userIDPattern.MatchString(s) }

// member checks that an ID is a person's. Somebody who left is one too: what is known of them can still be looked at.
func (p *people) member(ctx context.Context, id string) (string, error) {
	who, err := p.person(ctx, id)
	var api *Error
	switch {
	case errors.As(err, &api) && !api.Passing && strings.HasPrefix(api.Code, "user_not_"):
		return "", &nobody{Textf("Slack knows no person %s.", Code(id))}
	case err != nil:
		return "", err
	case who.Bot:
		return "", &nobody{Textf("%s is a bot, not a person.", User(id))}
	}
	return id, nil
}

func (p *people) byEmail(ctx context.Context, address string) (string, error) {
	u, err := p.api.client.GetUserByEmailContext(ctx, address)
	err = p.api.fail("users.lookupByEmail", "", err)
	var api *Error
	switch {
	case errors.As(err, &api) && api.Code == "users_not_found":
		return "", &nobody{Textf("Nobody here has the e-mail address %s.", Code(address))}
	case err != nil:
		return "", fmt.Errorf("looking up a person by e-mail: %w", err)
	}
	p.keep(personOf(*u), p.clock.Now())
	return p.member(ctx, u.ID)
}

func (p *people) byName(ctx context.Context, name string) (string, error) {
	names, err := p.everybody(ctx, name)
	if err != nil {
		return "", err
	}
	switch ids := names[name]; len(ids) {
	case 0:
		return "", &nobody{Textf("Nobody here is called %s. Pick a person from Slack's list after typing @, or type an e-mail address.", Code("@"+name))}
	case 1:
		return ids[0], nil
	default:
		var who []Text
		for _, id := range ids[:min(len(ids), 5)] {
			who = append(who, User(id))
		}
		return "", &nobody{Textf("More than one person is called %s: %s. Pick one from Slack's list after typing @.", Code("@"+name), Join(", ", who...))}
	}
}

// everybody lists whom a name may mean. A name that is not known makes it ask Slack again, at most once a minute:
// users.list is tier 2 (Slack: Rate limits).
func (p *people) everybody(ctx context.Context, name string) (map[string][]string, error) {
	p.listing.Lock()
	defer p.listing.Unlock()
	p.mu.Lock()
	known := p.names
	p.mu.Unlock()
	age := p.clock.Now().Sub(known.at)
	if known.v != nil && (age < rereadAfter || age < maxAge && len(known.v[name]) > 0) {
		return known.v, nil
	}
	fresh, err := p.list(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names = aged[map[string][]string]{fresh, p.clock.Now()}
	return fresh, nil
}

// list asks Slack for everybody who is active, by handle and display name.
func (p *people) list(ctx context.Context) (map[string][]string, error) {
	names, called := map[string][]string{}, map[string]string{}
	add := func(name, id string) {
		if name = strings.ToLower(name); name != "" && !slices.Contains(names[name], id) {
			names[name] = append(names[name], id)
		}
	}
	// Slack advises pages of 200; the largest keep a big workspace within one minute's calls.
	pages := p.api.client.GetUsersPaginated(slack.GetUsersOptionLimit(1000))
	for {
		var err error
		pages, err = pages.Next(ctx)
		if pages.Done(err) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.called = aged[map[string]string]{called, p.clock.Now()}
			return names, nil
		}
		if err := p.api.fail("users.list", "", err); err != nil {
			return nil, fmt.Errorf("listing people: %w", err)
		}
		for _, u := range pages.Users {
			who := personOf(u)
			called[who.ID] = cmp.Or(who.Display, who.Name) // who has left, too: what they did is told of
			if !who.Inactive && !who.Bot {
				add(who.Name, who.ID)
				add(who.Display, who.ID)
			}
		}
	}
}

// attached is a mention that Slack made inside a word: of "checkout@ana" where somebody is called ana, it makes
// "checkout<@U024BE7LH>".
var attached = regexp.MustCompile(`([\p{L}\p{N}_./-])<@([A-Z0-9]+)(?:\|([^<>]*))?>`)

// untangle takes such mentions back, since there the words after the @ were meant and not the person.
func (p *people) untangle(ctx context.Context, line string) (string, error) {
	var failed error
	out := attached.ReplaceAllStringFunc(line, func(m string) string {
		parts := attached.FindStringSubmatch(m)
		if parts[3] != "" {
			return parts[1] + "@" + parts[3]
		}
		who, err := p.person(ctx, parts[2])
		if err != nil {
			failed = err
			return m
		}
		return parts[1] + "@" + who.Name
	})
	if failed != nil {
		return "", fmt.Errorf("taking a mention back: %w", failed)
	}
	return out, nil
}

// bounded is how long a look-up for a word on a line may take; people wait for it.
const bounded = 8 * time.Second

// personWord is the binder's way to look a person up. Its error is in words for people.
func (b *Bot) personWord(ctx context.Context, asker string) func(word string) (string, error) {
	return func(word string) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, bounded)
		defer cancel()
		id, err := b.people.whois(ctx, word, asker)
		var none *nobody
		if err == nil || errors.As(err, &none) {
			return id, err
		}
		b.log.Warn("a person named on a line could not be looked up", "err", err)
		return "", &nobody{"Slack does not tell me who that is. Please try again in a minute."}
	}
}

// Named makes a word that somebody gave elsewhere than on Slack the ID of a member: an ID, an e-mail address, or a handle or
// display name. A *Refusal says why it names no one.
func (b *Bot) Named(ctx context.Context, word string) (string, error) {
	id, err := b.personWord(ctx, "")(word)
	var none *nobody
	switch {
	case errors.As(err, &none):
		return "", &Refusal{Code: "person.unknown", Message: Message{Text: none.sentence}}
	case err == nil && id == "":
		return "", Refuse("person.unknown", "Only Slack knows who %s is; give an e-mail address.", Code(word))
	}
	return id, err
}
