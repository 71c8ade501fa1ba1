package commands

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"shipmate/bot"
	"shipmate/config"
)

// Every function of this package that makes a command is called in All.
func TestAllListsEveryCommand(t *testing.T) {
	t.Parallel()
	made, listed := map[string]string{}, map[string]bool{}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range tree.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if makesCommand(fn) {
				made[fn.Name.Name] = f.Name()
			}
			if fn.Name.Name == "All" {
				ast.Inspect(fn, func(n ast.Node) bool {
					if call, ok := n.(*ast.CallExpr); ok {
						if name, ok := call.Fun.(*ast.Ident); ok {
							listed[name.Name] = true
						}
					}
					return true
				})
			}
		}
	}
	if len(made) < 7 {
		t.Errorf("only %d commands were found", len(made))
	}
	for name, file := range made {
		if !listed[name] {
			t.Errorf("All does not list %s of %s", name, file)
		}
	}
}

func makesCommand(fn *ast.FuncDecl) bool {
	if fn.Recv != nil || fn.Type.Results == nil || len(fn.Type.Results.List) != 1 {
		return false
	}
	selected, ok := fn.Type.Results.List[0].Type.(*ast.SelectorExpr)
	return ok && selected.Sel.Name == "Command"
}

func TestDocumentation(t *testing.T) {
	t.Parallel()
	golden(t, "../docs/commands.md", []byte(Markdown(All(Deps{Version: "test"}))))
}

func TestKindsSayWhatIsAccepted(t *testing.T) {
	t.Parallel()
	kinds := Kinds()
	for _, c := range []struct{ kind, word, want string }{
		{"deployment", "D-4KQ7X2M5WZ", "d-4kq7x2m5wz"}, {"deployment", "d-1", ""}, {"deployment", "checkout", ""},
		{"answer", "Anyway", "anyway"}, {"answer", "confirmed", "confirmed"}, {"answer", "because", ""},
		{"commit", "0f0e0d0c0b0a09080706050403020100ffeeddcc", "0f0e0d0c0b0a09080706050403020100ffeeddcc"}, {"commit", "0f0e0d0", ""}, {"commit", "confirmed", ""},
		{"n", "5", "5"}, {"n", "050", "50"}, {"n", "0", ""}, {"n", "51", ""}, {"n", "x", ""},
	} {
		got, err := kinds[c.kind].Parse(c.word)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %q: %q, %v", c.kind, c.word, got, err)
		}
	}
}

func TestEnvironmentsAreThoseOfTheService(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(`
teams: {t: {channel: "#t", slack_group: g}}
services:
  a: {repo: o/a, team: t, environments: [two, one]}
  b: {repo: o/b, team: t, environments: [one]}
environments: {one: {aliases: [eins]}, two: {}, three: {}}
`), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	names := func(args bot.Args) string {
		var out []string
		for _, v := range environments(cfg, args) {
			out = append(out, v.Name+strings.Join(v.Aliases, "/"))
		}
		return strings.Join(out, " ")
	}
	if got := names(bot.Args{"service": "a"}); got != "two oneeins" {
		t.Errorf("of a: %s", got)
	}
	if got := names(bot.Args{}); got != "oneeins three two" {
		t.Errorf("of all: %s", got)
	}
}

func TestTook(t *testing.T) {
	t.Parallel()
	for d, want := range map[string]string{"400ms": "0 s", "59s": "59 s", "60s": "1 min", "80s": "1 min 20 s", "1h": "1 h", "2h5m3s": "2 h 5 min"} {
		if got := took(mustParse(t, d)); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
