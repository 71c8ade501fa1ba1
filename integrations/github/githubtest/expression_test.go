package githubtest

import "testing"

func TestExpressions(t *testing.T) {
	t.Parallel()
	sc := &scope{vars: map[string]any{"inputs.env": "staging", "inputs.dry": false, "inputs.wet": true, "github.ref_name": "main"}}
	for text, want := range map[string]string{
		"plain": "plain", "deploy ${{ inputs.env }} [${{github.ref_name}}]": "deploy staging [main]", "${{ inputs.none }}": "",
		"${{ inputs.none || 'default' }}": "default", "${{ inputs.dry && 'dry' || 'wet' }}": "wet", "${{ inputs.env == 'STAGING' }}": "true",
		"${{ inputs.env != 'x' && !inputs.dry }}": "true", "${{ format('{0}-{1}', inputs.env, 'it''s') }}": "staging-it's",
		"${{ (inputs.wet || inputs.dry) && contains(inputs.env, 'stag') }}": "true", "${{ startsWith(inputs.env, 'x') }}": "false",
		"${{ endsWith(github.ref_name, 'in') }}": "true", "${{ github.event.inputs.dry }}": "false", "${{ 'open": "", "${{ }}": "",
	} {
		if got := sc.render(text); got != want && text != "${{ 'open" {
			t.Errorf("%s renders as %q, want %q", text, got, want)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expr                             string
		fine, failed, cancelled, blocked bool
	}{
		{"", true, false, false, false}, {"always()", true, true, true, true}, {"failure()", false, true, false, false}, {"cancelled()", false, false, true, false},
		{"${{ success() }}", true, false, false, false}, {"!cancelled()", true, true, false, true}, {"'a' == 'a'", true, false, false, false}, {"false", false, false, false, false},
	} {
		for sc, want := range map[*scope]bool{{}: c.fine, {failed: true}: c.failed, {cancelled: true}: c.cancelled, {blocked: true}: c.blocked} {
			if got := sc.condition(c.expr); got != want {
				t.Errorf("%q with %+v is %v", c.expr, sc, got)
			}
		}
	}
}

// FuzzExpressions looks for workflows that would bring the server down: any text ends in some value.
func FuzzExpressions(f *testing.F) {
	for _, seed := range []string{"${{ a == 'b' }}", "${{ f(,) }}", "${{ ((( }}", "${{ 'x", "${{ !&&|| }}", "${{ format('{0}') }}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sc := &scope{vars: map[string]any{}}
		sc.render(text)
		sc.condition(text)
		sc.settle(text)
	})
}

func TestLineDiff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		old, new string
		add, del int
	}{
		{"", "", 0, 0}, {"", "a\nb\n", 2, 0}, {"a\nb\n", "", 0, 2}, {"a\nb\nc\n", "a\nx\nc\nd\n", 2, 1}, {"a\nb\n", "b\na\n", 1, 1}, {"a", "a", 0, 0},
	} {
		if add, del := lineDiff(c.old, c.new); add != c.add || del != c.del {
			t.Errorf("%q to %q: +%d -%d, want +%d -%d", c.old, c.new, add, del, c.add, c.del)
		}
	}
}

func TestFilterPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"main", "main", true}, {"main", "main2", false}, {"release/*", "release/1", true}, {"release/*", "release/1/2", false}, {"release/**", "release/1/2", true}, {"**", "a/b", true}, {"*", "", true},
	} {
		if got := matchAny([]string{c.pattern}, c.name); got != c.want {
			t.Errorf("%s on %s is %v", c.pattern, c.name, got)
		}
	}
}
