package openapi

// slashed are the parameters that may hold slashes unescaped, although a parameter of a path is one part: GitHub takes
// /contents/docs/adr/0001.md and its own examples write it so.
var slashed = []string{"path", "ref", "branch", "basehead", "tree_sha"}

// anyOperation are the statuses that every operation can answer with and whose body is an error object. The description
// names them for some operations only ("GitHub REST: Troubleshooting the REST API" and "Rate limits for the REST API" say
// so for all): credentials, permission, not there, conflict, not valid, too many, and the server's own trouble.
var anyOperation = []int{400, 401, 403, 404, 409, 422, 429, 500, 502, 503}

// outside are the paths that are no API of GitHub's: where the redirects for logs lead.
const outside = "/_logs/"
