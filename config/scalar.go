package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// str reads a string, which must be one as YAML sees it: 5 and true are none.
func (d *decoder) str(path string, n *yaml.Node, v reflect.Value, tag reflect.StructTag) {
	if n.Kind != yaml.ScalarNode {
		d.wrong(path, n, "must be one text, not a list or a section")
		return
	}
	if problem := formats[tag.Get("format")].problem(n.Value); problem != "" {
		d.wrong(path, n, problem)
		return
	}
	if kind := n.ShortTag(); kind != "!!str" {
		d.wrong(path, n, fmt.Sprintf("must be text; YAML reads %s as %s, so put it in quotes", n.Value, kindName(kind)))
		return
	}
	v.SetString(n.Value)
}

func kindName(tag string) string {
	switch tag {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	}
	return "something else"
}

func (d *decoder) boolean(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		d.wrong(path, n, "must be true or false")
		return
	}
	v.SetBool(strings.EqualFold(n.Value, "true"))
}

func (d *decoder) integer(path string, n *yaml.Node, v reflect.Value, tag reflect.StructTag) {
	least, _ := strconv.Atoi(tag.Get("min"))
	most, _ := strconv.Atoi(tag.Get("max"))
	want := fmt.Sprintf("must be a whole number from %d to %d", least, most)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" {
		d.wrong(path, n, want)
		return
	}
	number, err := strconv.Atoi(n.Value)
	if err != nil || number < least || number > most {
		d.wrong(path, n, want+", not "+n.Value)
		return
	}
	v.SetInt(int64(number))
}

// text reads a value that knows how it is written; its errors are sentences about the value.
func (d *decoder) text(path string, n *yaml.Node, v encoding.TextUnmarshaler, tag reflect.StructTag) {
	if n.Kind != yaml.ScalarNode {
		d.wrong(path, n, "must be one text, not a list or a section")
		return
	}
	if err := v.UnmarshalText([]byte(n.Value)); err != nil {
		d.wrong(path, n, err.Error())
		return
	}
	if length, ok := v.(*Duration); ok {
		if problem := length.outside(tag.Get("min"), tag.Get("max")); problem != "" {
			d.wrong(path, n, problem)
		}
	}
}

// setDefaults writes the defaults of a struct's tags into it and the sections in it.
func setDefaults(v reflect.Value) {
	for field := range v.Type().Fields() {
		if !field.IsExported() {
			continue
		}
		f, def := v.FieldByIndex(field.Index), field.Tag.Get("default")
		length, isDuration := f.Addr().Interface().(*Duration)
		switch {
		case isDuration && def != "":
			*length = mustDuration(def)
		case isDuration:
		case f.Kind() == reflect.Struct:
			setDefaults(f)
		case f.Kind() == reflect.Int && def != "":
			number, _ := strconv.Atoi(def)
			f.SetInt(int64(number))
		case f.Kind() == reflect.String:
			f.SetString(def)
		}
	}
}
