// Package config reads shipmate.yaml: strictly, with every mistake reported at once by file, line and column.
package config
