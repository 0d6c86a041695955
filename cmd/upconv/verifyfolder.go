package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// isFolder reports whether an argument names a folder.
func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// kernelSuffixes end the names of kernels' files.
var kernelSuffixes = []string{"_go.go", "_avx2_amd64.s", "_avx512_amd64.s"}

// folderLayers are the layers of a generated package, by the names of its kernels' files.
// It reports files whose code is not what this command generates for them: what is
// verified is what lies in the folder.
func folderLayers(dir string) ([]specs.Layer, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	spec, there := &specfile.File{Path: dir, Version: 1}, map[string]string{}
	for _, e := range entries {
		l, ok := layerOfFile(e.Name())
		if !ok {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		there[e.Name()] = string(data)
		if p := packageClause.FindStringSubmatch(string(data)); p != nil {
			spec.Package = p[1]
		}
		if !slices.ContainsFunc(spec.Layers, func(other specs.Layer) bool { return other.Name == l.Name }) {
			spec.Layers = append(spec.Layers, l)
		}
	}
	if len(spec.Layers) == 0 || spec.Package == "" {
		return nil, fmt.Errorf("%s has no kernels that upconv generated", dir)
	}
	return spec.Layers, sameCode(dir, spec, there)
}

var packageClause = regexp.MustCompile(`(?m)^package (\w+)$`)

// layerOfFile is the layer of a kernel's file.
func layerOfFile(name string) (specs.Layer, bool) {
	for _, suffix := range kernelSuffixes {
		if stem, ok := strings.CutSuffix(name, suffix); ok {
			l, err := specs.ParseName(stem)
			l.Name = stem
			return l, err == nil
		}
	}
	return specs.Layer{}, false
}

// sameCode compares kernels' files with what the layers generate.
func sameCode(dir string, spec *specfile.File, there map[string]string) error {
	files, err := gen.Package(spec)
	if err != nil {
		return err
	}
	var differ findings
	for _, f := range files {
		if _, ok := layerOfFile(f.Name); !ok {
			continue
		}
		text, ok := there[f.Name]
		switch {
		case !ok:
			differ = append(differ, outdir.Change{Kind: outdir.Missing, Path: filepath.Join(dir, f.Name)})
		case code(text) != code(string(f.Data)):
			differ = append(differ, outdir.Change{Kind: outdir.Stale, Path: filepath.Join(dir, f.Name)})
		}
	}
	if len(differ) > 0 {
		return differ
	}
	return nil
}

// stamps are the ends of constants that are named after contents.
var stamps = regexp.MustCompile(`_[0-9a-f]{8}\b`)

// code is a file without the lines that are comments alone, which name the spec, and
// without the stamps of contents that have those.
func code(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if bare := strings.TrimSpace(line); !strings.HasPrefix(bare, "//") || strings.HasPrefix(bare, "//go:") {
			b.WriteString(line)
		}
	}
	return stamps.ReplaceAllString(b.String(), "_")
}
