package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
)

// Options are what the file is checked against beside itself.
type Options struct {
	// Reserved are words that people type in places where they may also type the name of a service or an environment:
	// sub-commands such as status and filler words such as on. No service or environment may be called so.
	Reserved []string
}

// Load reads and checks the file. A file that cannot be read is a mistake without a line.
func Load(path string, opts Options) (*Config, []Mistake, []Warning) {
	data, err := readFile(path)
	if err != nil {
		return nil, []Mistake{unreadable(path, err)}, nil
	}
	return Parse(filepath.Base(path), data, opts)
}

// readFile reads at most one byte more than Parse takes, so that a huge file does not fill the memory.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxSize+1))
}

func unreadable(path string, err error) Mistake {
	return Mistake{File: filepath.Base(path), Problem: "cannot be read: " + err.Error()}
}

// Parse checks the text of a file, which is called file in what it says. It returns either the configuration, with what
// people should know about it, or everything that is wrong, in the order of the lines.
func Parse(file string, data []byte, opts Options) (*Config, []Mistake, []Warning) {
	d := &decoder{file: file, places: map[string]place{}, empty: emptyFile}
	c := &Config{file: file, places: d.places}
	d.findLeaks(data)
	root := d.document(data)
	if root != nil {
		d.object("", root, reflect.ValueOf(c).Elem())
		c.index()
		check := &checker{decoder: d, c: c, reserved: opts.Reserved}
		check.all()
		check.warn()
		if len(d.mistakes) == 0 {
			return c, nil, warningsInOrder(check.warnings)
		}
	}
	return nil, inOrder(d.mistakes, d.unlisted), nil
}

// Hash identifies what the file says: it stays the same when only comments, order or layout change.
func (c *Config) Hash() string {
	data, err := json.Marshal(c)
	if err != nil {
		panic("config: a struct of this package does not marshal: " + err.Error())
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
