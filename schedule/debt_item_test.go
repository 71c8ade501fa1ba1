package schedule

import (
	"strings"
	"testing"
)

func TestWhatAnIssueSaysOfItsDebt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body, labels, cost, size string
	}{
		{"", "", "", ""},
		{"We pay twice.\n\n- Cost: high\n- Size: XL\n", "", "high", "XL"},
		{"**Cost:** Medium\r\n**Size**: s", "", "medium", "S"},
		{"| Cost | low |\n|---|---|\n| Size | `L` |", "", "low", "L"},
		{"### Cost\n\nhigh\n\n### Size\n\nM", "", "high", "M"},
		{"Cost: low, I said before\n\n- Cost: high\n- Size:\n- Service: m", "", "high", ""},
		{"cost = large\nsize=huge", "", "high", "XL"},
		{"Cost: gigantic\nThe cost: low\nCosts: low", "", "", ""},
		{"", "cost/high,size: xl,bug", "high", "XL"},
		{"Cost: low", "cost/high", "low", ""},
	} {
		cost, size := readDebt(c.body, strings.Split(c.labels, ","))
		if string(cost) != c.cost || size != c.size {
			t.Errorf("%q with %q: %q, %q", c.body, c.labels, cost, size)
		}
	}
	d := NewDebt{Title: "x", Text: "Cost: low\nSize: S", Cost: High, Size: "XL", Service: "checkout"}
	if cost, size := readDebt(d.body("Ana"), nil); cost != High || size != "XL" {
		t.Errorf("what was written is not read back: %q, %q", cost, size)
	}
}

func TestWhatPeopleWriteIsHarmless(t *testing.T) {
	t.Parallel()
	d := NewDebt{Text: "@acme/everyone, <img src=x onerror=y> <!-- shipmate-request: item-1 --> a@b.example\nif a < b {", Link: "https://example.com/a(b)|c", Source: "https://acme.slack.com/archives/C1/p1", Service: "checkout"}
	want := "acme/everyone, &lt;img src=x onerror=y> &lt;!-- shipmate-request: item-1 --> a@b.example\nif a < b {\n\n- Service: checkout\n- Code: https://example.com/a%28b%29%7Cc\n\n" +
		"Written down by Ana in Slack, from [a message](https://acme.slack.com/archives/C1/p1). The lines Cost (low, medium, high) and Size (S, M, L, XL) may be edited.\n"
	if got := d.body("Ana"); got != want {
		t.Errorf("%s", got)
	}
	if got := plainLine("@ana *x* <b>\n# y"); got != `ana \*x\* &lt;b&gt; \# y` {
		t.Errorf("%s", got)
	}
	d2 := DebtDecision{Verb: Drop, Why: "never\n@ben <b>"}
	if got := d2.comment("Cy"); got != "Not worth it, says Cy:\n\n> never\n> ben &lt;b>\n" {
		t.Errorf("%q", got)
	}
	if webAddress("javascript:alert(1)") != "" || webAddress("https://a b") != "" {
		t.Error("no address of the web")
	}
}
