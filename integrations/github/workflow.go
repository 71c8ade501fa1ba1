package github

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	gh "github.com/google/go-github/v60/github"
	"go.yaml.in/yaml/v4"
)

// The inputs by which a dispatched run is told what to deploy and is recognised again.
const (
	InputSHA           = "sha"            // the full SHA to check out
	InputCorrelationID = "correlation_id" // who asked for the run; stands in the run's name
	InputEnvironment   = "environment"    // where to; stands in the run's name
)

// Workflow is what a workflow file declares about being dispatched.
type Workflow struct {
	File         string           `json:"file"` // .github/workflows/deploy.yml
	Name         string           `json:"name,omitempty"`
	RunName      string           `json:"run_name,omitempty"`      // as written, with its expressions
	Dispatchable bool             `json:"dispatchable"`            // it has on: workflow_dispatch
	OnDeployment bool             `json:"on_deployment,omitempty"` // GitHub starts it when a deployment is created, or told of
	Inputs       map[string]Input `json:"inputs,omitempty"`
	Broken       string           `json:"broken,omitempty"` // why the file cannot be read as a workflow
}

// Input is a declared input of a workflow.
type Input struct {
	Required bool     `json:"required,omitempty"`
	Default  string   `json:"default,omitempty"`
	Type     string   `json:"type,omitempty"` // string when empty
	Options  []string `json:"options,omitempty"`
}

// Workflow reads a workflow file as it is on ref, a branch or tag ("" is the default branch). file is its name in
// .github/workflows or its whole path. A file that is not valid YAML is no error: Mistakes tells.
func (c *Client) Workflow(ctx context.Context, repo, file, ref string) (Workflow, error) {
	const op = "read a workflow file"
	full, err := workflowPath(op, repo, file)
	if err != nil {
		return Workflow{}, err
	}
	query := url.Values{}
	if ref != "" {
		query.Set("ref", ref)
	}
	var content gh.RepositoryContent
	if _, err := c.getRepo(ctx, op, repo, query, &content, append([]string{"contents"}, strings.Split(full, "/")...)...); err != nil {
		if IsNotFound(err) {
			return Workflow{}, withAdvice(err, fmt.Sprintf("%s has no file %s that Shipmate can see.", repo, full))
		}
		return Workflow{}, err
	}
	text, err := content.GetContent()
	if err != nil {
		return Workflow{File: full, Broken: "it is not a text file"}, nil
	}
	return parseWorkflow(full, []byte(text)), nil
}

// workflowPath is the file's place in the repository.
func workflowPath(op, repo, file string) (string, error) {
	full := file
	if !strings.Contains(file, "/") {
		full = ".github/workflows/" + file
	}
	if path.Dir(full) != ".github/workflows" || path.Clean(full) != full || !slices.Contains([]string{".yml", ".yaml"}, path.Ext(full)) {
		return "", refuse(op, repo, "%q is not a workflow file, which is named like deploy.yml", file)
	}
	return full, nil
}

