package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"shipmate/store"
	"shipmate/work"
)

// A room is a channel that Shipmate makes for a record. Slack's conversations.create takes no key by which a second call could
// be known as the same, so a room has a record of its own: the name that was tried and when, written before the call, and the
// channel, written after it. A name belongs to one room of ours at a time, so that a channel whose making ended unclear is
// nobody else's.
//
//	room/at/<id>        the room of a record
//	room/name/<name>    whose room tries, or has, the name

// Room is a channel somebody wants made.
type Room struct {
	// ID is whose room it is: the record's. The same ID is the same room.
	ID string
	// Name is what it should be called; see RoomName. Where the name is taken the room gets a number behind it.
	Name string
	// Private makes it a private channel.
	Private bool
	// Since is when it was first asked for: no channel that is older is taken for it.
	Since time.Time
	// Purpose is what people read in the channel's description before the mark by which it is found again, optional.
	Purpose string
}

// madeRoom is what is known of a room.
type madeRoom struct {
	At      time.Time `json:"at"` // when it was first asked for here
	Name    string    `json:"name"`
	Count   int       `json:"count,omitempty"` // the number behind the name
	Plain   bool      `json:"plain,omitempty"` // Slack did not take the letters of the name
	Tried   time.Time `json:"tried,omitzero"`  // when a call began whose end nobody knows
	Channel string    `json:"channel,omitempty"`
	Marked  bool      `json:"marked,omitempty"` // its purpose is set, or cannot be
}

// roomName is who has a name.
type roomName struct {
	Room string    `json:"room"`
	At   time.Time `json:"at"`
}

func roomKey(id string) string       { return store.Key("room", "at", id) }
func roomNameKey(name string) string { return store.Key("room", "name", name) }

// maxRoomNames is how many names are tried for one room.
const maxRoomNames = 20

// EnsureRoom finds the room or makes it, and returns its channel's ID and the name that it had when it was made. It may be
// called any number of times with the same ID, though not at the same time, as the steps of one record are: one channel is
// made, also when Slack's answer is lost or the process ends between any two things it does. No channel is taken for it that
// somebody else made or that is another room's; where one has the name, -2, -3 and so on are tried. When it is not known yet
// who has a name, the error is passing and says how long to wait. The error is a *Error: ForGood tells whether
// Slack will never make a room here, as when bots may not make channels.
func (b *Bot) EnsureRoom(ctx context.Context, want Room) (channel, name string, err error) {
	for range 2 * maxRoomNames { // a name may be looked for, then tried
		r, err := b.roomOf(ctx, want)
		if err != nil {
			return "", "", err
		}
		if r.Channel == "" {
			if err := b.makeRoom(ctx, want, r); err != nil {
				return "", "", later(err)
			}
			continue
		}
		if !r.Marked {
			if err := b.markRoom(ctx, want, r); err != nil {
				return "", "", later(err)
			}
		}
		return r.Channel, r.Name, nil
	}
	return "", "", &Error{Op: "conversations.create", Code: "name_taken"}
}

// roomOf is the room's record. A new one, and one whose name another room of ours has, takes the next name that is free of
// those.
func (b *Bot) roomOf(ctx context.Context, want Room) (r madeRoom, err error) {
	err = work.Update(ctx, b.db, func(tx store.Tx) error {
		var found bool
		if r, found, err = store.Load[madeRoom](tx, roomKey(want.ID)); err != nil || found {
			return err
		}
		r = madeRoom{At: b.clock.Now(), Count: 1}
		return b.takeName(tx, want, &r)
	})
	if err != nil {
		return madeRoom{}, fmt.Errorf("naming a room: %w", err)
	}
	return r, nil
}

// takeName writes the room down with the first name from its count on that no other room of ours has.
func (b *Bot) takeName(tx store.Tx, want Room, r *madeRoom) error {
	for range maxRoomNames {
		r.Name = numbered(want.base(r.Plain), r.Count)
		has, found, err := store.Load[roomName](tx, roomNameKey(r.Name))
		if err != nil {
			return err
		}
		if !found || has.Room == want.ID {
			if err := store.Save(tx, roomNameKey(r.Name), roomName{Room: want.ID, At: r.At}); err != nil {
				return err
			}
			return store.Save(tx, roomKey(want.ID), *r)
		}
		r.Count++
	}
	return &Error{Op: "conversations.create", Code: "name_taken"}
}

