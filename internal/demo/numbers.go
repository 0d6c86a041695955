package demo

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	overlaps "github.com/upconv/upconv/internal/overlap"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// one is a layer of one channel and square axes, without bias.
func one(op specs.Op, rank int, axis specs.Axis) specs.Layer {
	l := specs.NewLayer(op, rank)
	l.InChannels, l.OutChannels, l.Bias = 1, 1, false
	for i := range l.Spatial() {
		l.Axes[i] = axis
	}
	return l
}

// result runs a layer of one channel on the generic path; indices are those that a
// max_unpool reads, and where a max_pool has room for what it finds.
func result(l specs.Layer, weights, src []float32, indices []int64, sizes ...int) ([]float32, error) {
	registry, err := runtime.NewRegistry()
	if err != nil {
		return nil, err
	}
	layer, err := registry.New(l, weights, nil, runtime.WithISA("generic"))
	if err != nil {
		return nil, err
	}
	shape := runtime.NewShape(1, sizes...)
	n, err := layer.DstLen(shape)
	if err != nil {
		return nil, err
	}
	dst := make([]float32, n)
	return dst, layer.Run(runtime.Args{Dst: dst, Src: src, Indices: indices}, shape)
}

// printNumbers prints the small examples of the other techniques; every result is the
// runtime's.
func printNumbers(w io.Writer) error {
	for _, show := range []func() ([]string, error){pooledNumbers, bilinearNumbers, overlapNumbers, matrixNumbers, mergedNumbers} {
		lines, err := show()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "\n%s\n", strings.Join(lines, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// pooledNumbers pools, and unpools other numbers to where the maxima were.
func pooledNumbers() ([]string, error) {
	input := []float32{1, 2, 6, 3, 3, 5, 2, 1, 1, 2, 2, 1, 7, 3, 4, 8}
	window := specs.Axis{Kernel: 2, Stride: 2, Dilation: 1}
	indices := make([]int64, 4)
	maxima, err := result(one(specs.MaxPool, 2, window), nil, input, indices, 4, 4)
	if err != nil {
		return nil, err
	}
	small := []float32{1, 2, 3, 4}
	window.Dilation = 0
	back, err := result(one(specs.MaxUnpool, 2, window), nil, small, indices, 2, 2)
	if err != nil {
		return nil, err
	}
	places := make([]float32, len(indices))
	for i, n := range indices {
		places[i] = float32(n)
	}
	return []string{
		"Max-pooling by 2 x 2, and unpooling other numbers to where the maxima were",
		"  pooled " + matrix(input, 4) + " gives " + matrix(maxima, 2) + " with indices " + matrix(places, 2),
		"  unpooled " + matrix(small, 2) + " gives " + matrix(back, 4),
	}, nil
}

// bilinearNumbers are the first rows of an enlargement by 2 in each coordinate mode.
func bilinearNumbers() ([]string, error) {
	src := []float32{1, 2, 3, 4}
	lines := []string{"Bilinear, " + matrix(src, 2) + " enlarged by 2: the first row"}
	for _, mode := range []specs.Coordinate{specs.HalfPixel, specs.AlignCorners, specs.Asymmetric} {
		l := one(specs.Bilinear, 2, specs.Axis{Scale: 2})
		l.Coordinate = mode
		dst, err := result(l, nil, src, nil, 2, 2)
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("  %-14s%s", mode, row(dst[:4])))
	}
	return lines, nil
}

// overlapNumbers count stamps in one dimension.
func overlapNumbers() ([]string, error) {
	const inputs = 6
	lines := []string{"Stamps at each output, one axis, 6 inputs"}
	for _, a := range []specs.Axis{{Kernel: 3, Stride: 2}, {Kernel: 4, Stride: 2}, {Kernel: 5, Stride: 2}, {Kernel: 2, Stride: 2}} {
		a.Dilation = 1
		verdict := "uneven"
		if overlaps.EvenAxis(a) {
			verdict = "even"
		}
		counts := strings.Trim(fmt.Sprint(overlaps.Counts(overlaps.Full(a, inputs))), "[]")
		lines = append(lines, fmt.Sprintf("  k%d s%d  %-29s  %s", a.Kernel, a.Stride, counts, verdict))
	}
	return lines, nil
}

// matrixNumbers convolve, and apply the transposed matrix of that convolution to what
// it gave.
func matrixNumbers() ([]string, error) {
	input := []float32{0, 1, 2, 3, 4, 5, 6, 7, 8}
	kernel := []float32{1, 2, 3, 4}
	axis := specs.Axis{Kernel: 2, Stride: 1, Dilation: 1}
	y, err := result(one(specs.Conv, 2, axis), kernel, input, nil, 3, 3)
	if err != nil {
		return nil, err
	}
	back, err := result(one(specs.ConvTranspose, 2, axis), kernel, y, nil, 2, 2)
	if err != nil {
		return nil, err
	}
	lines := []string{"A convolution is a matrix; the transposed convolution multiplies by its transpose. Kernel " + matrix(kernel, 2)}
	for _, r := range convMatrix(kernel) {
		lines = append(lines, "  | "+row(r)+" |")
	}
	return append(lines,
		"  conv of "+matrix(input, 3)+" gives "+matrix(y, 2),
		"  its transpose applied to that gives "+matrix(back, 3)), nil
}

// convMatrix is the matrix [4, 9] of the convolution of 3 x 3 inputs by 2 x 2.
func convMatrix(kernel []float32) [][]float32 {
	rows := make([][]float32, 4)
	for o := range rows {
		rows[o] = make([]float32, 9)
		for k, weight := range kernel {
			rows[o][(o/2+k/2)*3+o%2+k%2] = weight
		}
	}
	return rows
}

// mergedNumbers enlarge and then convolve, in one dimension, and apply the merged
// kernel of a transposed convolution, [100, 110, 11, 1], that does the same.
func mergedNumbers() ([]string, error) {
	src, kernel := []float32{1, 2, 3, 4}, []float32{1, 10, 100}
	cure, err := result(one(specs.ResizeConv, 1, specs.Axis{Kernel: 3, Scale: 2, Dilation: 1, PadBegin: 1, PadEnd: 1}), kernel, src, nil, 4)
	if err != nil {
		return nil, err
	}
	merged := mergedTaps(kernel)
	same, err := result(one(specs.ConvTranspose, 1, specs.Axis{Kernel: 4, Stride: 2, Dilation: 1, PadBegin: 1, PadEnd: 1}), merged, src, nil, 4)
	if err != nil {
		return nil, err
	}
	return []string{
		"Nearest x2, then a convolution by [1, 10, 100], of (1, 2, 3, 4)",
		"  in two steps                                     " + row(cure),
		"  as k4 s2 with the merged taps " + vector(merged) + "  " + row(same),
	}, nil
}

// mergedTaps is the stamp of one input that is repeated twice and then convolved by
// three taps: the flipped kernel stamped at two places.
func mergedTaps(kernel []float32) []float32 {
	taps := make([]float32, len(kernel)+1)
	for i, w := range kernel {
		at := len(kernel) - 1 - i
		taps[at] += w
		taps[at+1] += w
	}
	return taps
}

// matrix writes values in rows of the given width: [[1, 2], [3, 4]].
func matrix(values []float32, width int) string {
	var rows []string
	for i := 0; i < len(values); i += width {
		rows = append(rows, vector(values[i:i+width]))
	}
	return "[" + strings.Join(rows, ", ") + "]"
}

func vector(values []float32) string { return "[" + strings.ReplaceAll(row(values), " ", ", ") + "]" }

// row writes values to five digits.
func row(values []float32) string {
	var words []string
	for _, v := range values {
		words = append(words, strconv.FormatFloat(float64(v), 'g', 5, 32))
	}
	return strings.Join(words, " ")
}
