package githubtest

import (
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// workflow is a file below .github/workflows of the default branch, as GitHub registers it.
type workflow struct {
	ID      int64
	Path    string
	Name    string
	State   string
	Created time.Time
	Updated time.Time
}

// definition is what a workflow file says, as far as this server follows it.
type definition struct {
	Name        string
	RunName     string
	On          map[string]eventFilter
	Inputs      []input
	Concurrency *concurrency
	Jobs        []jobDef
}

type eventFilter struct {
	Branches []string
	Tags     []string
}

type input struct {
	Name     string
	Type     string // string, choice, boolean, number, environment
	Required bool
	Default  *string
	Options  []string
}

type concurrency struct {
	Group  string
	Cancel bool
}

type jobDef struct {
	Key         string
	Name        string
	Needs       []string
	If          string
	Labels      []string
	Environment string
	Steps       []stepDef
}

type stepDef struct {
	Name string
	If   string
	Run  string
}

// parseWorkflow reads a workflow file ("GitHub Actions: Workflow syntax").
func parseWorkflow(data []byte) (*definition, error) {
	var doc struct {
		Name        string    `yaml:"name"`
		RunName     string    `yaml:"run-name"`
		On          yaml.Node `yaml:"on"`
		Concurrency yaml.Node `yaml:"concurrency"`
		Jobs        yaml.Node `yaml:"jobs"`
	}
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	def := &definition{Name: doc.Name, RunName: doc.RunName, On: map[string]eventFilter{}}
	def.readOn(&doc.On)
	switch {
	case doc.Concurrency.Kind == yaml.ScalarNode:
		def.Concurrency = &concurrency{Group: doc.Concurrency.Value}
	case doc.Concurrency.Kind == yaml.MappingNode:
		def.Concurrency = &concurrency{Group: scalar(&doc.Concurrency, "group"), Cancel: scalar(&doc.Concurrency, "cancel-in-progress") == "true"}
	}
	for key, n := range pairs(&doc.Jobs) {
		def.Jobs = append(def.Jobs, readJob(key, n))
	}
	return def, nil
}

func (d *definition) readOn(on *yaml.Node) {
	switch on.Kind {
	case yaml.ScalarNode:
		d.On[on.Value] = eventFilter{}
	case yaml.SequenceNode:
		for _, n := range on.Content {
			d.On[n.Value] = eventFilter{}
		}
	}
	for event, n := range pairs(on) {
		d.On[event] = eventFilter{Branches: list(child(n, "branches")), Tags: list(child(n, "tags"))}
		if event != "workflow_dispatch" {
			continue
		}
		for name, in := range pairs(child(n, "inputs")) {
			i := input{Name: name, Type: scalar(in, "type"), Required: scalar(in, "required") == "true", Options: list(child(in, "options"))}
			if def := child(in, "default"); def != nil {
				i.Default = &def.Value
			}
			d.Inputs = append(d.Inputs, i)
		}
	}
}

func readJob(key string, n *yaml.Node) jobDef {
	j := jobDef{Key: key, Name: scalar(n, "name"), Needs: list(child(n, "needs")), If: scalar(n, "if"), Labels: list(child(n, "runs-on"))}
	if j.Name == "" {
		j.Name = key
	}
	if env := child(n, "environment"); env != nil {
		j.Environment = env.Value
		if env.Kind == yaml.MappingNode {
			j.Environment = scalar(env, "name")
		}
	}
	if steps := child(n, "steps"); steps != nil {
		for _, st := range steps.Content {
			j.Steps = append(j.Steps, readStep(st))
		}
	}
	return j
}

// readStep names a nameless step as GitHub does: by what it runs.
func readStep(n *yaml.Node) stepDef {
	st := stepDef{Name: scalar(n, "name"), If: scalar(n, "if"), Run: scalar(n, "run")}
	if uses := scalar(n, "uses"); uses != "" {
		st.Run = uses
	}
	if st.Name == "" {
		first, _, _ := strings.Cut(st.Run, "\n")
		st.Name = "Run " + first
	}
	return st
}

// pairs ranges over a mapping in the file's order; over nothing when n is not a mapping.
func pairs(n *yaml.Node) func(func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

func child(n *yaml.Node, key string) *yaml.Node {
	for k, v := range pairs(n) {
		if k == key {
			return v
		}
	}
	return nil
}

func scalar(n *yaml.Node, key string) string {
	if c := child(n, key); c != nil && c.Kind == yaml.ScalarNode {
		return c.Value
	}
	return ""
}

// list reads a scalar or a sequence of scalars.
func list(n *yaml.Node) []string {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.ScalarNode:
		return []string{n.Value}
	}
	var out []string
	for _, c := range n.Content {
		out = append(out, c.Value)
	}
	return out
}

// definition reads a workflow file as it stands at a commit.
func (d *repo) definition(sha, file string) (*definition, error) {
	data, ok := d.Git.file(sha, file)
	if !ok {
		return nil, errNoFile
	}
	return parseWorkflow(data)
}

// syncWorkflows registers the workflow files of the default branch; one whose file is gone is deleted but keeps its ID.
func (s *Server) syncWorkflows(d *repo, at time.Time) {
	head := d.Git.resolve(d.DefaultBranch)
	if head == "" {
		return
	}
	found := map[string]bool{}
	if dir, ok := d.Git.entry(head, workflowDir); ok {
		for _, e := range d.Git.Trees[dir.SHA] {
			if ext := path.Ext(e.Name); ext == ".yml" || ext == ".yaml" {
				found[workflowDir+"/"+e.Name] = true
				d.register(s, head, workflowDir+"/"+e.Name, at)
			}
		}
	}
	for _, w := range d.Workflows {
		if !found[w.Path] {
			w.State = "deleted"
		}
	}
}

const workflowDir = ".github/workflows"

func (d *repo) register(s *Server, sha, file string, at time.Time) {
	w := d.workflow(baseName(file))
	if w == nil {
		w = &workflow{ID: s.w.id(), Path: file, Created: at, Updated: at}
		d.Workflows = append(d.Workflows, w)
	}
	w.State, w.Name = "active", file
	if def, err := d.definition(sha, file); err == nil && def.Name != "" {
		w.Name = def.Name
	}
}

// workflow finds a registered workflow by its file's name.
func (d *repo) workflow(file string) *workflow {
	for _, w := range d.Workflows {
		if baseName(w.Path) == file {
			return w
		}
	}
	return nil
}

// script finds what is set for a workflow file, also before the file is there.
func (d *repo) script(file string) *scripts {
	i := slices.IndexFunc(d.Scripts, func(s *scripts) bool { return s.File == file })
	if i < 0 {
		d.Scripts = append(d.Scripts, &scripts{File: file})
		i = len(d.Scripts) - 1
	}
	return d.Scripts[i]
}
