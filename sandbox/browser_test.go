//go:build browser

package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"shipmate/sandbox"
)

// css finds elements by selector.
type css = chromedp.CSS

// browser opens headless Chromium and returns a context for chromedp. Anything the page's scripts throw or log as an
// error fails the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	o := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), o...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	err := chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw: %s", thrown(e.ExceptionDetails))
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError {
				t.Errorf("the page logged an error: %s", e.Args[0].Description)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

// manifest is the stand-in's.
const manifest = `{"_metadata": {"major_version": 2}, "display_information": {"name": "Shipmate"},
	"features": {"app_home": {"home_tab_enabled": true, "messages_tab_enabled": true}, "bot_user": {"display_name": "shipmate"},
		"slash_commands": [{"command": "/deploy", "description": "Deploy", "should_escape": true}],
		"shortcuts": [{"name": "Deploy from this", "type": "message", "callback_id": "deploy", "description": "Opens the form"}]},
	"oauth_config": {"scopes": {"bot": ["commands", "chat:write", "im:history", "app_mentions:read"]}},
	"settings": {"socket_mode_enabled": true, "interactivity": {"is_enabled": true}, "event_subscriptions": {"bot_events": ["app_home_opened", "app_mention"]}}}`

// bound is a stage with the stand-in bot running on it.
func bound(t *testing.T) *httptest.Server {
	t.Helper()
	_, server := boundStage(t)
	return server
}

// boundStage is bound, with the stage itself.
func boundStage(t *testing.T) (*sandbox.Stage, *httptest.Server) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s, server := stage(t, sandbox.Options{BotCommand: []string{program, "standin"}, Manifest: []byte(manifest)})
	sandbox.AddBotEnv(s, "STANDIN_SLACK="+sandbox.SlackURL(s))
	post(t, server, "door", `{"lever":"bot-start"}`)
	return s, server
}

// run does things in the browser, or fails the test with a picture of what the page looked like.
func run(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for i, a := range actions {
		err := do(ctx, a)
		if err != nil && strings.Contains(err.Error(), "Could not find node") {
			err = do(ctx, a) // the page drew itself anew between finding an element and using it
		}
		if err != nil {
			picture(t, ctx, "failed-"+t.Name())
			t.Fatalf("step %d: %v", i+1, err)
		}
	}
}

func do(ctx context.Context, a chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return chromedp.Do(ctx, a)
}

// picture keeps a screenshot in $STAGE_PICTURES, if that is set.
func picture(t *testing.T, ctx context.Context, name string) {
	dir := os.Getenv("STAGE_PICTURES")
	if dir == "" {
		return
	}
	if err := chromedp.Do(ctx, chromedp.Sleep(300*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Logf("no picture: %v", err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, "/", "-")+".png"), png, 0o600); err != nil {
		t.Error(err)
	}
}

func dark() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		return err
	})
}

// enter types a line into the channel's composer and sends it.
func enter(line string) chromedp.Action[chromedp.Void] {
	box := "#composer textarea"
	return chromedp.Steps(chromedp.WaitVisible(css(box)), chromedp.SendKeys(css(box), line), chromedp.Click(css("#composer .send")))
}

// until waits until an expression of JavaScript is true, asking inside the page (whose policy forbids evaluating strings), also on the
// page that comes when it loads itself anew meanwhile.
func until(expression string) chromedp.Action[chromedp.Void] {
	wait := once(expression)
	return func(ctx context.Context, page *chromedp.Target) (chromedp.Void, error) {
		for {
			v, err := wait(ctx, page)
			if err == nil || !strings.Contains(err.Error(), "navigated") {
				return v, err
			}
		}
	}
}

// once is until for an expression that does something: it is not asked again on the page that comes of it.
func once(expression string) chromedp.Action[chromedp.Void] {
	wait := chromedp.Evaluate[bool](`new Promise((done) => { const ask = () => (`+expression+`) ? done(true) : setTimeout(ask, 30); ask(); })`,
		chromedp.EvalAwaitPromise)
	return func(ctx context.Context, page *chromedp.Target) (chromedp.Void, error) {
		if _, err := wait(ctx, page); err != nil {
			return chromedp.Void{}, fmt.Errorf("waiting for %s: %w", expression, err)
		}
		return chromedp.Void{}, nil
	}
}

