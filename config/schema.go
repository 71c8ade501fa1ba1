package config

import _ "embed"

//go:embed shipmate.schema.json
var schema []byte

// Schema is the JSON Schema of the file, for editors. It is made from this package's structs, and finds wrong keys, types
// and shapes; references, circles and dates only Parse finds.
func Schema() []byte { return schema }
