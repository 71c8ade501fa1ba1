package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"shipmate/clock"
)

// Time-outs of calls to Slack.
const (
	callTimeout   = 10 * time.Second
	answerTimeout = 5 * time.Second
)

// metadataType names our messages' metadata; its payload's key finds a message again after an unclear post.
const metadataType = "shipmate_message"

// Error is a call to Slack that did not succeed. It holds no token and no address.
type Error struct {
	Op         string        // the Web API method, or response_url
	Code       string        // Slack's error word, "http_503", or what the network said
	RetryAfter time.Duration // when Slack said how long to wait
	Unclear    bool          // it may have happened: the answer was lost
	Passing    bool          // trying again later may work
	Needed     string        // the scope that is missing
}

func (e *Error) Error() string {
	if e.Needed != "" {
		return fmt.Sprintf("slack %s: %s (needs %s)", e.Op, e.Code, e.Needed)
	}
	return fmt.Sprintf("slack %s: %s", e.Op, e.Code)
}

// slackAPI is what Shipmate does with Slack's Web API, in our words.
type slackAPI struct {
	client *slack.Client
	http   *http.Client // without a time-out of its own
	budget *budget
	clock  clock.Clock
	log    *slog.Logger

	mu     sync.Mutex
	scopes []string      // what the bot token may do, as Slack's last answer said
	skew   time.Duration // how far Slack's clock is ahead of ours, as its last answer said, to a second
	dated  bool          // an answer said so
}

func newAPI(cfg Config, budget *budget) *slackAPI {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64 // answers leave side by side; the default of 2 opens a connection for each
	transport.MaxConnsPerHost = 128
	transport.IdleConnTimeout = time.Minute
	a := &slackAPI{http: &http.Client{Transport: transport}, budget: budget, clock: cfg.Clock, log: cfg.Log}
	a.client = slack.New(cfg.BotToken, slack.OptionAppLevelToken(cfg.AppToken), slack.OptionAPIURL(cfg.API),
		slack.OptionHTTPClient(&http.Client{Transport: transport, Timeout: callTimeout}), slack.OptionOnResponseHeaders(a.note))
	return a
}

// note keeps what an answer says of the token and of the time, whatever it answers.
func (a *slackAPI) note(method string, h http.Header) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		a.skew, a.dated = date.Sub(a.clock.Now().Truncate(time.Second)), true
	}
	if s := h.Get("X-Oauth-Scopes"); s != "" && method != "apps.connections.open" { // which goes with the app token
		a.scopes = strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
	}
}

// openSocket asks for the address of a new connection.
func (a *slackAPI) openSocket(ctx context.Context) (string, error) {
	_, url, err := a.client.StartSocketModeContext(ctx)
	return url, a.fail("apps.connections.open", "", err)
}

// user and groups do not ask while Slack wants to be left alone, so that what is known is used until it is too old.
func (a *slackAPI) user(ctx context.Context, id string) (slack.User, error) {
	if err := a.held("users.info"); err != nil {
		return slack.User{}, err
	}
	u, err := a.client.GetUserInfoContext(ctx, id)
	if err := a.fail("users.info", "", err); err != nil {
		return slack.User{}, err
	}
	return *u, nil
}

func (a *slackAPI) groups(ctx context.Context) ([]slack.UserGroup, error) {
	if err := a.held("usergroups.list"); err != nil {
		return nil, err
	}
	list, err := a.client.GetUserGroupsContext(ctx, slack.GetUserGroupsOptionIncludeUsers(true))
	return list, a.fail("usergroups.list", "", err)
}

// held is an error while Slack wants the method to be left alone.
func (a *slackAPI) held(method string) error {
	if d := a.budget.heldFor(method); d > 0 {
		return &Error{Op: method, Code: "rate limited", RetryAfter: d, Passing: true}
	}
	return nil
}

// posting is one message to be posted.
type posting struct {
	Channel   string
	Thread    string
	Message   Message
	Key       string // finds it again by metadata
	Stage     int
	Broadcast bool
}

