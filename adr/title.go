package adr

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxTitle is how long a title may be, in characters: it stands in a heading, in links, in a pull request's title and in a message.
const maxTitle = 200

// TitleError says why a title cannot be one.
type TitleError struct{ Why string } // ends the sentence "it cannot be the title: …"

// Error is a sentence for people.
func (e *TitleError) Error() string { return "This cannot be a title: " + e.Why + "." }

// unlinkable are characters that break what other tools read: square brackets the links of adr-tools and adrs (adr-vectors, H10), a
// double quote the graph of adr-tools (J5).
var unlinkable = strings.NewReplacer("[", "(", "]", ")", `"`, "'")

// closing is what Markdown takes away from a heading's end, and a backslash that would take the end of a link away.
var closing = regexp.MustCompile(`( #+|\\| )+$`)

// CleanTitle makes a title of what somebody wrote: one line in NFC without control characters, at most 200 characters, with round brackets
// for square ones and single quotes for double ones. The error is a *TitleError. A clean title stays as it is.
func CleanTitle(title string) (string, error) {
	title = norm.NFC.String(strings.ToValidUTF8(title, "\uFFFD"))
	title = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), hidden(r):
			return -1
		}
		return r
	}, title)
	title = norm.NFC.String(strings.Join(strings.Fields(unlinkable.Replace(title)), " "))
	title = closing.ReplaceAllString(title, "")
	switch {
	case title == "":
		return "", &TitleError{"it is empty"}
	case !strings.ContainsFunc(title, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }):
		return "", &TitleError{"there is no letter in it"}
	case utf8.RuneCountInString(title) > maxTitle:
		return "", &TitleError{fmt.Sprintf("it is longer than %d characters", maxTitle)}
	}
	return title, nil
}

// hidden are characters that nobody sees and that reorder or glue others. The joiners that scripts and emoji need are none of them.
func hidden(r rune) bool {
	return r == '\u200B' || r == '\u200E' || r == '\u200F' || r == '\u2060' || r == '\uFEFF' || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// maxSlug is how long a slug may be, in bytes. A file name may have 255 in Git and on most disks; people want to read it.
const maxSlug = 80

// latin are letters that do not come apart into one of a–z and an accent.
var latin = map[rune]string{'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l",
	'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th", 'ħ': "h", 'Ħ': "h", 'ı': "i", 'ŋ': "n", 'Ŋ': "n", 'ŧ': "t", 'Ŧ': "t", 'ĸ': "k"}

// Slug is what a title becomes in a file name: never empty, at most 80 bytes, letters and digits in small letters with a dash for whatever
// is between them. Of ASCII titles it is what adr-tools makes (adr-vectors, D). That drops every other letter; here Latin letters lose
// their accents, and those of other scripts stay.
func Slug(title string) string {
	var b strings.Builder
	dash, foreign := false, false // something was left out since the last letter; the last letter was of another script
	put := func(s string) {
		if dash && b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(s)
		dash = false
	}
	for _, r := range norm.NFC.String(strings.ToValidUTF8(title, " ")) {
		switch {
		case unicode.IsMark(r) && !unicode.Is(unicode.Variation_Selector, r):
			if foreign && !dash {
				put(string(r))
			}
		case unicode.Is(unicode.Latin, r) || r < utf8.RuneSelf || unicode.IsDigit(r) && plainLatin(r) != "":
			foreign = false
			if plain := plainLatin(r); plain != "" {
				put(plain)
			} else {
				dash = true
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			foreign = true
			put(string(unicode.ToLower(r)))
		default:
			dash = true
		}
	}
	if b.Len() == 0 {
		return "decision"
	}
	return norm.NFC.String(cut(b.String(), maxSlug))
}

// plainLatin is a letter or digit without its accent, in small letters; empty when it is neither.
func plainLatin(r rune) string {
	if s, ok := latin[r]; ok {
		return s
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		if part >= 'A' && part <= 'Z' || part >= 'a' && part <= 'z' || part >= '0' && part <= '9' {
			b.WriteRune(unicode.ToLower(part))
		}
	}
	if b.Len() == 0 && unicode.IsLetter(r) {
		return string(unicode.ToLower(r))
	}
	return b.String()
}

// cut shortens a slug to a number of bytes, between words when that leaves most of it.
func cut(slug string, most int) string {
	if len(slug) <= most {
		return slug
	}
	end := most
	for !utf8.RuneStart(slug[end]) {
		end--
	}
	if at := strings.LastIndexByte(slug[:end+1], '-'); at > most/2 {
		end = at
	}
	return strings.TrimRight(slug[:end], "-")
}

// FileName is the name of a record's file: its number in four digits and the title's slug.
func FileName(n int, title string) string { return fmt.Sprintf("%04d-%s.md", n, Slug(title)) }
