package schedule

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"shipmate/integrations/github"
)

// Cost is what technical debt costs as long as it is there.
type Cost string

// The costs; "" is one that nobody has said.
const (
	Low    Cost = "low"
	Medium Cost = "medium"
	High   Cost = "high"
)

// Costs are all of them, the dearest first; Sizes are those of what it takes to pay debt off, the smallest first.
var (
	Costs = []Cost{High, Medium, Low}
	Sizes = []string{"S", "M", "L", "XL"}
)

// rank sorts what costs most first, what nobody has said last.
func (c Cost) rank() int {
	if at := slices.Index(Costs, c); at >= 0 {
		return at
	}
	return len(Costs)
}

// DebtItem is an issue that is technical debt, as it was read.
type DebtItem struct {
	Repo    string    `json:"repo"`
	Number  int       `json:"number"`
	Title   string    `json:"title"` // cut
	URL     string    `json:"url,omitempty"`
	Cost    Cost      `json:"cost,omitempty"`
	Size    string    `json:"size,omitempty"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated,omitzero"`
	Logins  []string  `json:"logins,omitempty"` // who has it, on GitHub
	Who     []string  `json:"who,omitempty"`    // the same as they want to be called
	// Closed is when it was closed; NotPlanned says that it was not paid off, but not worth it.
	Closed     time.Time `json:"closed,omitzero"`
	NotPlanned bool      `json:"not_planned,omitempty"`
	// Until is when it is asked about again, which By wants because of Why; it may have passed.
	Until time.Time `json:"until,omitzero"`
	Day   string    `json:"day,omitempty"` // the same as a date, where the team is
	By    string    `json:"by,omitempty"`  // Slack ID
	Why   string    `json:"why,omitempty"`
}

// is tells whether it is the same issue.
func (d DebtItem) is(other DebtItem) bool { return d.Repo == other.Repo && d.Number == other.Number }

// maxItemTitle is how much is kept of a title.
const maxItemTitle = 150

// itemOf is an issue as an item of the register.
func itemOf(repo string, i github.Issue) DebtItem {
	out := DebtItem{Repo: repo, Number: i.Number, Title: cutTitle(i.Title), URL: i.URL, Created: i.CreatedAt, Updated: i.UpdatedAt, Logins: i.Assignees, Closed: i.ClosedAt,
		NotPlanned: i.StateReason == github.NotPlanned}
	out.Cost, out.Size = readDebt(i.Body, i.Labels)
	return out
}

func cutTitle(s string) string {
	if r := []rune(s); len(r) > maxItemTitle {
		return string(r[:maxItemTitle-1]) + "…"
	}
	return s
}

var (
	// debtLine is a line that says what debt costs or how large it is, as Shipmate writes it or people do: "- Cost: high", "**Size** = XL",
	// "| cost | low |".
	debtLine = regexp.MustCompile("(?im)^[ \t>*_+|-]*(cost|size)[ \t*_]*[:=|][ \t*_|`:]*([a-z]+)")
	// debtHeading is the same as GitHub's issue forms write it: a heading, and the answer below it.
	debtHeading = regexp.MustCompile(`(?im)^#{1,6}[ \t]*(cost|size)[ \t]*\r?\n\s*([a-z]+)`)
	// debtLabel is the same as a label: "cost/high", "size: XL".
	debtLabel = regexp.MustCompile(`(?i)^(cost|size)[ ]*[:/=-][ ]*([a-z]+)$`)

	costWords = map[string]Cost{"low": Low, "small": Low, "medium": Medium, "med": Medium, "mid": Medium, "high": High, "large": High}
	sizeWords = map[string]string{"xs": "S", "s": "S", "small": "S", "m": "M", "medium": "M", "l": "L", "large": "L", "big": "L", "xl": "XL", "xxl": "XL", "huge": "XL"}
)

// readDebt reads what an issue says of its cost and size, in its description or else in its labels. What stands last counts; words that
// mean nothing are passed over.
func readDebt(body string, labels []string) (cost Cost, size string) {
	say := func(what, word string) {
		word = strings.ToLower(word)
		if c, ok := costWords[word]; ok && strings.EqualFold(what, "cost") {
			cost = c
		}
		if s, ok := sizeWords[word]; ok && strings.EqualFold(what, "size") {
			size = s
		}
	}
	for _, l := range labels {
		if m := debtLabel.FindStringSubmatch(l); m != nil {
			say(m[1], m[2])
		}
	}
	for _, p := range []*regexp.Regexp{debtHeading, debtLine} {
		for _, m := range p.FindAllStringSubmatch(body, -1) {
			say(m[1], m[2])
		}
	}
	return cost, size
}

// byCost sorts the dearest first, of those that cost the same the oldest.
func byCost(items []DebtItem) {
	slices.SortStableFunc(items, func(a, b DebtItem) int {
		if d := a.Cost.rank() - b.Cost.rank(); d != 0 {
			return d
		}
		return a.Created.Compare(b.Created)
	})
}

// byAge sorts the oldest first.
func byAge(items []DebtItem) {
	slices.SortStableFunc(items, func(a, b DebtItem) int { return a.Created.Compare(b.Created) })
}
