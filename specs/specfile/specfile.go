// Package specfile reads spec files: strict YAML, turned into layers.
//
// All faults of a file are reported at once, each with its line and column.
// What YAML allows and a reader could take for something else is a fault:
// numbers such as 010, 0x10 or 1e3, anchors, tags, merge keys, duplicate keys,
// a second document. It is the only package that imports a YAML library.
package specfile

import (
	"bytes"

	"github.com/upconv/upconv/specs"
)

// Version is the version of the file format.
const Version = 1

// Limits of what is handed to the YAML library.
const (
	MaxBytes  = 1 << 20 // of a file
	MaxLine   = 1 << 10 // characters of a line
	MaxTokens = 1 << 15 // words and marks of a file
	MaxDepth  = 16      // lists and mappings inside each other
	MaxIndent = 48      // columns in front of a line
	MaxText   = 128     // bytes of a key or value
)

// File is a spec file without faults.
type File struct {
	Path      string // as given to Parse
	Version   int
	Package   string // name of the generated package
	Output    string // its folder, slash-separated, relative to the file's; "" if not given
	Layers    []specs.Layer
	Positions []Position // of each layer's name
}

// Parse is ParseWithin specs.DefaultLimits.
func Parse(path string, data []byte) (*File, error) {
	return ParseWithin(path, data, specs.DefaultLimits())
}

// ParseWithin reads a spec file. The error is an Errors, sorted by position; path is
// used in it and is not opened. Layers are valid within the limits.
func ParseWithin(path string, data []byte, limits specs.Limits) (*File, error) {
	faults := &faults{file: path}
	f := parse(data, faults, limits)
	if err := faults.sorted(); err != nil {
		return nil, err
	}
	f.Path = path
	return f, nil
}

// parse runs the stages; one that found faults which hide the next one's
// meaning ends it.
func parse(data []byte, faults *faults, limits specs.Limits) *File {
	if checkText(data, faults); faults.any() {
		return nil
	}
	root := readYAML(string(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))), faults)
	if root == nil {
		return nil
	}
	d := &fileDecoder{values: values{faults}, limits: limits, file: File{}}
	d.decode(root)
	return &d.file
}
