//go:build browser

package sandbox_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// built is the directory of the program, which is built once for all tests; TestMain removes it.
var built = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "shipmate-browser-"); err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "shipmate"), "shipmate/cmd/shipmate").CombinedOutput(); err != nil {
		return dir, fmt.Errorf("building shipmate: %w\n%s", err, out)
	}
	return dir, nil
})

// usesProgram tells that it was built.
var usesProgram bool

// program starts shipmate's sandbox as people do, and returns the page's address.
func program(t *testing.T) string {
	t.Helper()
	usesProgram = true
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "shipmate")
	cmd := exec.Command(binary, "sandbox", "--listen", "127.0.0.1:0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the sandbox ended with %v", err)
		}
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if url := regexp.MustCompile(`http://\S+`).FindString(lines.Text()); url != "" {
			go func() {
				for lines.Scan() {
				}
			}()
			return strings.TrimSuffix(url, "/")
		}
	}
	t.Fatal("the sandbox did not say where its page is")
	return ""
}

// lever pulls something at the stage door.
func lever(id string) chromedp.Action[chromedp.Void] {
	return until(`fetch("/api/door", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({lever: "` + id + `"})})`)
}

func step(id, action string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(css(`[data-step="` + id + `"][data-action="` + action + `"]:not(:disabled)`))
}

// here follows a link in this tab that would open another.
func here(selector string) chromedp.Action[chromedp.Void] {
	follow := chromedp.Evaluate[bool]("location.assign(document.querySelector(`" + selector + "`).href), true")
	return func(ctx context.Context, page *chromedp.Target) (chromedp.Void, error) {
		_, err := follow(ctx, page)
		return chromedp.Void{}, err
	}
}

// minutes goes on by a minute until a message says so.
func minutes(words string) chromedp.Action[chromedp.Void] {
	return until(`[...document.querySelectorAll(".message")].some((e) => e.textContent.includes("` + words + `")) ||
		(Date.now() - (window.pulled ?? 0) > 500 && (window.pulled = Date.now(), fetch("/api/door", {method: "POST",
		headers: {"Content-Type": "application/json"}, body: JSON.stringify({lever: "clock-1m"})}), false))`)
}

// TestTheFirstMinute plays the guide with the real bot, through the real program.
func TestTheFirstMinute(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	run(t, ctx, desktop(), chromedp.Navigate(url), connected())
	picture(t, ctx, "real-start")

	run(t, ctx, step("deploy", "line"), says(".message", "Deploying checkout"), says(".steps li.done", "Deploy"))
	picture(t, ctx, "real-deploying")
	run(t, ctx, lever("clock-1m"), says(".message", "is on staging"))
	picture(t, ctx, "real-deployed")

	run(t, ctx, step("approve", "line"), says(".message.ephemeral", "It then waits for 1 approval"), press(".message.ephemeral .btn", "Deploy to production"),
		says(".message", "waits for 1 approval"), says(".message", "New path for saved cards."), says(".message .mention", "platform-eng"))
	picture(t, ctx, "real-waiting")
	run(t, ctx, chromedp.Click(css(".whoami")), press(".menu-row", "Farid"), says(".whoami strong", "Farid"), press(".message .btn", "Approve"))
	picture(t, ctx, "real-approving")
	run(t, ctx, press("dialog .btn", "Approve"), says(".message", "Approved by"), lever("clock-1m"), says(".message", "is on production"))
	picture(t, ctx, "real-approved")

	run(t, ctx, step("kill", "line"), says(".message", "Deploying ledger"), step("kill", "kill"), chromedp.WaitVisible(css("#head .light.bad")),
		lever("clock-1m"), lever("clock-1m"))
	picture(t, ctx, "real-killed")
	run(t, ctx, step("kill", "start"), says(".message", "ledger"), until(`[...document.querySelectorAll(".message")].filter((e) => e.textContent.includes("is on staging")).length === 2`))

	run(t, ctx, step("fail", "line"), says(".message", "Deploying catalog"), lever("clock-1m"), says(".message .b-actions", "Retry"), says(".message", "TimeoutError"),
		says(".chapters [aria-pressed=true]", "A night on call")) // the first is done
	picture(t, ctx, "real-failed")
	run(t, ctx, dark())
	picture(t, ctx, "real-failed-dark")
	run(t, ctx, here(`a[href*="/github/acme/catalog/actions/runs/"]`), chromedp.WaitVisible(css("section pre")), says("h2", "test"), says("pre", "TimeoutError"))
	picture(t, ctx, "real-github-run")
}

// TestAFormThatAsksForInputs has the real bot ask in its form for what a workflow is given, and no more for one that takes nothing.
func TestAFormThatAsksForInputs(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	choose := func(field, label string) chromedp.Action[chromedp.Void] {
		return chromedp.Steps(chromedp.Click(css("#f-"+field+"-v")), press(".menu-row", label), says("#f-"+field+"-v", label))
	}
	filled := chromedp.Steps(enter("/deploy"), says("dialog h3", "Deploy"), choose("service", "gateway"), choose("environment", "staging"),
		press("dialog .btn", "Deploy"), says("dialog", "asks for more"), says("dialog", "Percent of the traffic at first"))
	run(t, ctx, desktop(), chromedp.Navigate(url+"/#/greta/platform"), connected(), says(".whoami strong", "Greta"), filled)
	picture(t, ctx, "inputs-form")
	run(t, ctx, choose(`input\.region`, "eu"), retype(`#f-input\.canary-v`, "101"), press("dialog .btn", "Deploy"),
		says("dialog .error", "canary must be a whole number from 1 to 100"))
	picture(t, ctx, "inputs-form-error")
	run(t, ctx, retype(`#f-input\.canary-v`, "10"), press("dialog .btn", "Deploy"), says("dialog", "tells how it goes"),
		press("dialog .btn", "Close"), chromedp.WaitNotPresent(css("dialog[open]")),
		says(".message", "Deploying gateway"), says(".message", "canary=10"), says(".message", "region=eu"))
	picture(t, ctx, "inputs-card")
	run(t, ctx, filled, choose(`input\.region`, "us"), choose("service", "ledger"), press("dialog .btn", "Deploy"), says(".message", "Deploying ledger"))
}

// TestWhatFallsIll has what is deployed fall ill, and rolls it back.
func TestWhatFallsIll(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	run(t, ctx, desktop(), chromedp.Navigate(url), connected(), step("deploy", "line"), says(".message", "Deploying checkout"))
	run(t, ctx, minutes("healthy since"), minutes("stayed healthy for"))
	run(t, ctx, step("approve", "line"), says(".message.ephemeral", "It then waits for 1 approval"), press(".message.ephemeral .btn", "Deploy to production"),
		says(".message", "waits for 1 approval"), chromedp.Navigate(url+"/#/farid/payments"), connected(), says(".whoami strong", "Farid"),
		press(".message .btn", "Approve"), press("dialog .btn", "Approve"), says(".message", "Approved by"), minutes("is on production"))
	run(t, ctx, lever("unhealthy"), minutes("did not stay healthy"))
	picture(t, ctx, "real-ill")
	run(t, ctx, chromedp.Navigate(url+"/#/farid/general"), says(".message", "and unhealthy: it answered 503, not 200"))
	picture(t, ctx, "real-announced")
}
