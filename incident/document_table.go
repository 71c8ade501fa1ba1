package incident

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// actionRow is a row of the table of action items.
type actionRow struct {
	Key    string // names the row within its document, also after it was written anew
	Line   int    // in the document, from 1
	Action string
	Owner  string
	Due    time.Time // the day; zero without one
	Type   string
	Issue  string // as it was written
	// DueText is what was written as a day and is none.
	DueText string
}

// maxActions is how many action items of one document are seen to: more than a few are not done anyway, and each makes an issue.
const maxActions = 40

// readActions reads the first table of a document that has a column for actions and one for their owners, in any order of columns.
// Rows that say nothing are no action items; skipped says, a sentence each, which rows could not be understood.
func readActions(doc []byte) (rows []actionRow, skipped []string) {
	lines := strings.Split(strings.ReplaceAll(string(doc), "\r\n", "\n"), "\n")
	hidden := hiddenLines(lines)
	for i := 0; i+1 < len(lines); i++ {
		columns := columnsOf(lines[i])
		if hidden[i] || hidden[i+1] || columns == nil || !isRule(lines[i+1]) {
			continue
		}
		seen := map[string]int{}
		for n := i + 2; n < len(lines) && strings.Contains(lines[n], "|") && !hidden[n]; n++ {
			row, why := readRow(lines[n], columns)
			row.Line = n + 1
			switch {
			case why != "":
				skipped = append(skipped, fmt.Sprintf("Line %d: %s.", row.Line, why))
				continue
			case row.Action == "":
				continue
			case len(rows) >= maxActions:
				return rows, append(skipped, fmt.Sprintf("From line %d on: there are more than %d action items.", row.Line, maxActions))
			}
			key := keyOfAction(row.Action)
			if seen[key]++; seen[key] > 1 {
				key += fmt.Sprintf(" #%d", seen[key])
			}
			row.Key = key
			rows = append(rows, row)
		}
		return rows, skipped
	}
	return nil, nil
}

// hiddenLines tells which lines stand in code or in a comment, where a table is none.
func hiddenLines(lines []string) []bool {
	out := make([]bool, len(lines))
	fence, comment := "", false
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		switch {
		case comment:
			out[i] = true
			comment = !strings.Contains(line, "-->")
		case fence != "":
			out[i] = true
			if strings.HasPrefix(trimmed, fence) && strings.Trim(trimmed, fence[:1]) == "" {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			out[i], fence = true, trimmed[:3]
		default:
			open := strings.LastIndex(line, "<!--")
			comment = open >= 0 && !strings.Contains(line[open:], "-->")
			out[i] = comment
		}
	}
	return out
}

// columnsOf are the names of a table's columns in its first line; nil when it has none for actions and owners.
func columnsOf(line string) []string {
	if !strings.Contains(line, "|") {
		return nil
	}
	var names []string
	for _, cell := range cellsOf(line) {
		names = append(names, strings.ToLower(strings.Trim(cell, "*_ ")))
	}
	if !slices.Contains(names, "action") || !slices.Contains(names, "owner") {
		return nil
	}
	return names
}

var ruleCell = regexp.MustCompile(`^:?-+:?$`)

func isRule(line string) bool {
	cells := cellsOf(line)
	return strings.Contains(line, "-") && len(cells) > 0 && !slices.ContainsFunc(cells, func(c string) bool { return !ruleCell.MatchString(c) })
}

// cellsOf takes a line of a table apart: a bar with a backslash before it is no end of a cell (GitHub Flavored Markdown: Tables).
func cellsOf(line string) []string {
	line = strings.TrimSpace(line)
	line = strings.TrimPrefix(line, "|")
	var cells []string
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line) && line[i+1] == '|':
			b.WriteByte('|')
			i++
		case line[i] == '|':
			cells = append(cells, strings.TrimSpace(b.String()))
			b.Reset()
		default:
			b.WriteByte(line[i])
		}
	}
	if rest := strings.TrimSpace(b.String()); rest != "" {
		cells = append(cells, rest)
	}
	return cells
}

var nothing = []string{"", "-", "–", "—", "…", "...", "?", "tbd", "todo", "n/a", "none"}

// said is what a cell says; "" when it says nothing.
func said(cell string) string {
	cell = strings.Join(strings.Fields(strings.ToValidUTF8(cell, "\uFFFD")), " ")
	if slices.Contains(nothing, strings.ToLower(strings.Trim(cell, "*_` "))) {
		return ""
	}
	return cell
}

func readRow(line string, columns []string) (row actionRow, why string) {
	any := false
	for i, cell := range cellsOf(line) {
		text := said(cell)
		any = any || text != ""
		if i >= len(columns) {
			if text != "" {
				return row, "it has more cells than the table has columns; a | within a text is written \\|"
			}
			continue
		}
		switch columns[i] {
		case "action":
			row.Action = text
		case "owner":
			row.Owner = text
		case "due":
			if row.Due = dayOf(text); row.Due.IsZero() {
				row.DueText = text
			}
		case "type":
			row.Type = text
		case "issue":
			row.Issue = text
		}
	}
	if any && row.Action == "" {
		return row, "it does not say what is to be done"
	}
	return row, ""
}

// dayOf reads a day; zero when it is none.
func dayOf(text string) time.Time {
	for _, layout := range []string{"2006-01-02", "2006/01/02", "2 Jan 2006", "Jan 2, 2006", "2 January 2006", "January 2, 2006"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 2000 && t.Year() < 2200 {
			return t
		}
	}
	return time.Time{}
}

// keyOfAction names an action by its words, whatever is done to how they are set.
func keyOfAction(action string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if strings.ContainsRune("*_`\\", r) {
			return -1
		}
		return r
	}, action)), " "))
}
