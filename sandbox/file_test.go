package sandbox_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"shipmate/sandbox"
)

// The page shows a picture that was sent, with its words, and nothing else that was sent as if it were its own.
func TestThePageShowsPictures(t *testing.T) {
	t.Parallel()
	s, server := stage(t, sandbox.Options{})
	payments := look(t, server, "as=ana&channel=payments").Channel.ID
	api := slack.New(sandbox.SlackToken(s), slack.OptionAPIURL(sandbox.SlackURL(s)))
	send := func(name, data string) string {
		f, err := api.UploadFileContext(t.Context(), slack.UploadFileParameters{Filename: name, FileSize: len(data), Reader: strings.NewReader(data),
			Channel: payments, Title: "Numbers", AltTxt: "four of five"})
		if err != nil {
			t.Fatal(err)
		}
		return f.ID
	}
	get := func(path string) (int, string, string) {
		res, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("Content-Type"), string(body)
	}
	const pixels = "\x89PNG\r\n\x1a\nand so on"
	picture, script := send("stats.png", pixels), send("evil.png", "<script>alert(1)</script>")
	if status, kind, body := get("/api/file/" + picture); status != http.StatusOK || kind != "image/png" || body != pixels {
		t.Errorf("got %d %s %q", status, kind, body)
	}
	for _, id := range []string{script, "F0NONE"} {
		if status, _, _ := get("/api/file/" + id); status != http.StatusNotFound {
			t.Errorf("%s: %d", id, status)
		}
	}
	if _, _, state := get("/api/state?as=ana&channel=payments"); !strings.Contains(state, "four of five") || strings.Contains(state, `"data"`) {
		t.Errorf("the state does not name the picture, or carries it: %.2000s", state)
	}
}