// base is the name without a number: of plain letters only when Slack takes no others.
func (w Room) base(plain bool) string {
	name := RoomName(w.Name)
	if plain {
		name = RoomName(strings.Map(func(r rune) rune {
			if r > unicode.MaxASCII {
				return '-'
			}
			return r
		}, name))
	}
	if name == "" {
		name = RoomName("room", w.ID)
	}
	return name
}

// makeRoom takes a room without a channel one step further: it looks for what an earlier call may have made, or makes it. No
// second one can come of that: the name is the room's, and Slack gives a name once.
func (b *Bot) makeRoom(ctx context.Context, want Room, r madeRoom) error {
	if !r.Tried.IsZero() {
		if found, err := b.ourRoom(ctx, want, r.Name); err != nil || found != nil {
			return b.keepFound(ctx, want, r, found, err)
		}
	}
	trying := r
	trying.Tried = b.clock.Now()
	if err := b.saveRoom(ctx, want, trying); err != nil {
		return err
	}
	c, err := b.api.createRoom(ctx, r.Name, want.Private)
	var api *Error
	switch {
	case err == nil:
		return b.keepRoom(ctx, want, r, c)
	case !errors.As(err, &api) || api.Unclear:
		return err
	case api.Code == "name_taken":
		return b.nameTaken(ctx, want, r)
	case strings.HasPrefix(api.Code, "invalid_name") && !r.Plain:
		return b.otherName(ctx, want, r, func(r *madeRoom) { r.Plain, r.Count = true, 1 })
	}
	if keep := b.saveRoom(ctx, want, r); keep != nil { // this call made nothing; an earlier one perhaps did
		return keep
	}
	return err
}

// nameTaken finds out who has the name: this room, made before its record was, or somebody else. After a call whose end nobody
// knew that was looked for a moment ago; what was made may not be listed yet.
func (b *Bot) nameTaken(ctx context.Context, want Room, r madeRoom) error {
	if r.Tried.IsZero() {
		if found, err := b.ourRoom(ctx, want, r.Name); err != nil || found != nil {
			return b.keepFound(ctx, want, r, found, err)
		}
	}
	if left := r.Tried.Add(settle).Sub(b.clock.Now()); left > 0 {
		if err := b.saveRoom(ctx, want, r); err != nil {
			return err
		}
		return &Error{Op: "conversations.create", Code: "not known yet who has the name", RetryAfter: left, Passing: true}
	}
	if r.Count >= maxRoomNames {
		return &Error{Op: "conversations.create", Code: "name_taken"}
	}
	return b.otherName(ctx, want, r, func(r *madeRoom) { r.Count++ })
}

func (b *Bot) keepFound(ctx context.Context, want Room, r madeRoom, found *slack.Channel, err error) error {
	if err != nil {
		return err
	}
	b.log.Info("a room was there already", "room", want.ID, "channel", found.ID)
	return b.keepRoom(ctx, want, r, found)
}

// otherName gives the room's name up for the next one.
func (b *Bot) otherName(ctx context.Context, want Room, r madeRoom, next func(*madeRoom)) error {
	return work.Update(ctx, b.db, func(tx store.Tx) error {
		fresh := r
		if err := tx.Delete(roomNameKey(fresh.Name)); err != nil {
			return err
		}
		next(&fresh)
		fresh.Tried = time.Time{}
		return b.takeName(tx, want, &fresh)
	})
}

func (b *Bot) saveRoom(ctx context.Context, want Room, r madeRoom) error {
	return work.Update(ctx, b.db, func(tx store.Tx) error { return store.Save(tx, roomKey(want.ID), r) })
}

func (b *Bot) keepRoom(ctx context.Context, want Room, r madeRoom, c *slack.Channel) error {
	r.Channel, r.Name, r.Tried = c.ID, c.Name, time.Time{}
	r.Marked = strings.Contains(c.Purpose.Value, roomMark(want.ID))
	return b.saveRoom(ctx, want, r)
}

