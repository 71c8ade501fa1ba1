package adr

import (
	"errors"
	"path"
	"strconv"
	"strings"
)

// MaxNumber is the highest number of a record: four digits are what the tools that read such files know (adr-review-debt, section 3.1).
const MaxNumber = 9999

// ErrFull says that a directory has a record with the highest number.
var ErrFull = errors.New("there is no number left: other tools read four digits, and 9999 is taken")

// NextNumber is the number of the next record in a directory with these entries: the highest and one. Like adr-tools it counts every name
// that begins with a number, and fills no gap (adr-vectors, C). Unlike there, names with numbers above 9,999, which are dates, do not
// count.
func NextNumber(names []string) (int, error) {
	highest := 0
	for _, name := range names {
		if n, _, ok := leadingNumber(path.Base(name)); ok && n <= MaxNumber {
			highest = max(highest, n)
		}
	}
	if highest == MaxNumber {
		return 0, ErrFull
	}
	return highest + 1, nil
}

// NumberOf is the number in the name of a record's file, whatever zeros it begins with. ok is false when it is not the name of a record.
func NumberOf(name string) (n int, ok bool) {
	if !IsRecordName(name) {
		return 0, false
	}
	n, _, ok = leadingNumber(name)
	return n, ok
}

// IsRecordName tells whether a name in a directory of records is that of one: digits, a dash, anything, and ".md" (adr-vectors, B). What
// adr-tools also lists, such as 0002-b.md.bak, is none.
func IsRecordName(name string) bool {
	_, rest, ok := leadingNumber(name)
	return ok && strings.HasPrefix(rest, "-") && strings.HasSuffix(rest, ".md") && !strings.ContainsAny(name, "/\n")
}

// leadingNumber is the number that a name begins with, and what follows it. A number that no int of 32 bits holds is none.
func leadingNumber(name string) (n int, rest string, ok bool) {
	end := 0
	for end < len(name) && name[end] >= '0' && name[end] <= '9' {
		end++
	}
	n64, err := strconv.ParseInt(name[:end], 10, 32)
	return int(n64), name[end:], err == nil
}
