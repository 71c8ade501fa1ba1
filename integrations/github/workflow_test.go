package github

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

func TestExampleWorkflowHasNoMistakes(t *testing.T) {
	t.Parallel()
	w := parseWorkflow(".github/workflows/deploy.yml", []byte(ExampleWorkflow))
	if m := w.Mistakes(); len(m) != 0 {
		t.Errorf("%v", m)
	}
	if w.Name != "Deploy" || !w.Dispatchable || len(w.Inputs) != 3 || !w.Inputs[InputSHA].Required || w.Inputs[InputSHA].Type != "string" {
		t.Errorf("%+v", w)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	const inputs = `
  workflow_dispatch:
    inputs:
      sha: {required: true}
      correlation_id: {required: true}
      environment: {type: choice, options: [staging, production]}
`
	const title = "run-name: ${{ inputs.environment }} ${{ inputs.correlation_id }}\n"
	tests := []struct {
		name, text string
		sent       []string
		want       []string // parts of the sentences, in order
	}{
		{"good", title + "on:" + inputs, nil, nil},
		{"other ways to write it", "run-name: \"${{ format('{0} {1}', github.event.inputs.environment, inputs['correlation_id']) }}\"\n'on':" + inputs, nil, nil},
		{"inputs of a block that is shared", "x: &in\n  sha:\n  correlation_id:\n  environment:\n" + title + "on: {workflow_dispatch: {inputs: *in}}", nil, nil},
		{"a trigger that is shared", "x: &by-hand {inputs: {sha: , correlation_id: , environment: }}\n" + title + "on: {workflow_dispatch: *by-hand}", nil, nil},
		{"not by hand", "on: push", nil, []string{"cannot be started by hand"}},
		{"nothing", "", nil, []string{"cannot be started by hand"}},
		{"a word", title + "on: workflow_dispatch", nil, []string{"the input sha", "the input correlation_id", "the input environment"}},
		{"a list", title + "on: [push, workflow_dispatch]", nil, []string{"the input sha", "the input correlation_id", "the input environment"}},
		{"no run-name", "on:" + inputs, nil, []string{"does not show correlation_id", "does not show environment"}},
		{"run-name without the environment", "run-name: run ${{ inputs.correlation_id }}\non:" + inputs, nil, []string{"does not show environment"}},
		{"run-name that only looks like it", "run-name: inputs.environment ${{ inputs.correlation_id_2 }} ${{ inputs.environments }}\non:" + inputs, nil,
			[]string{"does not show correlation_id", "does not show environment"}},
		{"wants more", title + "on:" + inputs + "      region: {required: true}\n      size: {required: true, default: 3}\n", nil, []string{"requires the input region"}},
		{"is given more", title + "on:" + inputs + "      region: {required: true}\n", []string{"region"}, nil},
		{"is given too much", title + "on:" + inputs, []string{"region"}, []string{"does not declare the input region"}},
		{"not YAML", "on: [", nil, []string{"cannot be used: it is not valid YAML"}},
		{"inputs are a list", "on: {workflow_dispatch: {inputs: [sha]}}", nil, []string{"cannot be used"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := parseWorkflow("deploy.yml", []byte(tt.text)).Mistakes(tt.sent...)
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i := range got {
				if !strings.Contains(got[i], tt.want[i]) || !strings.HasPrefix(got[i], "deploy.yml") && !strings.HasPrefix(got[i], "run-name in deploy.yml") {
					t.Errorf("got %q, want %q in it", got[i], tt.want[i])
				}
			}
		})
	}
}

func TestReadWorkflow(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/repos/acme/shop/contents/.github/workflows/deploy.yml" {
			refusing(404, "Not Found")(w, r)
			return
		}
		reply(w, 200, map[string]any{"type": "file", "encoding": "base64", "content": base64.StdEncoding.EncodeToString([]byte(ExampleWorkflow))})
	})
	c := f.client(t)
	for _, file := range []string{"deploy.yml", ".github/workflows/deploy.yml"} {
		w, err := c.Workflow(t.Context(), "acme/shop", file, "feature/x")
		if err != nil || w.File != ".github/workflows/deploy.yml" || len(w.Mistakes()) != 0 {
			t.Errorf("%s: %+v, %v", file, w, err)
		}
	}
	if want := "GET /repos/acme/shop/contents/.github/workflows/deploy.yml?ref=feature%2Fx"; f.requests()[0] != want {
		t.Errorf("asked %s", f.requests()[0])
	}
	_, err := c.Workflow(t.Context(), "acme/shop", "ship.yml", "")
	if !IsNotFound(err) || err.(*Error).UserMessage() != "acme/shop has no file .github/workflows/ship.yml that Shipmate can see." {
		t.Errorf("missing: %v", err)
	}
	asked := len(f.requests())
	for _, file := range []string{"", "deploy", "../secrets.yml", ".github/workflows/../x.yml", "scripts/deploy.yml", ".github/workflows/a/b.yml"} {
		if _, err := c.Workflow(t.Context(), "acme/shop", file, ""); err == nil {
			t.Errorf("read %q", file)
		}
	}
	if len(f.requests()) != asked {
		t.Errorf("asked %v", f.requests()[asked:])
	}
}