// ourRoom looks for the room among the channels the bot is in: one of that name that the bot made, not before it was asked
// for, with the room's mark or with no purpose yet. Nil when there is none.
func (b *Bot) ourRoom(ctx context.Context, want Room, name string) (*slack.Channel, error) {
	self, err := b.self.wait(ctx)
	if err != nil {
		return nil, &Error{Op: "users.conversations", Code: err.Error(), Passing: true}
	}
	all, err := b.api.ownRooms(ctx, want.Private)
	if err != nil {
		return nil, err
	}
	for i, c := range all {
		marked := strings.Contains(unescaped.Replace(c.Purpose.Value), roomMark(want.ID))
		young := !c.Created.Time().Before(want.Since.Add(-clockSkew))
		if c.Name == name && c.Creator == self.user && !c.IsArchived && young && (marked || c.Purpose.Value == "") {
			return &all[i], nil
		}
	}
	return nil, nil
}

// roomMark is what stands in a room's purpose and says whose it is.
func roomMark(id string) string { return "(Shipmate: " + id + ")" }

// markRoom sets the room's purpose. Where Slack does not take one the room goes without.
func (b *Bot) markRoom(ctx context.Context, want Room, r madeRoom) error {
	mark := roomMark(want.ID)
	purpose := mark
	if said := oneLine(want.Purpose, maxDescribed-utf8.RuneCountInString(mark)-1); said != "" {
		purpose = said + " " + mark
	}
	if err := b.api.setPurpose(ctx, r.Channel, purpose); err != nil {
		if !ForGood(err) {
			return err
		}
		b.log.Warn("a room has no description", "room", want.ID, "channel", r.Channel, "err", err)
	}
	r.Marked = true
	return b.saveRoom(ctx, want, r)
}

// sweepRooms forgets the rooms that were first asked for before then. The channels stay.
func (b *Bot) sweepRooms(ctx context.Context, before time.Time) error {
	_, err := store.Sweep(ctx, b.db, store.Key("room", "at")+"/", func(_ string, data []byte) bool {
		var r madeRoom
		return decode(data, &r) == nil && r.At.Before(before)
	}, store.SweepOptions{})
	if err != nil {
		return err
	}
	_, err = store.Sweep(ctx, b.db, store.Key("room", "name")+"/", func(_ string, data []byte) bool {
		var n roomName
		return decode(data, &n) == nil && n.At.Before(before)
	}, store.SweepOptions{})
	return err
}

// maxRoomName is how long a channel's name may be, in characters (Slack: conversations.create).
const maxRoomName = 80

// numbered is the name with a number behind it, from 2 on, within Slack's length.
func numbered(name string, n int) string {
	if n < 2 {
		return name
	}
	behind := "-" + strconv.Itoa(n)
	return cutName(name, maxRoomName-len(behind)) + behind
}

// RoomName makes a channel's name of parts: lower case, letters of any script, digits, - and _, at most 80 characters, with
// neither - nor _ at its ends. Whatever else stands in a part, and what is between parts, becomes a single -. It is empty when
// no letter or digit is left. (Slack: conversations.create, Naming.)
func RoomName(parts ...string) string {
	var out strings.Builder
	gap := false
	for _, r := range strings.ToLower(strings.Join(parts, " ")) {
		switch {
		case r == '\'' || r == '’': // "can't" is one word
		case inRoomName(r) && (r != '_' || out.Len() > 0):
			if gap && out.Len() > 0 && r != '_' {
				out.WriteByte('-')
			}
			gap = false
			out.WriteRune(r)
		default:
			gap = true
		}
	}
	return cutName(out.String(), maxRoomName)
}

func inRoomName(r rune) bool {
	return r == '_' || unicode.In(r, unicode.Ll, unicode.Lo, unicode.Lm, unicode.Nd, unicode.Mn, unicode.Mc)
}

// cutName cuts a name to n characters, between words where that loses little.
func cutName(name string, n int) string {
	if all := []rune(name); len(all) > n {
		name = string(all[:n])
		if i := strings.LastIndexByte(name, '-'); all[n] != '-' && i > len(name)*3/4 {
			name = name[:i]
		}
	}
	return strings.Trim(name, "-_")
}