// says waits for an element with this text.
func says(selector, text string) chromedp.Action[chromedp.Void] {
	return until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.textContent.includes(%q))`, selector, text))
}

// press clicks the first element with this text, once there is one that can be pressed.
func press(selector, text string) chromedp.Action[chromedp.Void] {
	return once(fmt.Sprintf(`[...document.querySelectorAll(%q)].filter((e) => !e.disabled && e.textContent.includes(%q)).slice(0, 1).map((e) => e.click()).length`, selector, text))
}

// retype replaces what stands in a field.
func retype(selector, text string) chromedp.Action[chromedp.Void] {
	return until(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event("input")); return true; })()`, selector, text))
}

// connected waits until the bot has its socket open.
func connected() chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(css("#head .light.good"))
}

func desktop() chromedp.Action[chromedp.Void] { return chromedp.EmulateViewport(1360, 860) }

func TestACardAndItsButtons(t *testing.T) {
	ctx, server := browser(t), bound(t)
	run(t, ctx, desktop(), chromedp.Navigate(server.URL), connected(),
		enter("/deploy checkout staging"), says(".message .b-text", "Deploying"))
	picture(t, ctx, "desktop")
	run(t, ctx, press(".b-actions .btn", "Cancel"), says("dialog h3", "Cancel this deploy?"))
	picture(t, ctx, "confirm")
	run(t, ctx, press("dialog .btn", "Cancel it"), says(".message .b-text", "Cancelled"), says(".thread-link", "1 reply"),
		press(".thread-link", "1 reply"), says("#panel .message", "cancelled it"))
	picture(t, ctx, "thread")
	run(t, ctx, dark())
	picture(t, ctx, "thread-dark")
}

func TestAForm(t *testing.T) {
	ctx, server := browser(t), bound(t)
	run(t, ctx, desktop(), chromedp.Navigate(server.URL), connected(),
		enter("/deploy"), says("dialog h3", "Deploy"))
	picture(t, ctx, "form")
	run(t, ctx, press("dialog .choices label", "staging"),
		chromedp.Click(css("#f-branch-branch")), press(".menu-row", "pay-later"), says("#f-branch-branch", "pay-later"),
		chromedp.SendKeys(css("#f-ref-ref"), "nope"), press("dialog .btn", "Deploy"), says("dialog .error", "There is no branch"))
	picture(t, ctx, "form-error")
	run(t, ctx, dark())
	picture(t, ctx, "form-error-dark")
	run(t, ctx, retype("#f-ref-ref", "main"), press("dialog .btn", "Deploy"), chromedp.WaitNotPresent(css("dialog[open]")))
}

func TestTheGuideIsPlayedBySomebodyWhoMay(t *testing.T) {
	ctx, server := browser(t), bound(t)
	run(t, ctx, desktop(), chromedp.Navigate(server.URL+"/#/hugo/general"), connected(), says(".whoami strong", "Hugo"),
		chromedp.Click(css(`[data-step="fail"]`)), says(".whoami strong", "Ana Costa"), says("h1", "storefront"), says(".message .b-text", "Deploying"),
		chromedp.Click(css("#door-button")), chromedp.WaitVisible(css(`[data-lever="next-fail"].on`)),
		chromedp.Click(css("#guide .icon-button")), until(`document.querySelector("#guide").hidden`),
		chromedp.Navigate(server.URL), connected(), until(`document.querySelector("#guide").hidden`))
}

func TestOnlyVisibleToYou(t *testing.T) {
	ctx, server := browser(t), bound(t)
	run(t, ctx, desktop(), chromedp.Navigate(server.URL), connected(), enter("/deploy status checkout"), says(".ephemeral .only-you", "Only visible to you"),
		says(".ephemeral", "<script>alert(1)</script> <b>"), says(".ephemeral time", "since 14 Nov 2023"))
	picture(t, ctx, "ephemeral")
	// Pressed in the page, which may draw them anew between finding and clicking.
	run(t, ctx, press(".whoami", ""), press(`[data-person="ben"]`, ""), says(".whoami strong", "Ben Okafor"), chromedp.WaitNotPresent(css(".ephemeral")))
}

