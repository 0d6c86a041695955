package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// specName is the spec file that is looked for.
const specName = "upconv.yaml"

// specFlagHelp describes -f where it names one file.
const specFlagHelp = "spec file (default: " + specName + " in this folder or above it, up to the folder of go.mod)"

// findSpec looks for upconv.yaml in the current folder and those above it, up to
// the one that holds go.mod.
func findSpec() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir, up := start, "."; ; dir, up = filepath.Dir(dir), filepath.Join(up, "..") {
		if exists(filepath.Join(dir, specName)) {
			return filepath.Join(up, specName), nil
		}
		if exists(filepath.Join(dir, "go.mod")) || dir == filepath.Dir(dir) {
			return "", fmt.Errorf("there is no %s in %s or above it in its module; name a spec file with -f", specName, start)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// loadSpec reads the named spec file, or the one that is found.
func (a *app) loadSpec(path string) (*specfile.File, error) {
	if path == "" {
		found, err := findSpec()
		if err != nil {
			return nil, err
		}
		path = found
	}
	data, err := readSpec(path)
	if err != nil {
		return nil, err
	}
	return specfile.ParseWithin(path, data, a.limits)
}

// readSpec reads no more than a spec file may hold, and one byte to tell.
func readSpec(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, named(path, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, named(path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, specfile.MaxBytes+1))
	if err != nil {
		return nil, named(path, err)
	}
	return data, nil
}

// named puts the path before an error, once.
func named(path string, err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// layerOf returns the layer of that name.
func layerOf(f *specfile.File, name string) (specs.Layer, error) {
	i := slices.IndexFunc(f.Layers, func(l specs.Layer) bool { return l.Name == name })
	if i >= 0 {
		return f.Layers[i], nil
	}
	var have []string
	for _, l := range f.Layers {
		have = append(have, l.Name)
	}
	return specs.Layer{}, fmt.Errorf("%s has no layer %s; there is: %s", f.Path, specs.Quote(name), strings.Join(have, ", "))
}

// moduleRelative is the slash-separated path of a file relative to the folder of
// its go.mod, or its name where there is none. It says in generated files where
// they come from, without telling about the machine.
func moduleRelative(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, "go.mod")) {
			rel, err := filepath.Rel(dir, abs)
			return filepath.ToSlash(rel), err
		}
		if dir == filepath.Dir(dir) {
			return filepath.Base(abs), nil
		}
	}
}

// expand resolves the patterns among spec paths, since a go:generate line is not
// read by a shell. A pattern that matches nothing is an error; a path that is
// named twice counts once.
func expand(paths []string) ([]string, error) {
	var list []string
	for _, p := range paths {
		matches := []string{p}
		if strings.ContainsAny(p, "*?[") && !exists(p) {
			found, err := filepath.Glob(p)
			if err != nil || len(found) == 0 {
				return nil, fmt.Errorf("no spec file matches %s", p)
			}
			matches = found
		}
		for _, m := range matches {
			if m = filepath.Clean(m); !slices.Contains(list, m) {
				list = append(list, m)
			}
		}
	}
	return list, nil
}
