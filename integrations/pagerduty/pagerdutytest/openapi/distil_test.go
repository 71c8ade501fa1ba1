package openapi

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "distil the extracts anew from the descriptions in the folder "+Variable)

// The extracts are what the published descriptions say, where those are at hand.
func TestExtractsAreDistilled(t *testing.T) {
	t.Parallel()
	dir := os.Getenv(Variable)
	if dir == "" {
		t.Logf("nothing to distil: %s is not set", Variable)
		return
	}
	for extract, published := range map[string]string{"rest.json": "pagerduty-rest.json.gz", "events.json": "pagerduty-events-v2.json.gz"} {
		got, err := Distil(unzipped(t, filepath.Join(dir, published)), Operations)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(extract, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if want, err := os.ReadFile(extract); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what %s says now (%v); go test -update distils it anew", extract, published, err)
		}
	}
}

func unzipped(t *testing.T, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestNothingForPeopleIsKept(t *testing.T) {
	t.Parallel()
	const published = `{"openapi":"3.0.2","info":{"title":"A"},"paths":{"/things":{"get":{"operationId":"listThings","summary":"List","description":"Lists",
		"parameters":[{"$ref":"#/components/parameters/limit"}],
		"responses":{"200":{"description":"All","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"},"example":{"a":1}}}}}},
		"post":{"operationId":"makeThing","responses":{}}}},
		"components":{"parameters":{"limit":{"name":"limit","in":"query","description":"How many","schema":{"type":"integer","default":25}}},
		"schemas":{"Thing":{"type":"object","title":"Thing","properties":{"title":{"type":"string","description":"What it says"},"description":{"type":"string","example":"x"},
		"parts":{"type":"array","items":{"$ref":"#/components/schemas/Thing"}},"again":{"$ref":"#/components/schemas/Thing/properties/title"}}}}}}`
	got, err := Distil([]byte(published), []string{"listThings"})
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"Lists", "How many", "What it says", "example", "default", "makeThing"} {
		if bytes.Contains(got, []byte(gone)) {
			t.Errorf("%q is kept in %s", gone, got)
		}
	}
	for _, kept := range []string{`"title": {`, `"description": {`, `"$ref": "#/components/schemas/Thing"`, `"again": {`} {
		if !bytes.Contains(got, []byte(kept)) {
			t.Errorf("%s is not kept in %s", kept, got)
		}
	}
}
