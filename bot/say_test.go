package bot

import (
	"context"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"strings"
	"testing"

	"shipmate/store"
)

// Mutes and budgets have one place because nothing but Tell and TellCard, beside it, begins a message to a person.
func TestOnlyTellSpeaksToAPersonUnasked(t *testing.T) {
	t.Parallel()
	begins := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				field, ok := n.(*ast.KeyValueExpr)
				if !ok {
					return true
				}
				value, _ := field.Value.(*ast.Ident)
				key, _ := field.Key.(*ast.Ident)
				if value != nil && value.Name == "toPerson" || key != nil && key.Name == "With" {
					begins[fn.Name.Name] = true
				}
				return true
			})
		}
	}
	if len(begins) != 3 || !begins["Tell"] || !begins["TellCard"] || !begins["stepRemind"] {
		t.Errorf("messages to a person begin in %v", begins)
	}
}

func TestTellGoesToThePersonAloneOncePerTopicAndID(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for _, said := range []struct{ topic, id, text string }{
		{"deploy", "1", "first"}, {"deploy", "1", "first again"}, {"page", "1", "another topic"}, {"deploy", "2", "another"},
	} {
		err := h.db.Update(context.Background(), func(tx store.Tx) error {
			return h.bot.Tell(tx, h.ben, said.topic, said.id, Message{Text: Plain(said.text)})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	h.until("all is said", func() bool { return h.sayings() == 0 })
	var said []string
	for _, m := range h.slack.Messages(h.slack.DMChannel(h.ben)) {
		said = append(said, m.Text)
	}
	if got := strings.Join(said, ","); len(said) != 3 || strings.Contains(got, "again") {
		t.Errorf("ben was told %s", got)
	}
	if n := len(h.slack.Messages(h.slack.DMChannel(h.ana))) + len(h.slack.Messages(h.payments)); n != 0 {
		t.Errorf("others were told too: %d", n)
	}
}

func (h *harness) sayings() (n int) {
	_ = h.db.View(context.Background(), func(s store.Snapshot) error {
		n = 0
		for range s.Scan(sayDomain+"/message/", "") {
			n++
		}
		return nil
	})
	return n
}
