package githubtest

import (
	"fmt"
	"strings"
)

// scope is what an expression can see: contexts by dotted name ("inputs.sha", "github.ref_name") and, in conditions, how
// the jobs or steps before went.
type scope struct {
	vars              map[string]any
	failed, cancelled bool // a job it hangs on, at any distance; a step before it
	blocked           bool // a job it needs did not succeed
	usedStatus        bool
	tokens            []string
}

// render replaces every ${{ … }} of a text by its value.
func (sc *scope) render(text string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "${{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		expr, after, _ := strings.Cut(rest, "}}")
		out.WriteString(show(sc.eval(expr)))
		text = after
	}
}

// condition decides an `if:`. Without a status function it means "and all before succeeded", as GitHub reads it.
func (sc *scope) condition(expr string) bool {
	if expr == "" {
		return sc.fine()
	}
	expr = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(expr), "${{"), "}}")
	sc.usedStatus = false
	ok := truthy(sc.eval(expr))
	if !sc.usedStatus {
		return ok && sc.fine()
	}
	return ok
}

func (sc *scope) fine() bool { return !sc.failed && !sc.cancelled && !sc.blocked }

// eval computes an expression: literals, names, ( ), !, ==, !=, &&, || and the common functions ("GitHub Actions:
// Expressions").
func (sc *scope) eval(expr string) any {
	outer := sc.tokens
	sc.tokens = tokenize(expr)
	v := sc.or()
	sc.tokens = outer
	return v
}

func tokenize(s string) []string {
	var out []string
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n':
			i++
		case c == '\'':
			end := i + 1
			for end < len(s) && (s[end] != '\'' || end+1 < len(s) && s[end+1] == '\'') {
				if s[end] == '\'' {
					end++ // '' is a quote inside a literal
				}
				end++
			}
			end = min(end+1, len(s))
			out = append(out, s[i:end])
			i = end
		case i+1 < len(s) && strings.Contains("== != && ||", s[i:i+2]) && c != ' ':
			out = append(out, s[i:i+2])
			i += 2
		case strings.IndexByte("()!,", c) >= 0:
			out = append(out, string(c))
			i++
		default:
			end := i + 1
			for end < len(s) && strings.IndexByte(" \t\n()!,=&|'", s[end]) < 0 {
				end++
			}
			out = append(out, s[i:end])
			i = end
		}
	}
	return out
}

func (sc *scope) next(want ...string) string {
	if len(sc.tokens) == 0 {
		return ""
	}
	t := sc.tokens[0]
	for _, w := range want {
		if t == w {
			sc.tokens = sc.tokens[1:]
			return t
		}
	}
	return ""
}

func (sc *scope) or() any {
	v := sc.and()
	for sc.next("||") != "" {
		if r := sc.and(); !truthy(v) {
			v = r
		}
	}
	return v
}

func (sc *scope) and() any {
	v := sc.equal()
	for sc.next("&&") != "" {
		if r := sc.equal(); truthy(v) {
			v = r
		}
	}
	return v
}

func (sc *scope) equal() any {
	v := sc.unary()
	for {
		switch sc.next("==", "!=") {
		case "==":
			v = strings.EqualFold(show(v), show(sc.unary())) // comparison of strings ignores case
		case "!=":
			v = !strings.EqualFold(show(v), show(sc.unary()))
		default:
			return v
		}
	}
}

func (sc *scope) unary() any {
	if sc.next("!") != "" {
		return !truthy(sc.unary())
	}
	if sc.next("(") != "" {
		v := sc.or()
		sc.next(")")
		return v
	}
	if len(sc.tokens) == 0 {
		return ""
	}
	t := sc.tokens[0]
	sc.tokens = sc.tokens[1:]
	switch {
	case t[0] == '\'':
		return strings.ReplaceAll(strings.TrimSuffix(t[1:], "'"), "''", "'")
	case t == "true" || t == "false":
		return t == "true"
	case t == "null":
		return ""
	case t[0] >= '0' && t[0] <= '9':
		return t
	}
	if sc.next("(") == "" {
		if name, ok := strings.CutPrefix(t, "github.event.inputs."); ok {
			return show(sc.vars["inputs."+name]) // there even booleans are strings
		}
		return sc.vars[t]
	}
	var args []any
	for sc.next(")") == "" && len(sc.tokens) > 0 {
		args = append(args, sc.or())
		sc.next(",")
	}
	return sc.call(t, args)
}

func (sc *scope) call(name string, args []any) any {
	arg := func(i int) string {
		if i < len(args) {
			return show(args[i])
		}
		return ""
	}
	switch name {
	case "always", "success", "failure", "cancelled":
		sc.usedStatus = true
		return map[string]bool{"always": true, "success": sc.fine(), "failure": sc.failed, "cancelled": sc.cancelled}[name]
	case "contains":
		return strings.Contains(strings.ToLower(arg(0)), strings.ToLower(arg(1)))
	case "startsWith":
		return strings.HasPrefix(strings.ToLower(arg(0)), strings.ToLower(arg(1)))
	case "endsWith":
		return strings.HasSuffix(strings.ToLower(arg(0)), strings.ToLower(arg(1)))
	case "format":
		text := arg(0)
		for i := 1; i < len(args); i++ {
			text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i-1), arg(i))
		}
		return text
	}
	return ""
}

func truthy(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return v != "" && v != "0"
	}
	return false
}

func show(v any) string {
	if b, ok := v.(bool); ok {
		return fmt.Sprint(b)
	}
	s, _ := v.(string)
	return s
}

// settle puts the values of all names into an expression that is decided later, when they are gone.
func (sc *scope) settle(expr string) string {
	expr = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(expr), "${{"), "}}")
	var out []string
	for _, t := range tokenize(expr) {
		if v, ok := sc.vars[strings.Replace(t, "github.event.inputs.", "inputs.", 1)]; ok {
			if t = show(v); v != true && v != false {
				t = "'" + strings.ReplaceAll(t, "'", "''") + "'"
			}
		}
		out = append(out, t)
	}
	return strings.Join(out, " ")
}
