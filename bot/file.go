package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"shipmate/store"
)

const (
	// maxFileAlt is how much of a picture's words Slack takes (Slack: files.getUploadURLExternal, "alt_txt_too_large").
	maxFileAlt = 1000
	// fileTimeout bounds the sending of a file, whose asker has the answer already.
	fileTimeout = 30 * time.Second
)

// sendFile draws a file and sends it to who asked, once, after the request has ended and its answer is on its way. When it does not
// arrive a sentence says so.
func (b *Bot) sendFile(e entry, f File) {
	ctx, cancel := context.WithTimeout(b.base, fileTimeout)
	defer cancel()
	err := b.uploadFile(ctx, e, f)
	if err == nil {
		return
	}
	b.log.Warn("a file was not sent", "request", e.ID, "file", f.Name, "err", err)
	said := answerTo(e, Reply{Message: Message{Text: noFile(err)}})
	said.ID = "file-" + e.ID
	if err := b.insist(func(ctx context.Context) error {
		return b.db.Update(ctx, func(tx store.Tx) error { return b.enqueue(tx, said) })
	}); err != nil {
		b.log.Error("that a file was not sent could not be said", "request", e.ID, "err", err)
	}
}

func (b *Bot) uploadFile(ctx context.Context, e entry, f File) error {
	data, err := drawn(f)
	if err != nil {
		return err
	}
	if d := b.budget.take("files.getUploadURLExternal", "", answers); d > 0 {
		return &Error{Op: "files.getUploadURLExternal", Code: "rate limited", RetryAfter: d, Passing: true}
	}
	channel, thread := e.Channel, e.Thread
	if e.Via != DM {
		thread = ""
		if channel, err = b.api.direct(ctx, e.User); err != nil {
			return err
		}
	}
	return b.api.upload(ctx, channel, thread, f, data)
}

// drawn makes a panic in a drawing an error of ours, since the answer it goes with is there.
func drawn(f File) (data []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("drawing %s: panic: %s", f.Name, mask(fmt.Sprint(p)))
		}
	}()
	return f.Draw()
}

// noFile says that the picture is not there, and what mends it.
func noFile(err error) Text {
	const is = "The picture could not be sent; the numbers are all in the answer."
	var api *Error
	switch {
	case errors.As(err, &api) && api.Needed != "":
		return Textf("%s An administrator of Slack has to give the app %s, which %s names.", Text(is), Code(api.Needed), Code("shipmate manifest"))
	case errors.As(err, &api) && api.Passing:
		return Textf("%s Slack could not take it right now; ask again in a minute.", Text(is))
	case errors.As(err, &api):
		return Textf("%s Slack says %s.", Text(is), Code(api.Code))
	}
	return is
}

// upload sends a file to a conversation in Slack's three steps (Slack: Working with files). If an answer is lost on the way it is
// not known whether the file is there.
func (a *slackAPI) upload(ctx context.Context, channel, thread string, f File, data []byte) error {
	_, err := a.client.UploadFileContext(ctx, slack.UploadFileParameters{
		Filename: f.Name, Title: f.Title, AltTxt: shortenPlain(f.Alt, maxFileAlt), Reader: bytes.NewReader(data), FileSize: len(data),
		Channel: channel, ThreadTimestamp: thread,
	})
	return a.fail("files.getUploadURLExternal", "", err)
}
