package bot

import (
	"time"

	"shipmate/store"
	"shipmate/work"
)

// Place gives a record its card in a channel, given by ID or "#name", or in the direct message of a person, given by ID, once, in the transaction of the step that wants it there.
// Nobody asked for it: where it cannot stand the admins are told and the place is given up, so that it can be given another.
// CardAt tells when it stands.
func (b *Bot) Place(tx store.Tx, kind, id, channel string) error {
	created, err := store.Create(tx, cardKey(kind+"/"+id), card{Channel: channel, Alone: true, Request: "placed"})
	if err != nil || !created {
		return err
	}
	return work.Wake(tx, cardDomain, kind+"/"+id, time.Time{})
}

// CardAt is where the card of a record is: the channel it stands in or is to stand in, "" when it has none or its place was
// given up, and its timestamp. Stands is false while it is not posted.
func CardAt(g store.Getter, kind, id string) (channel, ts string, stands bool, err error) {
	c, _, err := store.Load[card](g, cardKey(kind+"/"+id))
	return c.Channel, c.TS, c.TS != "", err
}
