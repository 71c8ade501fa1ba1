package bot

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// nearest returns up to n of the known words that word is probably meant to be: close in spelling, or begun by it.
func nearest(word string, known []string, n int) []string {
	word = strings.ToLower(word)
	type near struct {
		name     string
		distance int
	}
	var all []near
	for _, k := range known {
		lower := strings.ToLower(k)
		d := levenshtein.Distance(word, lower, nil)
		if len(word) >= 2 && strings.HasPrefix(lower, word) {
			d = 0
		}
		if d <= max(1, len(word)/3) {
			all = append(all, near{k, d})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	var out []string
	for _, a := range all[:min(n, len(all))] {
		out = append(out, a.name)
	}
	return out
}