func TestCompletion(t *testing.T) {
	ctx, server := browser(t), bound(t)
	box := "#composer textarea"
	run(t, ctx, desktop(), chromedp.Navigate(server.URL), connected(), chromedp.SendKeys(css(box), "/dep"), says(".complete .menu-row", "/deploy"),
		chromedp.SendKeys(css(box), "\t"), says(".complete .menu-row", "catalog"), says(".complete .menu-row", "cancel"))
	picture(t, ctx, "completion")
	run(t, ctx, chromedp.SendKeys(css(box), "checkout@fix"), says(".complete .menu-row", "fix/double-voucher"), chromedp.SendKeys(css(box), "\t"),
		says(".complete .menu-row", "production"))
	typed, err := chromedp.Run(ctx, chromedp.Value(css(box)))
	if err != nil {
		t.Fatal(err)
	}
	if typed != "/deploy checkout@fix/double-voucher " {
		t.Errorf("completed to %q", typed)
	}
}

func TestTheStageDoor(t *testing.T) {
	ctx, server := browser(t), bound(t)
	run(t, ctx, desktop(), chromedp.Navigate(server.URL), connected(), chromedp.Click(css("#door-button")), says(".door .log", "shipmate starts"),
		chromedp.Click(css(`[data-lever="github-down"]`)), chromedp.WaitVisible(css(`[data-lever="github-down"].on`)))
	picture(t, ctx, "door")
	run(t, ctx, chromedp.Click(css(`[data-lever="bot-kill"]`)), says(".bot-status", "ended by signal KILLED"), chromedp.WaitVisible(css("#head .light.bad")))
	run(t, ctx, enter("/deploy checkout staging")) // nobody hears it
	post(t, server, "door", `{"lever":"clock-1m"}`)
	run(t, ctx, says(".message.ephemeral", "/deploy failed with the error"))
	picture(t, ctx, "nobody-there")
	run(t, ctx, chromedp.Click(css(`[data-lever="bot-start"]`)), connected(), dark())
	picture(t, ctx, "door-dark")
}

