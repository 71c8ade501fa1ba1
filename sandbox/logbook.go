package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	logLines = 80      // that are kept
	lineSize = 4 << 10 // longest line that is kept, in bytes
)

// LogLine is a line the bot logged.
type LogLine struct {
	At    time.Time `json:"at"`
	Level string    `json:"level"` // debug, info, warn, error
	Text  string    `json:"text"`
}

// logBook keeps the last lines of the bot's output.
type logBook struct {
	changed func()
	copy    io.Writer // gets every line as it is; may be nil

	mu    sync.Mutex
	lines []LogLine
}

func (b *logBook) last() []LogLine {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.lines)
}

func (b *logBook) add(raw []byte) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return
	}
	l := readLogLine(raw, time.Now())
	b.mu.Lock()
	b.lines = append(b.lines, l)
	if n := len(b.lines) - logLines; n > 0 {
		b.lines = slices.Delete(b.lines, 0, n)
	}
	if b.copy != nil {
		fmt.Fprintf(b.copy, "%s\n", raw)
	}
	b.mu.Unlock()
	b.changed()
}

// writer takes one stream of output and cuts it into lines.
func (b *logBook) writer() io.Writer { return &lineWriter{book: b} }

type lineWriter struct {
	book *logBook
	rest []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	n := len(p)
	for {
		line, after, whole := bytes.Cut(p, []byte("\n"))
		if room := lineSize - len(w.rest); len(line) > room {
			line = line[:room]
		}
		w.rest = append(w.rest, line...)
		if !whole {
			return n, nil
		}
		w.book.add(w.rest)
		w.rest, p = w.rest[:0], after
	}
}

// readLogLine makes a JSON line of slog readable; any other line is taken as it is.
func readLogLine(raw []byte, now time.Time) LogLine {
	var fields map[string]any
	if json.Unmarshal(raw, &fields) != nil || fields["msg"] == nil {
		return LogLine{At: now, Level: "info", Text: string(raw)}
	}
	l := LogLine{At: now, Level: strings.ToLower(fmt.Sprint(fields["level"])), Text: fmt.Sprint(fields["msg"])}
	for _, key := range []string{"time", "level", "msg"} {
		delete(fields, key)
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		value, err := json.Marshal(fields[key])
		if s, ok := fields[key].(string); ok && err == nil && !strings.ContainsAny(s, " \"") {
			value = []byte(s)
		}
		l.Text += fmt.Sprintf(" %s=%s", key, value)
	}
	return l
}
