package delivery_test

import (
	"context"
	"flag"
	"os"
	"testing"

	"shipmate/delivery"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// exampleFile is the workflow the documentation points at.
const exampleFile = "../deploy/example/deploy.yml"

// The file in the documentation is the one that is tried everywhere, and it can be deployed.
func TestExampleFile(t *testing.T) {
	t.Parallel()
	if *update {
		if err := os.WriteFile(exampleFile, []byte(github.ExampleWorkflow), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(exampleFile)
	if err != nil || string(file) != github.ExampleWorkflow {
		t.Fatalf("%s differs from github.ExampleWorkflow (%v); go test -update writes it", exampleFile, err)
	}
	s := newStage(t)
	s.repo.Commit("main", "ana", "Take the example", githubtest.Files{".github/workflows/deploy.yml": string(file)})
	w, err := s.client.Workflow(context.Background(), "acme/checkout", "deploy.yml", "")
	if err != nil || len(w.Mistakes()) > 0 {
		t.Fatalf("%v, mistakes: %q", err, w.Mistakes())
	}
	s.until(s.deploys().ID, delivery.Succeeded)
}
