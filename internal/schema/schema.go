// Package schema is the JSON Schema of a spec file, from which editors complete and check
// it. It takes what specs knows of ops and keys, so that it cannot fall behind; faults
// that relate numbers to each other are left to the generator.
package schema

import (
	"encoding/json"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// Document is the schema as indented JSON.
func Document() ([]byte, error) {
	text, err := json.MarshalIndent(File(), "", "  ")
	return append(text, '\n'), err
}

// File is the schema of a spec file.
func File() *jsonschema.Schema {
	return &jsonschema.Schema{
		Schema: "https://json-schema.org/draft/2020-12/schema",
		Title:  "upconv.yaml",
		Type:   "object", Required: []string{"version", "package", "layers"},
		AdditionalProperties: never(),
		PropertyOrder:        []string{"version", "package", "output", "layers"},
		Properties: map[string]*jsonschema.Schema{
			"version": {Description: "version of the language of this file", Enum: []any{specfile.Version}},
			"package": {Description: "name of the generated Go package", Type: "string", Pattern: "^[a-z][a-z0-9_]*$", MaxLength: jsonschema.Ptr(specs.MaxNameLength)},
			"output":  {Description: "folder of the package, relative to this file; without it, one of the package's name beside the file", Type: "string", MinLength: jsonschema.Ptr(1)},
			"layers":  {Description: "the layers, each with a constructor in the package", Type: "array", MinItems: jsonschema.Ptr(1), Items: layer()},
		},
	}
}

// never is a schema that nothing satisfies.
func never() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

// layer is the schema of one layer: its op says which keys it has.
func layer() *jsonschema.Schema {
	s := &jsonschema.Schema{
		Type: "object", Required: []string{"name", "op"},
		Properties: map[string]*jsonschema.Schema{"name": keys["name"](""), "op": ops()},
	}
	for _, o := range specs.Ops() {
		s.AllOf = append(s.AllOf, &jsonschema.Schema{
			If:   &jsonschema.Schema{Required: []string{"op"}, Properties: map[string]*jsonschema.Schema{"op": {Enum: names(o)}}},
			Then: keysOf(o),
		})
	}
	return s
}

// names are the words for an op.
func names(o specs.Op) (list []any) {
	for _, name := range specfile.Names(o) {
		list = append(list, name)
	}
	return list
}

// ops is the schema of op.
func ops() *jsonschema.Schema {
	s := &jsonschema.Schema{Description: "what the layer does"}
	for _, o := range specs.Ops() {
		s.Enum = append(s.Enum, names(o)...)
	}
	return s
}

// keysOf is the schema of a layer of one op.
func keysOf(o specs.Op) *jsonschema.Schema {
	s := &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: never(), PropertyOrder: o.Keys()}
	for _, key := range o.Keys() {
		if value := keys[key]; value != nil {
			s.Properties[key] = value(o)
		}
	}
	for _, c := range o.Choices() {
		s.Properties[c.Key] = choice(c)
	}
	switch {
	case o.Takes("kernel") && o.Takes("scale"):
		s.Required = []string{"kernel", "scale"}
	case o.Takes("kernel"):
		s.Required = []string{"kernel"}
	case o.Takes("output_size"):
		s.OneOf = []*jsonschema.Schema{{Required: []string{"scale"}}, {Required: []string{"output_size"}}}
	default:
		s.Required = []string{"scale"}
	}
	return s
}

// choice is the schema of a key whose value is one of a few words.
func choice(c specs.Choice) *jsonschema.Schema {
	s := &jsonschema.Schema{Description: about[c.Key]}
	for word := range strings.SplitSeq(c.Values(), ", ") {
		s.Enum = append(s.Enum, word)
	}
	return s
}

// number is a whole number from least on.
func number(least, most int) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "integer", Minimum: jsonschema.Ptr(float64(least)), Maximum: jsonschema.Ptr(float64(most))}
}

// list is a number for each axis.
func list(least, most int) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: number(least, most), MinItems: jsonschema.Ptr(1), MaxItems: jsonschema.Ptr(specs.MaxRank)}
}

// either is one number for all axes, or a list.
func either(least, most int) *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{number(least, most), list(least, most)}}
}

// described adds what a key means.
func described(key string, s *jsonschema.Schema) *jsonschema.Schema {
	s.Description = about[key]
	return s
}

// padding is numbers, both ends of them, or the name of a mode.
func padding() *jsonschema.Schema {
	end := either(0, specs.MaxParameter)
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		number(0, specs.MaxParameter), list(0, specs.MaxParameter),
		{Type: "object", Properties: map[string]*jsonschema.Schema{"begin": end, "end": end.CloneSchemas()}, AdditionalProperties: never(), MinProperties: jsonschema.Ptr(1)},
		{Enum: []any{specs.SameUpper, specs.SameLower, specs.Valid}},
	}}
}

// sides is a size for each axis; of ops without a kernel its list says how many axes
// there are.
func sides(o specs.Op, most int) *jsonschema.Schema {
	if !o.Takes("kernel") {
		return list(1, most)
	}
	return either(1, most)
}

// keys are the schemas of the keys that are no choice.
var keys = map[string]func(specs.Op) *jsonschema.Schema{
	"name": func(specs.Op) *jsonschema.Schema {
		return described("name", &jsonschema.Schema{Type: "string", Pattern: "^[A-Za-z][A-Za-z0-9_]*$", MaxLength: jsonschema.Ptr(specs.MaxNameLength)})
	},
	"op":             func(o specs.Op) *jsonschema.Schema { return &jsonschema.Schema{Enum: names(o)} },
	"kernel":         func(specs.Op) *jsonschema.Schema { return described("kernel", list(1, specs.MaxParameter)) },
	"stride":         func(specs.Op) *jsonschema.Schema { return described("stride", either(1, specs.MaxParameter)) },
	"scale":          func(o specs.Op) *jsonschema.Schema { return described("scale", sides(o, specs.MaxParameter)) },
	"padding":        func(specs.Op) *jsonschema.Schema { return described("padding", padding()) },
	"output_padding": func(specs.Op) *jsonschema.Schema { return described("output_padding", either(0, specs.MaxParameter)) },
	"output_size":    func(o specs.Op) *jsonschema.Schema { return described("output_size", sides(o, specs.MaxSize)) },
	"dilation":       func(specs.Op) *jsonschema.Schema { return described("dilation", either(1, specs.MaxParameter)) },
	"ceil_mode":      flag("ceil_mode"),
	"groups":         func(specs.Op) *jsonschema.Schema { return described("groups", number(1, specs.MaxSize)) },
	"depthwise":      flag("depthwise"),
	"in_channels":    func(specs.Op) *jsonschema.Schema { return described("in_channels", number(1, specs.MaxSize)) },
	"out_channels":   func(specs.Op) *jsonschema.Schema { return described("out_channels", number(1, specs.MaxSize)) },
	"input":          func(specs.Op) *jsonschema.Schema { return described("input", either(1, specs.MaxSize)) },
	"bias":           flag("bias"),
	"add":            flag("add"),
	"activation": func(specs.Op) *jsonschema.Schema {
		return described("activation", &jsonschema.Schema{Type: "string", Pattern: `^(none|relu|relu6|prelu|sigmoid|tanh|leaky_relu\(.+\)|clamp\(.+,.+\))$`})
	},
}

func flag(key string) func(specs.Op) *jsonschema.Schema {
	return func(specs.Op) *jsonschema.Schema { return described(key, &jsonschema.Schema{Type: "boolean"}) }
}
