package adr

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// TOC is a table of contents with a link to each record, by number, as `adr generate toc` writes it (adr-vectors, I).
func TOC(records []Record) []byte {
	sorted := slices.Clone(records)
	slices.SortStableFunc(sorted, func(a, b Record) int {
		return cmp.Or(a.Number-b.Number, strings.Compare(a.File, b.File))
	})
	var b strings.Builder
	b.WriteString("# Architecture Decision Records\n\n")
	for _, r := range sorted {
		fmt.Fprintf(&b, "* [%d. %s](%s)\n", r.Number, inLink.Replace(r.Title), inTarget.Replace(r.File))
	}
	return []byte(b.String())
}

var (
	inLink   = strings.NewReplacer("[", `\[`, "]", `\]`, "\n", " ", "\r", " ")
	inTarget = strings.NewReplacer(" ", "%20", "(", "%28", ")", "%29", "\n", "%0A", "\r", "%0D")
)
