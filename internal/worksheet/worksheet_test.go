package worksheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// open writes the sheet of a layer and reads it as a spreadsheet does.
func open(t *testing.T, l specs.Layer) *book {
	t.Helper()
	s, err := Of(l)
	require.NoError(t, err, l.Canonical())
	var b bytes.Buffer
	require.NoError(t, s.WriteCSV(&b))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, len(s.rows), "the reader skips rows that a spreadsheet keeps")
	return &book{t, rows}
}

func layer(t *testing.T, name string) specs.Layer {
	t.Helper()
	l, err := specs.ParseName(name)
	require.NoError(t, err)
	return l
}

// TestWorkedExample: the sheet opens with the article's numbers, and follows them when an
// input or a weight is changed.
func TestWorkedExample(t *testing.T) {
	for name, want := range map[string][]float32{
		"conv_transpose2d_k2":   {0, 0, 1, 0, 4, 6, 4, 12, 9},
		"conv_transpose2d_k2p1": {4},
		"conv_transpose2d_k2s2": {0, 0, 0, 1, 0, 0, 2, 3, 0, 2, 0, 3, 4, 6, 6, 9},
	} {
		require.Equal(t, want, open(t, layer(t, name)).get("output"), name)
	}
	b := open(t, layer(t, "conv_transpose2d_k2"))
	b.set("kernel", []float32{1, 0, 0, 10})
	b.set("bias", []float32{0.5})
	require.Equal(t, []float32{0.5, 1.5, 0.5, 2.5, 3.5, 10.5, 0.5, 20.5, 30.5}, b.get("output"))
	require.Equal(t, []float32{1, 2, 1, 2, 4, 2, 1, 2, 1}, b.get("number of stamps at each output"))

	b = open(t, layer(t, "conv2d_k2"))
	b.set("input", []float32{0, 1, 2, 3, 4, 5, 6, 7, 8})
	b.set("kernel", []float32{1, 2, 3, 4})
	require.Equal(t, []float32{27, 37, 57, 67}, b.get("output"))

	b = open(t, layer(t, "resize_conv1d_k3s2p1"))
	b.set("input", []float32{1, 2})
	b.set("kernel", []float32{1, 10, 100})
	require.Equal(t, []float32{1, 1, 2, 2}, b.get("enlarged"))
	require.Equal(t, []float32{110, 211, 221, 22}, b.get("output"))

	b = open(t, layer(t, "bilinear2d_s2"))
	b.set("input", []float32{1, 2, 3, 4})
	require.Equal(t, []float32{1, 1.25, 1.75, 2}, b.get("output")[:4])

	b = open(t, layer(t, "max_unpool2d_k2s2"))
	b.set("input", []float32{1, 2, 3, 4})
	b.set("indices, each another one, counted along the rows of the output", []float32{5, 2, 12, 15})
	require.Equal(t, []float32{0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 4}, b.get("output"))
}

// TestSheetsComputeTheLayer: for random layers of every op and random whole numbers, the
// formulas come to what the runtime returns.
func TestSheetsComputeTheLayer(t *testing.T) {
	compared, sheets := map[specs.Op]int{}, 0
	for i, l := range append(differential.RandomOps(11, 900, specs.Ops()...), differential.RandomLayers(12, 150)...) {
		if l.Rank > 2 || l.Op == specs.MaxUnpool { // whose indices TestWorkedExample changes
			continue
		}
		l = alone(l)
		if _, err := Of(l); err != nil {
			continue
		}
		b := open(t, l)
		got, want := b.get, run(t, b, l, i)
		titles := []string{"output"}
		if l.Op == specs.PixelUnshuffle {
			titles = numbered("output, channel %d", l.OutChannels)
		}
		var values []float32
		for _, title := range titles {
			values = append(values, got(title)...)
		}
		require.InDeltaSlice(t, want, values, 1e-3, l.Canonical())
		compared[l.Op]++
		sheets++
	}
	require.Greater(t, sheets, 800)
	for op, n := range compared {
		require.Greater(t, n, 10, op)
	}
	require.Len(t, compared, len(specs.Ops())-1)
}