func TestOnAPhone(t *testing.T) {
	ctx, server := browser(t), bound(t)
	run(t, ctx, chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch), chromedp.Navigate(server.URL), connected())
	picture(t, ctx, "phone-start")
	run(t, ctx, enter("/deploy checkout staging"), says(".message .b-text", "Deploying"))
	picture(t, ctx, "phone")
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`))
	if wide || err != nil {
		t.Errorf("the page is wider than a phone, or: %v", err)
	}
	run(t, ctx, chromedp.Click(css(".only-phone")), chromedp.WaitVisible(css(".side-open #side")))
	picture(t, ctx, "phone-side")
	run(t, ctx, press("#side .row", "Stage door"), chromedp.WaitVisible(css("#panel .door")))
	picture(t, ctx, "phone-door")
	run(t, ctx, chromedp.Click(css("#panel .icon-button")), enter("/deploy"), says("dialog h3", "Deploy"))
	picture(t, ctx, "phone-form")
}

func TestAMessageShortcutAndTheHomeTab(t *testing.T) {
	ctx, server := browser(t), bound(t)
	run(t, ctx, desktop(), chromedp.Navigate(server.URL+"/#/ana/@shipmate"), connected(), press(".tabs button", "Home"), says("#home", "Nothing here yet"))
	picture(t, ctx, "home")
	run(t, ctx, chromedp.Navigate(server.URL+"/#/ana/payments"), says(".message", "VAT rounding"),
		until(`[...document.querySelectorAll(".message")].filter((e) => e.textContent.includes("VAT rounding")).map((e) => e.querySelector("[title='More actions']").click()).length`),
		says(".menu", "Deploy from this"), press(".menu-row", "Deploy from this"), says("dialog h3", "Deploy"))
}

func TestOnesOwnMessageIsEditedAndDeleted(t *testing.T) {
	ctx, server := browser(t), bound(t)
	more := func(words string) chromedp.Action[chromedp.Void] {
		return until(fmt.Sprintf(`[...document.querySelectorAll(".message")].filter((e) => !e.disabled && e.textContent.includes(%q)).slice(0, 1).map((e) => e.querySelector("[title='More actions']").click()).length`, words))
	}
	run(t, ctx, desktop(), chromedp.Navigate(server.URL+"/#/ana/payments"), connected(), says(".message", "VAT rounding"),
		more("VAT rounding"), says(".menu", "Copy text"), until(`!document.querySelector(".menu").textContent.includes("Delete")`), press(".message", ""),
		enter("ship <it> & tell @ben"), says(".message", "ship <it> & tell @ben"), more("ship <it>"), press(".menu-row", "Edit message"),
		until(`document.querySelector(".edit textarea").value === "ship <it> & tell @ben"`), retype(".edit textarea", "ship *that* & tell @ben"),
		press(".edit .btn", "Save"), says(".message .text", "ship that & tell @ben (edited)"), says(".message strong", "that"))
	picture(t, ctx, "edited")
	run(t, ctx, more("ship that"), press(".menu-row", "Delete message"), until(`![...document.querySelectorAll(".message")].some((e) => e.textContent.includes("ship that"))`))
}

func TestReactionsArePickedAndTakenBack(t *testing.T) {
	ctx, server := browser(t), bound(t)
	of := func(words, selector string) string {
		return fmt.Sprintf(`[...document.querySelectorAll(".message")].filter((e) => !e.disabled && e.textContent.includes(%q)).slice(0, 1).flatMap((e) => [...e.querySelectorAll(%q)])`, words, selector)
	}
	run(t, ctx, desktop(), chromedp.Navigate(server.URL+"/#/ana/payments"), connected(), says(".message", "VAT rounding"),
		until(of("VAT rounding", "[title='Add a reaction']")+`.map((e) => e.click()).length`), chromedp.WaitVisible(css(".emoji-grid")),
		retype(".emojis .menu-search", "pager"), until(`document.querySelectorAll(".emoji-grid button").length === 1`))
	picture(t, ctx, "emoji")
	run(t, ctx, chromedp.Click(css(".emoji-grid button")), until(of("VAT rounding", ".reaction.mine")+`.some((e) => e.title.includes(":pager:"))`))
	run(t, ctx, until(of("VAT rounding", ".reaction.mine")+`.map((e) => e.click()).length`), until(of("VAT rounding", ".reaction")+`.length === 0`))
}

func TestARoomAppearsWithWhatItKeeps(t *testing.T) {
	ctx := browser(t)
	s, server := boundStage(t)
	slack := sandbox.Slack(s)
	slack.SetScopes("chat:write", "channels:manage", "channels:read", "pins:write", "bookmarks:write")
	run(t, ctx, desktop(), chromedp.Navigate(server.URL+"/#/ana/payments"), connected(), says("h1", "payments"))
	call := func(method, body string) (answer struct {
		OK      bool
		Error   string
		TS      string
		Channel json.RawMessage
	}) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, slack.URL()+method, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+slack.BotToken)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || !answer.OK {
			t.Fatalf("%s: %s, %v", method, answer.Error, err)
		}
		return answer
	}
	call("conversations.create", `{"name": "inc-1-checkout"}`)
	room, _ := slack.Channel("inc-1-checkout")
	ana, _ := slack.User("ana")
	call("conversations.setTopic", `{"channel": "`+room.ID+`", "topic": "sev1: checkout is down"}`)
	call("conversations.setPurpose", `{"channel": "`+room.ID+`", "purpose": "Where it is mended."}`)
	call("bookmarks.add", `{"channel_id": "`+room.ID+`", "type": "link", "title": "Runbook", "link": "https://runbooks.acme.example"}`)
	card := call("chat.postMessage", `{"channel": "`+room.ID+`", "text": "Checkout is *down*"}`)
	call("pins.add", `{"channel": "`+room.ID+`", "timestamp": "`+card.TS+`"}`)
	run(t, ctx, says("#side .other", "inc-1-checkout"))
	call("conversations.invite", `{"channel": "`+room.ID+`", "users": "`+ana.ID+`"}`)
	run(t, ctx, press("#side a.row", "inc-1-checkout"), says("#head small", "sev1: checkout is down"), says("#shelf a", "Runbook"), says(".begin", "Where it is mended."),
		says(".message .muted", "set the channel topic"), says(".pinned-by", "Pinned by Shipmate"), press("#shelf .pins", "1 pin"), says(".menu.pinned", "Checkout is down"))
	picture(t, ctx, "room")
	run(t, ctx, press(".menu.pinned .menu-row", "Checkout is down"), chromedp.Navigate(server.URL+"/#/ben/payments"), says(".whoami strong", "Ben"),
		press("#side .other", "inc-1-checkout"), says("h1", "inc-1-checkout"), says(".message", "Checkout is down"))
	call("conversations.archive", `{"channel": "`+room.ID+`"}`)
	run(t, ctx, until(`![...document.querySelectorAll("#side .row")].some((e) => e.textContent.includes("inc-1"))`))
}

// TestMarkup checks how texts with Slack's markup come out, and that nothing in them becomes markup of the page.
func TestMarkup(t *testing.T) {
	ctx, server := browser(t), bound(t)
	run(t, ctx, chromedp.Navigate(server.URL), connected())
	render := func(text string) string {
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`import("/static/mrkdwn.js").then((m) => {
			const names = {user: (id) => id === "U1" ? {name: "ana"} : null, channel: () => null, group: () => null, now: () => new Date(0)};
			const d = document.createElement("div"); d.append(...m.mrkdwn(%q, names)); return d.innerHTML; })`, text),
			chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	link := `<a href="https://a.example/" target="_blank" rel="noopener noreferrer">`
	for in, want := range map[string]string{
		"*bold* _it_ ~s~ `c*d*`":            "<strong>bold</strong> <em>it</em> <s>s</s> <code>c*d*</code>",
		"`<https://a.example|c0ffee>` x":    "<code>" + link + "c0ffee</a></code> x",
		"*bold _both_* 2*3*4 snake_case_x":  "<strong>bold <em>both</em></strong> 2*3*4 snake_case_x",
		"<https://a.example|the *a*>":       link + "the *a*</a>",
		"<https://a.example>":               link + "https://a.example</a>",
		"<javascript:alert(1)|x>":           "&lt;javascript:alert(1)|x&gt;",
		"<@U1> <@U2>":                       `<span class="mention">@ana</span> <span class="mention">@unknown</span>`,
		"a &lt;b&gt; &amp;amp; <b>":         "a &lt;b&gt; &amp;amp; &lt;b&gt;",
		"&gt; quoted\n&gt; twice\nnot":      "<blockquote>quoted<br>twice</blockquote>not",
		"```x <b>\n*y*```":                  `<pre class="code">x b` + "\n*y*</pre>",
		":wave: :nonsense:":                 `<span class="emoji" title=":wave:" role="img" aria-label="wave">👋</span> :nonsense:`,
		"<!date^86400^{date_num} {x}|then>": `<time title="then">1970-01-02 {x}</time>`,
		"* not bold *":                      "* not bold *",
		"a\nb":                              "a<br>b",
	} {
		if got := render(in); got != want {
			t.Errorf("%q\n got %s\nwant %s", in, got, want)
		}
	}
}

