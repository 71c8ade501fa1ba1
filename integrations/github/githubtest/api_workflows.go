package githubtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxInputs is how many inputs a dispatch may carry ("GitHub REST: Create a workflow dispatch event").
const maxInputs = 25

func (q *request) workflow(w *workflow) obj {
	return obj{"id": w.ID, "node_id": nodeID("W", w.ID), "name": w.Name, "path": w.Path, "state": w.State, "created_at": stamp(w.Created),
		"updated_at": stamp(w.Updated), "url": q.of("actions/workflows/%d", w.ID), "html_url": q.page("blob/%s/%s", q.repo.DefaultBranch, w.Path),
		"badge_url": q.page("workflows/%s/badge.svg", strings.ReplaceAll(w.Name, " ", "%20"))}
}

func listWorkflows(q *request) reply {
	known := slices.DeleteFunc(slices.Clone(q.repo.Workflows), func(w *workflow) bool { return w.State == "deleted" })
	return counted(q, "workflows", known, q.workflow)
}

// workflowAsked finds a workflow by ID or file name.
func (q *request) workflowAsked() *workflow {
	asked := q.vars["workflow"]
	id, _ := strconv.ParseInt(asked, 10, 64)
	for _, w := range q.repo.Workflows {
		if w.ID == id || baseName(w.Path) == asked {
			return w
		}
	}
	return nil
}

func getWorkflow(q *request) reply {
	w := q.workflowAsked()
	if w == nil {
		return q.notFound()
	}
	return ok(q.workflow(w))
}

// dispatchWorkflow starts a run on the head of a branch or where a tag stands.
func dispatchWorkflow(q *request) reply {
	in := map[string]json.RawMessage{}
	if refusal := q.read(&in); refusal != nil {
		return *refusal
	}
	var ref string
	var details bool
	raw := map[string]any{}
	for key, to := range map[string]any{"ref": &ref, "inputs": &raw, "return_run_details": &details} {
		if v, there := in[key]; there && json.Unmarshal(v, to) != nil {
			return q.fail(422, fmt.Sprintf("Invalid request.\n\nFor 'properties/%s', %s is not of the expected type.", key, v))
		}
	}
	for key := range in {
		if key != "ref" && key != "inputs" && (key != "return_run_details" || q.s.opts.OldServer) {
			return q.fail(422, fmt.Sprintf("Invalid request.\n\n%q is not a permitted key.", key))
		}
	}
	w := q.workflowAsked()
	if w == nil {
		return q.notFound()
	}
	name, sha, refusal := q.dispatchRef(ref)
	if refusal != nil {
		return *refusal
	}
	def, err := q.repo.definition(sha, w.Path)
	switch {
	case w.State != "active":
		return q.fail(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
	case err == errNoFile:
		return q.fail(422, "Workflow does not have 'workflow_dispatch' trigger")
	case err != nil:
		return q.fail(422, "failed to parse workflow: "+err.Error())
	}
	if _, listens := def.On["workflow_dispatch"]; !listens {
		return q.fail(422, "Workflow does not have 'workflow_dispatch' trigger")
	}
	inputs, refusal := q.inputs(def, raw)
	if refusal != nil {
		return *refusal
	}
	t := trigger{event: "workflow_dispatch", branch: name, sha: sha, actor: q.who.login, at: q.now}
	r := q.s.startRun(q.repo, w, def, t, inputs, typedInputs(def, inputs), q.now.Add(q.s.opts.RunAppears))
	q.s.w.Dispatches = append(q.s.w.Dispatches, Dispatch{Repo: q.repo.full(), Workflow: baseName(w.Path), Ref: name, Inputs: inputs,
		Actor: q.who.login, RunID: r.ID, At: q.now})
	if details {
		return ok(obj{"workflow_run_id": r.ID, "run_url": q.of("actions/runs/%d", r.ID), "html_url": q.page("actions/runs/%d", r.ID)})
	}
	return reply{status: 204}
}

// dispatchRef takes a branch or a tag, short or full, and no SHA.
func (q *request) dispatchRef(ref string) (name, sha string, refusal *reply) {
	if ref == "" {
		return "", "", refuse(q.fail(422, "Invalid request.\n\n\"ref\" wasn't supplied."))
	}
	for _, prefix := range []string{"refs/heads/", "refs/tags/"} {
		name = strings.TrimPrefix(ref, prefix)
		if at, there := q.repo.Git.Refs[prefix+name]; there {
			return name, q.repo.Git.peel(at), nil
		}
	}
	return "", "", refuse(q.fail(422, "No ref found for: "+ref))
}

// inputs checks what was sent against what the workflow declares, and fills in the defaults.
func (q *request) inputs(def *definition, raw map[string]any) (map[string]string, *reply) {
	if len(raw) > maxInputs {
		return nil, refuse(q.fail(422, fmt.Sprintf("you may only define up to %d `properties` for a `workflow_dispatch` event", maxInputs)))
	}
	var unknown []string
	for name := range raw {
		if !slices.ContainsFunc(def.Inputs, func(in input) bool { return in.Name == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		names, _ := json.Marshal(unknown)
		return nil, refuse(q.fail(422, "Unexpected inputs provided: "+string(names)))
	}
	out := map[string]string{}
	for _, in := range def.Inputs {
		v, sent := raw[in.Name]
		value := fmt.Sprint(v)
		switch {
		case sent:
		case in.Default != nil:
			value = *in.Default
		case in.Type == "boolean":
			value = "false"
		case in.Type == "choice" && !in.Required && len(in.Options) > 0:
			value = in.Options[0]
		default:
			value = ""
		}
		switch {
		case in.Required && value == "":
			return nil, refuse(q.fail(422, fmt.Sprintf("Required input '%s' not provided", in.Name)))
		case in.Type == "choice" && sent && !slices.Contains(in.Options, value):
			return nil, refuse(q.fail(422, fmt.Sprintf("Provided value '%s' for input '%s' not in the list of allowed values", value, in.Name)))
		case in.Type == "boolean" && value != "true" && value != "false":
			return nil, refuse(q.fail(422, fmt.Sprintf("Provided value '%s' for input '%s' is not a boolean", value, in.Name)))
		}
		out[in.Name] = value
	}
	return out, nil
}
