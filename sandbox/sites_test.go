package sandbox_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"shipmate/config"
	"shipmate/sandbox"
)

// What Acme deploys answers at the address that its configuration names, well until the stage door says otherwise.
func TestWhatIsDeployedAnswersHowItDoes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, server := stage(t, sandbox.Options{Dir: dir})
	c, mistakes, _ := config.Load(filepath.Join(dir, "shipmate.yaml"), config.Options{})
	if mistakes != nil || c.Services["checkout"].Health == nil {
		t.Fatalf("nobody looks how checkout does: %v", mistakes)
	}
	for _, want := range []int{http.StatusOK, http.StatusServiceUnavailable, http.StatusOK} {
		answer, err := http.Get(c.Services["checkout"].Health.Address("checkout", "staging"))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("it answered %d, want %d", answer.StatusCode, want)
		}
		if got := post(t, server, "door", `{"lever": "unhealthy"}`); got.Error != "" {
			t.Fatal(got.Error)
		}
	}
}
