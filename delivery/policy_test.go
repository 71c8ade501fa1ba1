package delivery_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"shipmate/config"
	"shipmate/delivery"
)

// The cases of testdata go as they say, and together they expect every reason that a gate can give.
func TestEveryReasonIsReachedByACase(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Load("testdata/policy/shipmate.yaml", config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(config.Mistakes(mistakes))
	}
	policy, mistakes := config.LoadPolicy("testdata/policy/policy.yaml", cfg, delivery.GateCodes())
	if len(mistakes) > 0 {
		t.Fatal(config.Mistakes(mistakes))
	}
	reached := map[string]bool{}
	for _, c := range policy.Cases {
		tried := delivery.Try(cfg, c)
		if !tried.Passed() {
			t.Errorf("%s: %s: expected %q, unexpected %+v, missing %q", c.At, c.Name, c.Expect, tried.Unexpected, tried.Missing)
		}
		for _, g := range tried.Open {
			reached[string(g.Code)] = true
		}
	}
	for _, code := range delivery.GateCodes() {
		if !reached[code] {
			t.Errorf("no case of testdata/policy/policy.yaml expects %s", code)
		}
	}
}

// A case that does not go as it says is noticed, in both ways.
func TestCasesThatFail(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Load("testdata/policy/shipmate.yaml", config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(config.Mistakes(mistakes))
	}
	c := config.Case{Who: config.CasePerson{Person: "ana@acme.example"}, What: config.CaseWhat{Service: "checkout", Environment: "open"},
		Given: config.CaseFacts{Lock: "service"}, Expect: []string{"frozen"}}
	tried := delivery.Try(cfg, c)
	if tried.Passed() || !slices.Equal(tried.Missing, []string{"frozen"}) || len(tried.Unexpected) != 1 || tried.Unexpected[0].Code != delivery.Locked {
		t.Errorf("%+v", tried)
	}
}

// GateCodes has exactly the codes that stand in functions which look at facts or change a gate.
func TestGateCodesAreAllOfThem(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes, used := map[string]string{}, map[string]bool{}
	var looking []ast.Node
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if name, ok := n.Type.(*ast.Ident); ok && name.Name == "Code" && len(n.Values) == 1 {
					value, err := strconv.Unquote(n.Values[0].(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					codes[n.Names[0].Name] = value
				}
			case *ast.FuncDecl:
				if of(n.Recv, "Gate") || of(n.Type.Params, "Facts") {
					looking = append(looking, n.Body)
				}
			}
			return true
		})
	}
	for _, body := range looking {
		ast.Inspect(body, func(n ast.Node) bool {
			if name, ok := n.(*ast.Ident); ok && codes[name.Name] != "" {
				used[codes[name.Name]] = true
			}
			return true
		})
	}
	listed := delivery.GateCodes()
	if len(used) < 20 {
		t.Errorf("only %d codes were found: %v", len(used), used)
	}
	for code := range used {
		if !slices.Contains(listed, code) {
			t.Errorf("a gate gives %s, which is not among GateCodes", code)
		}
	}
	for _, code := range listed {
		if !used[code] {
			t.Errorf("no gate gives %s, which is among GateCodes", code)
		}
	}
}

// of tells whether one of the fields is a pointer to that type.
func of(fields *ast.FieldList, name string) bool {
	return fields != nil && slices.ContainsFunc(fields.List, func(f *ast.Field) bool {
		star, ok := f.Type.(*ast.StarExpr)
		if !ok {
			return false
		}
		to, ok := star.X.(*ast.Ident)
		return ok && to.Name == name
	})
}
