package tests

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// published is a row of testdata/networks.csv: a layer of a published network, by column.
type published map[string]string

// publishedLayers reads the rows.
func publishedLayers(t *testing.T) (list []published) {
	t.Helper()
	f, err := os.Open("testdata/networks.csv")
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	for _, cells := range rows[1:] {
		row := published{}
		for i, key := range rows[0] {
			row[key] = cells[i]
		}
		list = append(list, row)
	}
	return list
}

// numbersOf reads 64x48; nothing has none.
func numbersOf(t *testing.T, text string) (list []int) {
	t.Helper()
	for part := range strings.SplitSeq(text, "x") {
		if part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		require.NoError(t, err)
		list = append(list, n)
	}
	return list
}

// layer is the row as a layer with its channels and input. The second word of an op is
// what it takes beside the numbers.
func (p published) layer(t *testing.T) specs.Layer {
	t.Helper()
	in, out := numbersOf(t, p["input"]), numbersOf(t, p["output"])
	op, how, _ := strings.Cut(p["op"], " ")
	l := specs.NewLayer(specs.Op(op), len(in))
	l.InChannels, l.OutChannels = numbersOf(t, p["in_channels"])[0], numbersOf(t, p["out_channels"])[0]
	begin, end := p.padding()
	for i := range l.Spatial() {
		a := &l.Axes[i]
		a.Input, a.PadBegin, a.PadEnd = in[i], begin, end
		p.spread(t, &l, i)
		if sized := l.Op.Takes("scale") && !l.Op.Takes("kernel"); sized && a.Scale*in[i] != out[i] || how == "size" {
			a.Scale, a.OutputSize = 0, out[i]
		}
	}
	p.choose(&l, how)
	require.Empty(t, l.Validate(), p)
	return l
}

// choose sets what is not the op's default.
func (p published) choose(l *specs.Layer, how string) {
	switch how {
	case "depthwise":
		l.Depthwise, l.Groups = true, 0
	case "dcr":
		l.Order = specs.DCR
	case "align_corners":
		l.Coordinate = specs.AlignCorners
	case "reflect":
		l.Border = specs.Reflect
	}
}

// padding is one number for both ends, or two.
func (p published) padding() (begin, end int) {
	first, second, two := strings.Cut(p["padding"], "/")
	begin, _ = strconv.Atoi(first) // nothing is none
	if end = begin; two {
		end, _ = strconv.Atoi(second)
	}
	return begin, end
}

// spread sets the numbers of an axis that the op takes.
func (p published) spread(t *testing.T, l *specs.Layer, axis int) {
	t.Helper()
	a := &l.Axes[axis]
	if kernel := numbersOf(t, p["kernel"]); l.Op.Takes("kernel") {
		a.Kernel = kernel[axis]
	}
	step := numbersOf(t, p["stride"])[0]
	if l.Op.Takes("stride") {
		a.Stride = step
	} else {
		a.Scale = step
	}
	if l.Op.Takes("output_padding") {
		a.OutputPadding, _ = strconv.Atoi(p["output_padding"])
	}
	if l.Op == specs.MaxUnpool {
		a.OutputSize = numbersOf(t, p["output"])[axis]
	}
}

// TestPublishedLayers: each layer of a published network has the size that it has there,
// and a prebuilt kernel for every instruction set of the build.
func TestPublishedLayers(t *testing.T) {
	registry, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	built := isasOf(registry.Kernels())
	rows := publishedLayers(t)
	require.Len(t, rows, 100)
	for _, row := range rows {
		l, name := row.layer(t), row["network"]+", "+row["layer"]
		for i, want := range numbersOf(t, row["output"]) {
			e, err := l.Extent(i, l.Axes[i].Input)
			require.NoError(t, err, name)
			require.Equal(t, want, e.Out, name)
		}
		serving := isasOf(registry.Candidates(l, ^cpu.Features(0)))
		planned := 0
		for _, target := range gen.Targets {
			if _, none := gen.DesignOf(l, target); none == nil && built[target.Name] {
				require.True(t, serving[target.Name], "%s: %s has no %s kernel", name, l.Canonical(), target.Name)
				planned++
			}
		}
		require.True(t, planned > 0 || !built["avx2"], "%s: %s has no kernel", name, l.Canonical())
	}
}

// isasOf are the instruction sets of kernels.
func isasOf(kernels []runtime.Kernel) map[string]bool {
	set := map[string]bool{}
	for _, k := range kernels {
		set[k.ISA] = true
	}
	return set
}
