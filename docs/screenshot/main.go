// Command screenshot makes docs/sandbox.png: the stage with one deployment that has succeeded and one under way. It needs
// Chromium; run it from the repository's root with `go run ./docs/screenshot`.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/chromedp/chromedp"
)

const picture = "docs/sandbox.png"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "screenshot")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "shipmate")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/shipmate")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building shipmate: %w", err)
	}
	address, end, err := stage(ctx, program)
	if err != nil {
		return err
	}
	defer end()
	png, err := play(ctx, address)
	if err != nil {
		return fmt.Errorf("playing on %s: %w", address, err)
	}
	return os.WriteFile(picture, png, 0o644)
}

var pageAddress = regexp.MustCompile(`http://[0-9.]+:[0-9]+`)

// stage starts the sandbox and returns its page's address and how to end it.
func stage(ctx context.Context, program string) (address string, end func(), err error) {
	cmd := exec.CommandContext(ctx, program, "sandbox", "--listen", "127.0.0.1:0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("starting the sandbox: %w", err)
	}
	end = func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended by itself
		_ = cmd.Wait()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address = pageAddress.FindString(lines.Text()); address != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }() // so that it never waits for us to read
			return address, end, nil
		}
	}
	end()
	return "", nil, errors.New("the sandbox named no address")
}

// play deploys twice and takes the picture while the second one runs.
func play(ctx context.Context, address string) ([]byte, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("hide-scrollbars", true))
	ctx, cancel := chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Steps(
		chromedp.EmulateViewport(1360, 860, chromedp.EmulateScale(2)),
		chromedp.Navigate(address),
		chromedp.WaitVisible(chromedp.CSS("#head .light.good")),
		types("/deploy ledger staging"), shows("is on staging"),
		types("/deploy checkout staging"), shows("Deploying"),
		chromedp.Sleep(25*time.Second), // into the run's jobs
	))
	if err != nil {
		return nil, err
	}
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// types enters a line into the channel's composer.
func types(line string) chromedp.Action[chromedp.Void] {
	box := chromedp.CSS("#composer textarea")
	return chromedp.Steps(chromedp.SendKeys(box, line), chromedp.Click(chromedp.CSS("#composer .send")))
}

// shows waits until a message has the text. The page's policy forbids evaluating strings, so the page itself asks.
func shows(text string) chromedp.Action[chromedp.Void] {
	wait := chromedp.Evaluate[bool](fmt.Sprintf(`new Promise((done) => {
		const ask = () => [...document.querySelectorAll(".message")].some((m) => m.textContent.includes(%q)) ? done(true) : setTimeout(ask, 100);
		ask(); })`, text), chromedp.EvalAwaitPromise)
	return func(ctx context.Context, page *chromedp.Target) (chromedp.Void, error) {
		_, err := wait(ctx, page)
		return chromedp.Void{}, err
	}
}
