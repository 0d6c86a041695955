package gen

import (
	"bytes"
	"slices"
	"strings"

	"github.com/upconv/upconv/gen/golang"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// pkg collects the kernels of one package.
type pkg struct {
	spec    *specfile.File
	kernels []*kernel
}

func (p *pkg) find(name string) *kernel {
	for _, k := range p.kernels {
		if k.Nest.Name == name {
			return k
		}
	}
	return nil
}

// files spells every file of the package.
func (p *pkg) files() ([]File, error) {
	var files []File
	add := func(name string, data []byte, err error) error {
		files = append(files, File{Name: name, Data: data})
		return err
	}
	for _, k := range p.kernels {
		data, err := p.kernelFile(k)
		if err := add(k.fileName(), k.asking(data), err); err != nil {
			return nil, err
		}
	}
	kernels, table := len(files), p.table()
	for _, f := range golang.TableFiles {
		data, err := f.Spell(table)
		if err := add(f.Name, data, err); err != nil {
			return nil, err
		}
	}
	stampTables("layers.go", files[kernels:])
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

// fileName is the kernel's name, with the suffixes that the go tool builds by.
func (k *kernel) fileName() string {
	if k.text != nil {
		return k.Nest.Name + "_amd64.s"
	}
	return k.Nest.Name + ".go"
}

// kernelFile is the header, then the function.
func (p *pkg) kernelFile(k *kernel) ([]byte, error) {
	if k.text == nil {
		n := k.Nest
		n.Doc = k.comment()
		return golang.KernelFile(p.spec.Package, p.header(k.names), n)
	}
	var b bytes.Buffer
	b.WriteString("// " + p.header(k.names) + "\n\n//go:build !purego\n\n")
	for _, line := range k.comment() {
		b.WriteString(golang.CommentLine(line) + "\n")
	}
	b.WriteString("\n#include \"textflag.h\"\n\n")
	b.Write(k.text)
	return b.Bytes(), nil
}

// table is what the package's tables list.
func (p *pkg) table() golang.Table {
	t := golang.Table{Package: p.spec.Package, Header: p.header(layerNames(p.spec.Layers)), Source: p.spec.Path, Layers: p.spec.Layers}
	for _, k := range p.kernels {
		d := k.Kernel
		t.Kernels = append(t.Kernels, golang.Entry{
			Name: d.Name, Stamp: k.stamp, ISA: d.ISA, Layer: k.names[0], Finished: k.finished, Needs: k.needs, Pack: d.Pack,
			Lanes: d.Tile.Lanes, Columns: d.Tile.Columns, Slack: d.Tile.Slack, Masked: d.Tile.Masked, Row: d.Tile.Row, Shifted: d.Tile.Shifted, Fold: d.Tile.Fold, Pass: d.Tile.Pass, Once: d.Tile.Once,
			Fused: d.Tile.Fused, Field: k.Field, Assembly: k.text != nil, Params: append(slices.Clone(k.Nest.Slices), k.Nest.Ints...), Slices: len(k.Nest.Slices),
		})
	}
	return t
}

func layerNames(layers []specs.Layer) []string {
	var names []string
	for _, l := range layers {
		names = append(names, l.Name)
	}
	return names
}
