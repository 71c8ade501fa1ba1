package github

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

var (
	// Every line of a job's log begins with the time the runner wrote it.
	logStamp = regexp.MustCompile(`^\x{FEFF}?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ?`)
	// Colours and other sequences for terminals: CSI, OSC, and two-character ones (ECMA-48).
	terminal = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[@-Z\\\\^_])")
	// The runner's markup: ##[group]Run make, ##[error]Process completed with exit code 1.
	markup = regexp.MustCompile(`^##\[(\w+)\]`)
)

const maxLogLine = 500

// cutStamp splits the time stamp off a line.
func cutStamp(line string) (stamp time.Time, rest string, found bool) {
	m := logStamp.FindStringSubmatch(line)
	if m == nil {
		return time.Time{}, line, false
	}
	stamp, err := time.Parse(time.RFC3339Nano, m[1])
	return stamp, line[len(m[0]):], err == nil
}

// cleanLog makes lines fit for showing to people.
func cleanLog(lines []string, secrets *redactor) []string {
	var out []string
	inKey := false
	for _, line := range lines {
		_, line, _ = cutStamp(line)
		line = plainText(line)
		line, shown := withoutMarkup(line)
		if !shown {
			continue
		}
		if strings.Contains(line, "PRIVATE KEY-----") {
			inKey = strings.Contains(line, "-----BEGIN")
			line = masked
		} else if inKey {
			continue
		}
		line = secrets.mask(line)
		if runes := []rune(line); len(runes) > maxLogLine {
			line = string(runes[:maxLogLine-1]) + "…"
		}
		out = append(out, strings.TrimRight(line, " \t"))
	}
	return trimBlank(out)
}

// plainText drops what only a terminal understands. Of a line redrawn with carriage returns the last drawing stays.
func plainText(line string) string {
	line = terminal.ReplaceAllString(strings.TrimRight(line, "\r"), "")
	if i := strings.LastIndexByte(line, '\r'); i >= 0 {
		line = line[i+1:]
	}
	return strings.Map(func(r rune) rune {
		if r == '\t' || !unicode.IsControl(r) {
			return r
		}
		return -1
	}, line)
}

func withoutMarkup(line string) (string, bool) {
	m := markup.FindStringSubmatch(line)
	if m == nil {
		return line, true
	}
	text := line[len(m[0]):]
	switch m[1] {
	case "endgroup", "debug":
		return "", false
	case "error", "warning", "notice":
		return m[1] + ": " + text, true
	}
	return text, true
}

func trimBlank(lines []string) []string {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