// alone is the layer as the sheet has it: of one channel, for any input unless its
// output is given, and with sums alone.
func alone(l specs.Layer) specs.Layer {
	l = l.Sums()
	l.Layout, l.InChannels, l.OutChannels = specs.NCHW, 1, 1
	if l.Op.Weighted() {
		l.Groups, l.Depthwise = 1, false
	}
	switch l.Op {
	case specs.PixelShuffle:
		l.InChannels = 0
	case specs.PixelUnshuffle:
		l.OutChannels = 0
	}
	return l.WithChannels()
}

func numbered(format string, n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf(format, i))
	}
	return list
}

// run changes the numbers of the sheet and returns what the layer makes of them.
func run(t *testing.T, b *book, l specs.Layer, seed int) []float32 {
	t.Helper()
	draw := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32((i*7+seed)*13%19 - 9)
		}
		return v
	}
	var sizes []int
	for i := range l.Spatial() {
		e, err := small(l, i)
		require.NoError(t, err)
		sizes = append(sizes, e.In)
		if a := &l.Axes[i]; a.Input != 0 { // the layer of the sheet has the sheet's input
			a.Input = e.In
		}
		if a := &l.Axes[i]; !l.Op.Takes("coordinate") {
			a.OutputSize = 0
		}
	}
	area, _ := specs.Product(sizes...)
	src := draw(l.InChannels * area)
	if titles := numbered("input, channel %d", l.InChannels); l.Op == specs.PixelShuffle {
		for c, title := range titles {
			b.set(title, src[c*area:][:area])
		}
	} else {
		b.set("input", src)
	}
	var weights, bias []float32
	if l.Op.Weighted() {
		n, _ := specs.Product(l.WeightsShape()...)
		weights = draw(n)
		b.set("kernel", weights)
	}
	if l.Bias {
		bias = []float32{2.5}
		b.set("bias", bias)
	}
	registry, err := runtime.NewRegistry()
	require.NoError(t, err)
	layer, err := registry.New(l, weights, bias)
	require.NoError(t, err, l.Canonical())
	shape := runtime.NewShape(1, sizes...)
	n, err := layer.DstLen(shape)
	require.NoError(t, err)
	dst := make([]float32, n)
	require.NoError(t, layer.Forward(dst, src, shape), l.Canonical())
	return dst
}

func TestTooLarge(t *testing.T) {
	for name, want := range map[string]string{
		"conv_transpose3d_k2":        "layer conv_transpose3d_k2 has 3 spatial axes; a spreadsheet has room for one or two",
		"conv_transpose2d_k64s32":    "layer conv_transpose2d_k64s32 makes [96, 96] of [2, 2] here; a spreadsheet shows at most 40 a side",
		"conv2d_k17":                 "layer conv2d_k17 has too many weights for a spreadsheet, which has room for 256",
		"nearest2d_n50x84":           "layer nearest2d_n50x84 makes [50, 84] of [2, 2] here; a spreadsheet shows at most 40 a side",
		"bilinear2d_n129x129_i33x33": "layer bilinear2d_n129x129_i33x33 makes [129, 129] of [33, 33] here; a spreadsheet shows at most 40 a side",
		"pixel_shuffle2d_s17":        "layer pixel_shuffle2d_s17 has too many weights for a spreadsheet, which has room for 256",
	} {
		_, err := Of(layer(t, name))
		require.EqualError(t, err, want)
	}
}

// TestTitlesAreText: they do not begin as formulas do.
func TestTitlesAreText(t *testing.T) {
	s, err := Of(layer(t, "conv_transpose2d_k3s2"))
	require.NoError(t, err)
	for _, row := range s.rows {
		require.False(t, strings.ContainsAny(row[0][:min(1, len(row[0]))], "+-@"), row[0])
	}
}
