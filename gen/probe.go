package gen

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/upconv/upconv/asm/sim/probe"
)

// ProbeSource is where the headers of the Probe files say they come from.
const ProbeSource = "gen/probe.go"

// Probe returns the files of package asm/sim/probe/native: the probes of every
// instruction that the simulator knows, an assembly file for each group, and their
// table in Go.
func Probe() ([]File, error) {
	all, err := probe.All()
	if err != nil {
		return nil, err
	}
	texts := map[string][]byte{}
	for _, p := range all {
		texts[p.Group] = append(append(texts[p.Group], '\n'), p.Text...)
	}
	files := []File{{Name: "probes_amd64.go", Data: probeTable(all)}}
	for group, text := range texts {
		files = append(files, File{Name: group + "_amd64.s", Data: assemblyFile(ProbeSource, group, bytes.TrimPrefix(text, []byte("\n")))})
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

// probeTable spells the declarations of the probes and a table of them by name.
func probeTable(all []probe.Probe) []byte {
	b := fmt.Appendf(nil, "%s%s (table). DO NOT EDIT.\n\n//go:build !purego\n\npackage native\n", HeaderPrefix, ProbeSource)
	for _, p := range all {
		b = fmt.Appendf(b, "\n//go:noescape\nfunc %s%s\n", p.Name, strings.TrimPrefix(probe.Signature, "func"))
	}
	b = append(b, "\n// Functions are the probes by name.\nfunc Functions() map[string]Func {\n\treturn map[string]Func{\n"...)
	width := 0
	for _, p := range all {
		width = max(width, len(p.Name))
	}
	for _, p := range all {
		b = fmt.Appendf(b, "\t\t%-*s%s,\n", width+4, fmt.Sprintf("%q:", p.Name), p.Name)
	}
	return append(b, "\t}\n}\n"...)
}