func (a *slackAPI) post(ctx context.Context, p posting) (channel, ts string, err error) {
	opts := append(content(p.Message, p.Stage), slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType: metadataType, EventPayload: map[string]any{"key": p.Key}}))
	if p.Thread != "" {
		opts = append(opts, slack.MsgOptionTS(p.Thread))
	}
	if p.Broadcast {
		opts = append(opts, slack.MsgOptionBroadcast())
	}
	channel, ts, err = a.client.PostMessageContext(ctx, p.Channel, opts...)
	return channel, ts, a.fail("chat.postMessage", p.Channel, err)
}

func (a *slackAPI) update(ctx context.Context, channel, ts string, m Message, stage int) error {
	_, _, _, err := a.client.UpdateMessageContext(ctx, channel, ts, content(m, stage)...)
	return a.fail("chat.update", channel, err)
}

func (a *slackAPI) whisper(ctx context.Context, channel, thread, user string, m Message) error {
	opts := content(m, 0)
	if thread != "" {
		opts = append(opts, slack.MsgOptionTS(thread))
	}
	_, err := a.client.PostEphemeralContext(ctx, channel, user, opts...)
	return a.fail("chat.postEphemeral", channel, err)
}

// content is a message as Slack takes it. Links are not unfurled: a card is not a preview of GitHub.
func content(m Message, stage int) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(fallback(m), false),
		slack.MsgOptionBlocks(blocks(m, stage)...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
}

// clockSkew is how far Slack's clock may be behind ours for a message still to be found.
const clockSkew = 5 * time.Minute

// seconds is a time as Slack's timestamps begin.
func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// find looks for a message of ours by its key, posted since then. An error means that nobody knows.
func (a *slackAPI) find(ctx context.Context, channel, thread, key string, since time.Time) (ts string, err error) {
	oldest := seconds(since.Add(-clockSkew))
	cursor := ""
	for range 10 { // at most 2,000 messages since; what was posted is among the newest
		var page []slack.Message
		if thread != "" {
			page, _, cursor, err = a.client.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: channel, Timestamp: thread, Oldest: oldest, Inclusive: true, Limit: 200, Cursor: cursor, IncludeAllMetadata: true})
		} else {
			var h *slack.GetConversationHistoryResponse
			h, err = a.client.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
				ChannelID: channel, Oldest: oldest, Inclusive: true, Limit: 200, Cursor: cursor, IncludeAllMetadata: true})
			if err == nil {
				page, cursor = h.Messages, h.ResponseMetaData.NextCursor
			}
		}
		if err != nil {
			return "", a.fail("conversations.history", channel, err)
		}
		for _, m := range page {
			if m.Metadata.EventType == metadataType && m.Metadata.EventPayload["key"] == key {
				return m.Timestamp, nil
			}
		}
		if cursor == "" {
			return "", nil
		}
	}
	return "", nil
}

// place tells whether the bot can post in a channel, joining it if it is public.
func (a *slackAPI) place(ctx context.Context, channel string) (ok bool, err error) {
	c, err := a.client.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	if err := a.fail("conversations.info", channel, err); err != nil {
		var e *Error
		if errors.As(err, &e) && !e.Passing {
			return false, nil // a private channel it is not in looks as if it did not exist
		}
		return false, err
	}
	switch {
	case c.IsIM || c.IsMpIM || c.IsMember:
		return !c.IsArchived, nil
	case c.IsPrivate || c.IsArchived:
		return false, nil
	}
	_, _, _, err = a.client.JoinConversationContext(ctx, channel)
	if err := a.fail("conversations.join", channel, err); err != nil {
		var e *Error
		if errors.As(err, &e) && !e.Passing {
			return false, nil
		}
		return false, err
	}
	return true, nil
}

// direct opens the direct message with a person.
func (a *slackAPI) direct(ctx context.Context, user string) (channel string, err error) {
	c, _, _, err := a.client.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	if err := a.fail("conversations.open", "", err); err != nil {
		return "", err
	}
	return c.ID, nil
}

func (a *slackAPI) permalink(ctx context.Context, channel, ts string) (string, error) {
	link, err := a.client.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: channel, Ts: ts})
	return link, a.fail("chat.getPermalink", "", err)
}

