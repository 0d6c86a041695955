package main

import (
	"context"
	"fmt"

	"github.com/upconv/upconv/internal/tensorio"
	"github.com/upconv/upconv/specs"
)

// file is an argument of run that names a file.
type file struct {
	flag, path string
	wanted     bool   // the layer has a use for it
	needed     bool   // and does not run without it
	has        string // what such a layer has
	key        string // what to write in the spec so that it has none, if that is possible
}

// files are those that a layer has or has not.
func (r *application) files(l specs.Layer) []file {
	weighted, prelu := l.Op.Weighted(), l.Activation.Function == specs.PReLU
	unpool := l.Op == specs.MaxUnpool
	return []file{
		{"--weights", r.weights, weighted, weighted, "weights", ""},
		{"--bias", r.bias, l.Bias, l.Bias, "a bias", "bias: false"},
		{"--slopes", r.slopes, prelu, prelu, "slopes", ""},
		{"--residual", r.residual, l.Add, l.Add, "a residual", "add: false"},
		{"--indices", r.indices, unpool, unpool, "indices to read", ""},
		{"--indices-output", r.indicesOutput, l.Op == specs.MaxPool, false, "indices to write", ""},
	}
}

// check reports a file that is missing or too much.
func (f file) check(l specs.Layer) error {
	switch {
	case f.path == "" && f.needed && f.key != "":
		return fmt.Errorf("layer %s has %s: give %s FILE, or write %s in the spec", l.Name, f.has, f.flag, f.key)
	case f.path == "" && f.needed:
		return fmt.Errorf("layer %s has %s: give %s FILE", l.Name, f.has, f.flag)
	case f.path != "" && !f.wanted && f.flag == "--bias" && l.Op.Takes("bias"):
		return fmt.Errorf("layer %s has no bias: leave out --bias, or leave out bias: false in the spec", l.Name)
	case f.path != "" && !f.wanted:
		return fmt.Errorf("layer %s, a %s, has no %s: leave out %s", l.Name, l.Op, noun(f.has), f.flag)
	}
	return nil
}

// noun drops the article.
func noun(s string) string {
	if len(s) > 2 && s[:2] == "a " {
		return s[2:]
	}
	return s
}

// read reads the files that the layer needs.
func (r *application) read(ctx context.Context, l specs.Layer) (*arrays, error) {
	for _, f := range r.files(l) {
		if err := f.check(l); err != nil {
			return nil, err
		}
	}
	a := &arrays{}
	for _, file := range []struct {
		path     string
		into     *array
		channels int // of a picture
	}{{r.input, &a.input, l.InChannels}, {r.weights, &a.weights, 0}, {r.bias, &a.bias, 0}, {r.slopes, &a.slopes, 0}, {r.residual, &a.residual, l.OutChannels}} {
		if file.path == "" {
			continue
		}
		read, err := readArray(ctx, l, file.path, file.channels)
		if err != nil {
			return nil, err
		}
		*file.into = read
	}
	if r.indices == "" {
		return a, nil
	}
	var err error
	a.indicesPath = r.indices
	a.indices, err = tensorio.ReadIntegers(r.indices)
	return a, err
}
