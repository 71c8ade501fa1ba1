package clock

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the released image is empty: without this no zone but UTC would load there
)

// LoadZone returns the time zone of an IANA name such as "Europe/Berlin", or UTC. Unlike time.LoadLocation it refuses the
// empty name and "Local", which mean something else on every machine, and its error says what would be right.
func LoadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errors.New(`a time zone needs a name such as "Europe/Berlin" or "UTC"`)
	}
	zone, err := time.LoadLocation(name)
	if err == nil {
		return zone, nil
	}
	if meant := similarZone(name); meant != "" {
		return nil, fmt.Errorf("%q is not a time zone: did you mean %q?", name, meant)
	}
	return nil, fmt.Errorf("%q is not a time zone: use a name of the IANA list such as \"Europe/Berlin\" or \"UTC\"", name)
}

// zoneRegions are the first words of IANA names, the ones people most often leave out first.
var zoneRegions = []string{"Europe", "America", "Asia", "Australia", "Africa", "Pacific", "Atlantic", "Indian", "Antarctica"}

// similarZone mends what people get wrong most: letter case, spaces, and a city without its region.
func similarZone(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '_' })
	for i, w := range words {
		parts := strings.Split(w, "/")
		for j, p := range parts {
			if p != "" {
				parts[j] = strings.ToUpper(p[:1]) + p[1:]
			}
		}
		words[i] = strings.Join(parts, "/")
	}
	city := strings.Join(words, "_")
	candidates := []string{strings.ToUpper(name), city}
	for _, region := range zoneRegions {
		candidates = append(candidates, region+"/"+city)
	}
	for _, c := range candidates {
		if _, err := time.LoadLocation(c); err == nil && c != "Local" {
			return c
		}
	}
	return ""
}