// answer is a message for a response_url. It stands beside the message with the button, and links are not unfurled.
type answer struct {
	Type    string        `json:"response_type"`
	Replace bool          `json:"replace_original"`
	Text    string        `json:"text"`
	Blocks  []slack.Block `json:"blocks"`
	Thread  string        `json:"thread_ts,omitempty"`
	Links   bool          `json:"unfurl_links"`
	Media   bool          `json:"unfurl_media"`
}

// respond answers through a response_url (Slack: Handling user interaction, "Message responses"). A public answer stands in
// the thread, if one is given.
func (a *slackAPI) respond(ctx context.Context, address string, m Message, public bool, thread string) error {
	kind := slack.ResponseTypeEphemeral
	if public {
		kind = slack.ResponseTypeInChannel
	}
	said := answer{Type: kind, Text: fallback(m), Blocks: blocks(m, 0)}
	if public {
		said.Thread = thread
	}
	body, err := json.Marshal(said)
	if err != nil {
		return fmt.Errorf("writing an answer: %w", err)
	}
	return a.postJSON(ctx, address, body)
}

// replace puts a message in the place of the one whose button was pressed, through the response_url of that press.
func (a *slackAPI) replace(ctx context.Context, address string, m Message) error {
	body, err := json.Marshal(answer{Type: slack.ResponseTypeEphemeral, Replace: true, Text: fallback(m), Blocks: blocks(m, 0)})
	if err != nil {
		return fmt.Errorf("writing an answer: %w", err)
	}
	return a.postJSON(ctx, address, body)
}

func (a *slackAPI) postJSON(ctx context.Context, address string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return &Error{Op: "response_url", Code: "unusable address"}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.http.Do(req)
	if err != nil {
		return a.fail("response_url", "", err)
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 512)) // only words for the log
	if resp.StatusCode == http.StatusOK && !bytes.Contains(said, []byte(`"ok":false`)) {
		return nil
	}
	e := &Error{Op: "response_url", Code: fmt.Sprintf("http_%d %s", resp.StatusCode, strings.TrimSpace(string(said)))}
	e.Passing = resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests
	e.Unclear = resp.StatusCode >= 500
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		e.RetryAfter = time.Duration(s) * time.Second
	}
	return e
}

// fail makes what slack-go or the network said an *Error, and takes note of a rate limit for everybody.
func (a *slackAPI) fail(op, channel string, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op}
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	var refused slack.SlackErrorResponse
	switch {
	case errors.As(err, &limited):
		e.Code, e.RetryAfter, e.Passing = "rate limited", limited.RetryAfter, true
	case errors.As(err, &status):
		e.Code, e.Passing = fmt.Sprintf("http_%d", status.Code), status.Code >= 500 || status.Code == http.StatusTooManyRequests
		e.Unclear = status.Code >= 500
		if status.Code == http.StatusTooManyRequests { // without Retry-After, which slack-go tells apart
			e.RetryAfter = 30 * time.Second
		}
	case errors.As(err, &refused):
		e.Code, e.Needed = refused.Err, refused.Needed
		e.Passing = passing[refused.Err]
		e.Unclear = refused.Err == "internal_error" || refused.Err == "fatal_error"
	default:
		e.Code, e.Passing, e.Unclear = network(err), true, true
	}
	if e.RetryAfter > 0 {
		a.budget.block(op, channel, e.RetryAfter)
	}
	return e
}

// passing are Slack's error words that a later try may not meet. A bot token that does not work is among them: until an
// administrator has set it right nothing can be said, and what waits to be said must not be given up for that.
var passing = map[string]bool{"ratelimited": true, "rate_limited": true, "internal_error": true, "fatal_error": true,
	"service_unavailable": true, "request_timeout": true, "team_added_to_org": true,
	"invalid_auth": true, "not_authed": true, "account_inactive": true, "token_revoked": true, "token_expired": true,
	"org_login_required": true}

// network words a transport error without the address in it: a response_url and a socket's URL are secrets.
func network(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var n net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &n) && n.Timeout():
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op + ": " + op.Err.Error()
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "the answer broke off"
	}
	return "network error"
}
