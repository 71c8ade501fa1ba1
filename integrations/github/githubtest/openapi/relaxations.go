package openapi

import (
	"fmt"
	"net/url"

	"github.com/getkin/kin-openapi/openapi3"
)

// mayBeEmpty is the parameter of the path that may be left empty: /contents/ is the root directory, as the documentation
// of "get repository content" says ("omit :path").
const mayBeEmpty = "path"

// slashed are the parameters that may hold slashes unescaped, although a parameter of a path is one part: GitHub takes
// /contents/docs/adr/0001.md and its own examples write it so.
var slashed = []string{"path", "ref", "branch", "basehead", "tree_sha"}

// anyOperation are the statuses that every operation can answer with and whose body is an error object. The description
// names them for some operations only ("GitHub REST: Troubleshooting the REST API" and "Rate limits for the REST API" say
// so for all): credentials, permission, not there, conflict, not valid, too many, and the server's own trouble.
var anyOperation = []int{400, 401, 403, 404, 409, 422, 429, 500, 502, 503}

// outside are the beginnings of paths that are no API of GitHub's: where the redirects for logs and archives lead.
var outside = []string{"/_logs/", "/_codeload/"}

// relax changes what is provably wrong in the description.
func relax(doc *openapi3.T) {
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for _, response := range op.Responses.Map() {
				anyError(response.Value)
			}
		}
	}
}

// anyError: some refusals are "one of" two errors neither of which requires a field, so that every error is both and none
// is right, as 409 of "create or update file contents" (a basic error or a repository rule's). Any of them will do.
func anyError(r *openapi3.Response) {
	if media := r.Content.Get("application/json"); media != nil && media.Schema != nil && len(media.Schema.Value.OneOf) > 0 {
		for _, alternative := range media.Schema.Value.OneOf {
			if alternative.Ref != "#/components/schemas/basic-error" {
				continue
			}
			media.Schema.Value.AnyOf, media.Schema.Value.OneOf = media.Schema.Value.OneOf, nil
			return
		}
	}
}

// validURI lets the empty string pass: GitHub writes it where there is no address, and the description itself gives it as
// the default of addresses (target_url of a deployment's status).
func validURI(v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err == nil && u.Scheme == "" {
		err = fmt.Errorf("%q has no scheme", v)
	}
	return err
}