// parseWorkflow reads what matters for dispatching.
func parseWorkflow(file string, text []byte) Workflow {
	w := Workflow{File: file}
	var doc struct {
		Name    string    `yaml:"name"`
		RunName string    `yaml:"run-name"`
		On      yaml.Node `yaml:"on"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		w.Broken = "it is not valid YAML: " + firstLine(err.Error())
		return w
	}
	w.Name, w.RunName = doc.Name, doc.RunName
	trigger, found := triggerOf(&doc.On, "workflow_dispatch")
	w.Dispatchable = found
	for _, event := range []string{"deployment", "deployment_status"} {
		_, on := triggerOf(&doc.On, event)
		w.OnDeployment = w.OnDeployment || on
	}
	inputs := child(trigger, "inputs")
	if inputs == nil {
		return w
	}
	if err := w.declare(inputs); err != nil {
		w.Broken = "the inputs of workflow_dispatch are not a list of names with settings"
	}
	return w
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimPrefix(s, "yaml: "), "\n")
	return s
}

// triggerOf finds an event in `on`, which may be one word, a list or a map, and the node of its settings.
func triggerOf(on *yaml.Node, event string) (settings *yaml.Node, found bool) {
	switch on.Kind {
	case yaml.ScalarNode:
		return nil, on.Value == event
	case yaml.SequenceNode:
		return nil, slices.ContainsFunc(on.Content, func(n *yaml.Node) bool { return n.Value == event })
	case yaml.MappingNode:
		settings = child(on, event)
		return settings, settings != nil
	case yaml.AliasNode:
		return triggerOf(on.Alias, event)
	}
	return nil, false
}

// child is the value of key in a mapping; nil when there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func (w *Workflow) declare(inputs *yaml.Node) error {
	var declared map[string]struct {
		Required bool     `yaml:"required"`
		Default  any      `yaml:"default"`
		Type     string   `yaml:"type"`
		Options  []string `yaml:"options"`
	}
	if err := inputs.Decode(&declared); err != nil {
		return errors.New("inputs not understood")
	}
	w.Inputs = map[string]Input{}
	for name, in := range declared {
		one := Input{Required: in.Required, Type: in.Type, Options: in.Options}
		if in.Default != nil {
			one.Default = fmt.Sprint(in.Default)
		}
		w.Inputs[name] = one
	}
	return nil
}

// Mistakes says, one sentence each, what has to be changed in the file before Shipmate can dispatch it; none when it
// can. alsoSent names inputs that are sent besides sha, correlation_id and environment.
func (w Workflow) Mistakes(alsoSent ...string) []string {
	switch {
	case w.Broken != "":
		return []string{w.File + " cannot be used: " + w.Broken + "."}
	case !w.Dispatchable:
		return []string{w.File + " cannot be started by hand: add workflow_dispatch with its inputs under `on`."}
	}
	var out []string
	sent := append([]string{InputSHA, InputCorrelationID, InputEnvironment}, alsoSent...)
	for _, name := range sent {
		if _, declared := w.Inputs[name]; !declared {
			out = append(out, fmt.Sprintf("%s does not declare the input %s: add `%s: {required: true, type: string}` under on.workflow_dispatch.inputs%s.",
				w.File, name, name, purpose(name)))
		}
	}
	for _, name := range []string{InputCorrelationID, InputEnvironment} {
		if !shows(w.RunName, name) {
			out = append(out, fmt.Sprintf("run-name in %s does not show %s: write `run-name: %s`.", w.File, name, exampleRunName))
		}
	}
	return append(out, w.unsent(sent)...)
}

// unsent are required inputs that nobody would fill in: GitHub refuses a dispatch without them.
func (w Workflow) unsent(sent []string) []string {
	var out []string
	for name, in := range w.Inputs {
		if in.Required && in.Default == "" && !slices.Contains(sent, name) {
			out = append(out, fmt.Sprintf("%s requires the input %s, which Shipmate does not send: give it a default or make it optional.", w.File, name))
		}
	}
	slices.Sort(out)
	return out
}

func purpose(input string) string {
	switch input {
	case InputSHA:
		return ", and check out `${{ inputs.sha }}`"
	case InputCorrelationID:
		return "; Shipmate finds its run by it"
	}
	return ""
}

var expression = regexp.MustCompile(`\$\{\{(.*?)\}\}`)

// shows reports whether text has an expression with the input in it, in one of the ways GitHub lets one write that.
func shows(text, input string) bool {
	uses := regexp.MustCompile(`(?i)\binputs\s*(?:\.\s*` + input + `\b|\[\s*'` + input + `'\s*\])`)
	for _, m := range expression.FindAllStringSubmatch(text, -1) {
		if uses.MatchString(m[1]) {
			return true
		}
	}
	return false
}
