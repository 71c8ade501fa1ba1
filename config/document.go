package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

const (
	maxSize  = 1 << 20 // bytes; far beyond any real file, and bounds the time to read one
	maxDepth = 30      // levels; the deepest key stands at six
)

const emptyFile = "the file is empty; it needs at least services, teams and environments"

// document reads the file's one YAML document. It returns nil when there is none, with the reason among the mistakes.
func (d *decoder) document(data []byte) *yaml.Node {
	if !d.readable(data) {
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		d.add(1, 1, "", err.Error())
		return nil
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		d.add(1, 1, "", d.empty)
		return nil
	} else if err != nil {
		d.syntax(data, err)
		return nil
	}
	if err := loader.Load(&second); err == nil {
		d.add(max(second.Line, 1), max(second.Column, 1), "", "a second document begins here; the file is one document, so remove the ---")
	} else if !errors.Is(err, io.EOF) {
		d.syntax(data, err)
	}
	root := doc.Content[0]
	if root.ShortTag() == "!!null" && root.Value == "" {
		d.add(1, 1, "", d.empty)
		return nil
	}
	d.plainYAML(root)
	return root
}

// readable finds what keeps the file from being text at all.
func (d *decoder) readable(data []byte) bool {
	if len(data) > maxSize {
		d.add(1, 1, "", "the file is larger than 1 MiB; no configuration is, so this is probably another file")
		return false
	}
	line, col := 1, 1
	for rest := data; len(rest) > 0; col++ {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			d.add(line, col, "", "the file is not UTF-8 here; save it as UTF-8")
			return false
		case r == '\n':
			line, col = line+1, 0
		case r < ' ' && r != '\t' && r != '\r', r == 0x7f:
			d.add(line, col, "", fmt.Sprintf("a control character (0x%02x) stands here; remove it", r))
			return false
		}
		rest = rest[size:]
	}
	return true
}

// syntax says in words what YAML could not read. There is only ever one such mistake, as nothing is known behind it.
func (d *decoder) syntax(data []byte, err error) {
	line, col, problem := 1, 1, err.Error()
	var broken *yaml.LoadError
	if errors.As(err, &broken) {
		line, col, problem = max(broken.Mark.Line, 1), max(broken.Mark.Column, 1), broken.Message
		if broken.ContextMark.Line > 0 && broken.ContextMark.Line != line {
			problem += fmt.Sprintf(" (%s from line %d)", broken.ContextMsg, broken.ContextMark.Line)
		}
	}
	switch {
	case indentedByTab(data, line):
		problem = "a tab indents this line; YAML is indented by spaces only"
	case strings.Contains(problem, "exceeded max depth"):
		problem = fmt.Sprintf("the file is nested deeper than %d levels here", maxDepth)
	case strings.Contains(problem, "unknown anchor"):
		problem = noAnchors
	default:
		problem = "this is not valid YAML: " + problem
	}
	d.add(line, col, "", problem)
}

func indentedByTab(data []byte, line int) bool {
	lines := bytes.SplitN(data, []byte("\n"), line+1)
	if line > len(lines) {
		return false
	}
	text := lines[line-1]
	indent := text[:len(text)-len(bytes.TrimLeft(text, " \t"))]
	return bytes.ContainsRune(indent, '\t')
}

const noAnchors = "anchors (&name), aliases (*name) and merges (<<) are not used in this file; write the value out"

// plainYAML refuses what would let a reader of the file see something else than Shipmate does: a line of this file says
// one thing in one place, so that a refusal can cite it.
func (d *decoder) plainYAML(root *yaml.Node) {
	secrets := len(d.mistakes) > 0
	for todo := []*yaml.Node{root}; len(todo) > 0; {
		n := todo[len(todo)-1]
		todo = append(todo[:len(todo)-1], n.Content...)
		switch {
		case n.Anchor != "" || n.Kind == yaml.AliasNode || n.ShortTag() == "!!merge":
			d.add(n.Line, n.Column, "", noAnchors)
		case n.Style&yaml.TaggedStyle != 0:
			d.add(n.Line, n.Column, "", "tags such as "+quote(n.Tag)+" are not used in this file; remove it")
		}
		if secrets || n.Style&yaml.DoubleQuotedStyle == 0 {
			continue // only escapes hide a secret from findLeaks
		}
		if problem, _, found := leakIn([]byte(n.Value)); found {
			d.add(n.Line, n.Column, "", problem)
		}
	}
}