// TestNoTextBecomesMarkup renders thousands of hostile texts and looks for any element or attribute that is not the
// renderer's own.
func TestNoTextBecomesMarkup(t *testing.T) {
	ctx, server := browser(t), bound(t)
	run(t, ctx, chromedp.Navigate(server.URL), connected())
	pieces := []string{"<", ">", "&lt;", "&gt;", "&amp;", "*", "_", "~", "`", "```", "\n", " ", "a", "|", "!", "@", "#", ":", "tada", "^", "<@U1>",
		"<!date^1^{time}^javascript:alert(1)|x>", "<javascript:alert(1)|x>", "<https://a.example|x>", "<img src=x onerror=alert(1)>", "<script>", "</", "&#60;", "\"", "'", "data:text/html,x", "https://"}
	random := rand.New(rand.NewPCG(1, 2))
	var texts []string
	for range 4000 {
		var b strings.Builder
		for range 1 + random.IntN(14) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		texts = append(texts, b.String())
	}
	list, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	bad, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](fmt.Sprintf(`import("/static/mrkdwn.js").then((m) => {
		const names = {user: () => null, channel: () => null, group: () => null, now: () => new Date(0)};
		const tags = new Set("STRONG EM S CODE PRE BLOCKQUOTE BR A SPAN TIME svg use".split(" "));
		const attributes = new Set("class title role aria-label href target rel".split(" "));
		return %s.filter((text) => {
			const d = document.createElement("div");
			d.append(...m.mrkdwn(text, names));
			return [...d.querySelectorAll("*")].some((e) => !tags.has(e.tagName) || [...e.attributes].some((a) => !attributes.has(a.name) ||
				a.name === "href" && !/^(https?:|mailto:|#e-)/.test(a.value)));
		}); })`, list), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range bad {
		t.Errorf("%q became something else than text", text)
	}
}
