package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/upconv/upconv/internal/tensorio"
)

// vector is one layer with everything that its definition needs worked out by
// hand: this test shares no arithmetic with the project.
type vector struct {
	name    string
	layer   string // keys of the layer, separated by "; "
	batch   int
	in, out int // channels
	groups  int
	size    []int // of the input
	kernel  []int
	stride  []int
	dilate  []int
	crop    []int // elements cropped at the beginning
	want    []int // size of the output
	noBias  bool
	nhwc    bool
}

func vectors() []vector {
	return []vector{
		{"kernel", "kernel: [3, 2]", 1, 2, 3, 1, []int{4, 3}, []int{3, 2}, []int{1, 1}, []int{1, 1}, []int{0, 0}, []int{6, 4}, false, false},
		{"kernel larger than input", "kernel: [4, 4]", 1, 3, 2, 1, []int{1, 1}, []int{4, 4}, []int{1, 1}, []int{1, 1}, []int{0, 0}, []int{4, 4}, false, false},
		{"kernel of one", "kernel: [1, 1]; stride: 2", 1, 2, 2, 1, []int{3, 3}, []int{1, 1}, []int{2, 2}, []int{1, 1}, []int{0, 0}, []int{5, 5}, false, false},
		{"stride", "kernel: [3, 3]; stride: 2", 1, 2, 2, 1, []int{3, 4}, []int{3, 3}, []int{2, 2}, []int{1, 1}, []int{0, 0}, []int{7, 9}, false, false},
		{"stride per axis", "kernel: [3, 4]; stride: [2, 3]", 1, 2, 3, 1, []int{3, 2}, []int{3, 4}, []int{2, 3}, []int{1, 1}, []int{0, 0}, []int{7, 7}, false, false},
		{"stride beyond kernel", "kernel: [2, 2]; stride: 3", 1, 2, 2, 1, []int{2, 3}, []int{2, 2}, []int{3, 3}, []int{1, 1}, []int{0, 0}, []int{5, 8}, false, false},
		{"padding", "kernel: [4, 4]; stride: 2; padding: 1", 1, 3, 2, 1, []int{3, 5}, []int{4, 4}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{6, 10}, false, false},
		{"padding per axis", "kernel: [3, 5]; stride: 2; padding: [0, 2]", 1, 2, 2, 1, []int{3, 4}, []int{3, 5}, []int{2, 2}, []int{1, 1}, []int{0, 2}, []int{7, 7}, false, false},
		{"padding begin and end", "kernel: [4, 4]; stride: 2; padding: {begin: [1, 0], end: [0, 2]}", 1, 2, 2, 1, []int{3, 3}, []int{4, 4}, []int{2, 2}, []int{1, 1}, []int{1, 0}, []int{7, 6}, false, false},
		{"padding beyond kernel", "kernel: [2, 2]; stride: 2; padding: 3", 1, 2, 2, 1, []int{5, 5}, []int{2, 2}, []int{2, 2}, []int{1, 1}, []int{3, 3}, []int{4, 4}, false, false},
		{"same_upper", "kernel: [3, 3]; stride: 2; padding: same_upper", 1, 2, 2, 1, []int{3, 4}, []int{3, 3}, []int{2, 2}, []int{1, 1}, []int{0, 0}, []int{6, 8}, false, false},
		{"same_lower", "kernel: [3, 3]; stride: 2; padding: same_lower", 1, 2, 2, 1, []int{3, 4}, []int{3, 3}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{6, 8}, false, false},
		{"same_upper even", "kernel: [5, 6]; stride: 1; padding: same_upper", 1, 2, 2, 1, []int{4, 4}, []int{5, 6}, []int{1, 1}, []int{1, 1}, []int{2, 2}, []int{4, 4}, false, false},
		{"same_lower even", "kernel: [5, 6]; stride: 1; padding: same_lower", 1, 2, 2, 1, []int{4, 4}, []int{5, 6}, []int{1, 1}, []int{1, 1}, []int{2, 3}, []int{4, 4}, false, false},
		{"same_upper short kernel", "kernel: [2, 2]; stride: 3; padding: same_upper", 1, 2, 2, 1, []int{3, 2}, []int{2, 2}, []int{3, 3}, []int{1, 1}, []int{0, 0}, []int{9, 6}, false, false},
		{"same_lower output_size", "kernel: [4, 4]; stride: 2; padding: same_lower; input: [3, 3]; output_size: [5, 6]", 1, 2, 2, 1, []int{3, 3}, []int{4, 4}, []int{2, 2}, []int{1, 1}, []int{2, 1}, []int{5, 6}, false, false},
		{"same_upper output_size", "kernel: [4, 4]; stride: 2; padding: same_upper; input: [3, 3]; output_size: [5, 6]", 1, 2, 2, 1, []int{3, 3}, []int{4, 4}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{5, 6}, false, false},
		{"valid", "kernel: [3, 3]; stride: 2; padding: valid", 1, 2, 2, 1, []int{3, 4}, []int{3, 3}, []int{2, 2}, []int{1, 1}, []int{0, 0}, []int{7, 9}, false, false},
		{"output_padding", "kernel: [3, 3]; stride: 2; padding: 1; output_padding: 1", 1, 2, 2, 1, []int{4, 3}, []int{3, 3}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{8, 6}, false, false},
		{"output_padding per axis", "kernel: [3, 2]; stride: [2, 3]; output_padding: [0, 2]", 1, 2, 2, 1, []int{2, 2}, []int{3, 2}, []int{2, 3}, []int{1, 1}, []int{0, 0}, []int{5, 7}, false, false},
		{"output_size", "kernel: [3, 3]; stride: 2; padding: 1; output_size: [8, 10]", 1, 2, 2, 1, []int{4, 5}, []int{3, 3}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{8, 10}, false, false},
		{"dilation", "kernel: [3, 3]; dilation: 2", 1, 2, 2, 1, []int{4, 3}, []int{3, 3}, []int{1, 1}, []int{2, 2}, []int{0, 0}, []int{8, 7}, false, false},
		{"dilation and stride", "kernel: [3, 2]; stride: [2, 1]; dilation: [1, 3]; padding: 1", 1, 2, 2, 1, []int{3, 4}, []int{3, 2}, []int{2, 1}, []int{1, 3}, []int{1, 1}, []int{5, 5}, false, false},
		{"groups", "kernel: [3, 3]; stride: 2; padding: 1; groups: 2", 2, 4, 6, 2, []int{3, 3}, []int{3, 3}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{5, 5}, false, false},
		{"depthwise", "kernel: [4, 4]; stride: 2; padding: 1; depthwise: true", 2, 5, 5, 5, []int{3, 3}, []int{4, 4}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{6, 6}, false, false},
		{"no bias", "kernel: [4, 4]; stride: 2; padding: 1; bias: false", 1, 3, 4, 1, []int{4, 4}, []int{4, 4}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{8, 8}, true, false},
		{"1-D", "kernel: [5]; stride: 2; padding: 2", 3, 2, 3, 1, []int{7}, []int{5}, []int{2}, []int{1}, []int{2}, []int{13}, false, false},
		{"1-D long", "kernel: [16]; stride: 8; padding: 4", 1, 4, 5, 1, []int{41}, []int{16}, []int{8}, []int{1}, []int{4}, []int{328}, false, false},
		{"3-D", "kernel: [2, 3, 3]; stride: [1, 2, 2]; padding: [0, 1, 1]", 2, 2, 3, 1, []int{2, 3, 2}, []int{2, 3, 3}, []int{1, 2, 2}, []int{1, 1, 1}, []int{0, 1, 1}, []int{3, 5, 3}, false, false},
		{"3-D groups", "kernel: [2, 2, 2]; stride: 2; groups: 2; bias: false", 1, 4, 2, 2, []int{2, 2, 3}, []int{2, 2, 2}, []int{2, 2, 2}, []int{1, 1, 1}, []int{0, 0, 0}, []int{4, 4, 6}, true, false},
		{"batch", "kernel: [4, 4]; stride: 2; padding: 1", 5, 3, 4, 1, []int{3, 3}, []int{4, 4}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{6, 6}, false, false},
		{"channels given", "kernel: [4, 4]; stride: 2; padding: 1; in_channels: 5; out_channels: 9", 2, 5, 9, 1, []int{6, 11}, []int{4, 4}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{12, 22}, false, false},
		{"in_channels given", "kernel: [2, 2]; stride: 2; in_channels: 5", 1, 5, 3, 1, []int{6, 9}, []int{2, 2}, []int{2, 2}, []int{1, 1}, []int{0, 0}, []int{12, 18}, false, false},
		{"input given", "kernel: [4, 4]; stride: 2; padding: 1; input: [16, 17]", 1, 3, 2, 1, []int{16, 17}, []int{4, 4}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{32, 34}, false, false},
		{"nhwc", "kernel: [3, 2]; stride: [2, 1]; layout: nhwc", 2, 3, 4, 1, []int{3, 5}, []int{3, 2}, []int{2, 1}, []int{1, 1}, []int{0, 0}, []int{7, 6}, false, true},
		{"nhwc 1-D groups", "kernel: [4]; stride: 2; groups: 2; layout: nhwc", 3, 4, 6, 2, []int{5}, []int{4}, []int{2}, []int{1}, []int{0}, []int{12}, false, true},
		{"nhwc 3-D depthwise", "kernel: [2, 2, 2]; depthwise: true; layout: nhwc; bias: false", 1, 3, 3, 3, []int{2, 3, 2}, []int{2, 2, 2}, []int{1, 1, 1}, []int{1, 1, 1}, []int{0, 0, 0}, []int{3, 4, 3}, true, true},
		{"all given", "kernel: [4, 4]; stride: 2; padding: 1; in_channels: 8; out_channels: 8; input: [16, 16]; groups: 4", 2, 8, 8, 4, []int{16, 16}, []int{4, 4}, []int{2, 2}, []int{1, 1}, []int{1, 1}, []int{32, 32}, false, false},
	}
}

// TestRunVectors applies every vector on the generic path and on the best one.
// The values are small integers, so that results are exact.
func TestRunVectors(t *testing.T) {
	for _, v := range vectors() {
		t.Run(strings.ReplaceAll(v.name, " ", "_"), func(t *testing.T) {
			t.Chdir(t.TempDir())
			args := v.files(t)
			want := v.scatter()
			require.NotZero(t, want)
			for _, more := range [][]string{{"--isa", "generic"}, {"--isa", "generic", "--threads", "3"}, {}, {"--threads", "1"}} {
				got := upconv(append(args, more...)...)
				require.Equal(t, 0, got.code, got.stderr)
				require.Empty(t, got.stdout)
				require.Equal(t, 1, strings.Count(got.stderr, "\n"), got.stderr)
				if len(more) > 0 && more[0] == "--isa" {
					require.Contains(t, got.stderr, "_generic, ")
				}
				y, err := tensorio.Read("y.npy")
				require.NoError(t, err)
				require.Equal(t, v.shape(v.out, v.want), y.Shape)
				require.Equal(t, v.arrange(want, v.out, count(v.want)), y.Data, "%v", more)
				require.NoError(t, os.Remove("y.npy"))
			}
		})
	}
}

// files writes the spec and the arrays and returns the command line.
func (v vector) files(t *testing.T) []string {
	keys := strings.ReplaceAll(v.layer, "; ", "\n    ")
	spec := "version: 1\npackage: p\nlayers:\n  - name: up\n    op: conv_transpose\n    " + keys + "\n"
	require.NoError(t, os.WriteFile("layers.yaml", []byte(spec), 0o644))
	x, w, b := v.data()
	save(t, "x.npy", tensorio.Array{Shape: v.shape(v.in, v.size), Data: v.arrange(x, v.in, count(v.size))})
	save(t, "w.npy", tensorio.Array{Shape: append([]int{v.in, v.out / v.groups}, v.kernel...), Data: w})
	args := []string{"run", "-f", "layers.yaml", "--layer", "up", "--input", "x.npy", "--weights", "w.npy", "--output", "y.npy"}
	if v.noBias {
		return args
	}
	save(t, "b.npy", tensorio.Array{Shape: []int{v.out}, Data: b})
	return append(args, "--bias", "b.npy")
}

// shape is that of an array in the layer's layout.
func (v vector) shape(channels int, size []int) []int {
	if v.nhwc {
		return slices.Concat([]int{v.batch}, size, []int{channels})
	}
	return slices.Concat([]int{v.batch, channels}, size)
}

// arrange puts an array [N, C, spatial...] into the layer's layout.
func (v vector) arrange(x []float32, channels, plane int) []float32 {
	if !v.nhwc {
		return x
	}
	y := make([]float32, len(x))
	for i, value := range x {
		n, c, at := i/plane/channels, i/plane%channels, i%plane
		y[(n*plane+at)*channels+c] = value
	}
	return y
}

// data returns input, weights and bias: neighbours differ and none is zero.
func (v vector) data() (x, w, b []float32) {
	return integers(v.batch*v.in*count(v.size), 7), integers(v.in*v.out/v.groups*count(v.kernel), 11), integers(v.out, 5)
}

func integers(n, period int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32((i*i+3*i)%period + 1)
		if i%3 == 1 {
			values[i] = -values[i]
		}
	}
	return values
}

func count(sizes []int) int {
	n := 1
	for _, s := range sizes {
		n *= s
	}
	return n
}

// scatter is the definition: each input element stamps the kernel, scaled by
// its value, onto the output of its group; stamps add up.
func (v vector) scatter() []float32 {
	x, w, b := v.data()
	inSize, outSize, kernelSize := count(v.size), count(v.want), count(v.kernel)
	inGroup, outGroup := v.in/v.groups, v.out/v.groups
	y := make([]float32, v.batch*v.out*outSize)
	for i := range y {
		if !v.noBias {
			y[i] = b[i/outSize%v.out]
		}
	}
	for n := range v.batch {
		for ic := range v.in {
			for i := range inSize {
				for oc := range outGroup {
					for k := range kernelSize {
						o, ok := v.place(i, k)
						if !ok {
							continue
						}
						plane := n*v.out + ic/inGroup*outGroup + oc
						y[plane*outSize+o] += x[(n*v.in+ic)*inSize+i] * w[(ic*outGroup+oc)*kernelSize+k]
					}
				}
			}
		}
	}
	return y
}

// place is the output element that input element i reaches through kernel
// element k, unless it is cropped.
func (v vector) place(i, k int) (o int, ok bool) {
	place, scale := 0, 1
	for a := len(v.size) - 1; a >= 0; a-- {
		at := v.stride[a]*(i%v.size[a]) + v.dilate[a]*(k%v.kernel[a]) - v.crop[a]
		if at < 0 || at >= v.want[a] {
			return 0, false
		}
		i, k = i/v.size[a], k/v.kernel[a]
		place += at * scale
		scale *= v.want[a]
	}
	return place, true
}

// TestRunWorkedExample is the example that every text on the subject has.
func TestRunWorkedExample(t *testing.T) {
	rows := []struct {
		keys string
		size int
		want []float32
	}{
		{"stride: 1", 3, []float32{0, 0, 1, 0, 4, 6, 4, 12, 9}},
		{"padding: 1", 1, []float32{4}},
		{"stride: 2", 4, []float32{0, 0, 0, 1, 0, 0, 2, 3, 0, 2, 0, 3, 4, 6, 6, 9}},
	}
	t.Chdir(t.TempDir())
	values := tensorio.Array{Shape: []int{1, 1, 2, 2}, Data: []float32{0, 1, 2, 3}}
	save(t, "x.npy", values)
	save(t, "w.npy", values)
	for _, row := range rows {
		spec := fmt.Sprintf("version: 1\npackage: p\nlayers:\n  - {name: up, op: conv_transpose, kernel: [2, 2], bias: false, %s}\n", row.keys)
		require.NoError(t, os.WriteFile("upconv.yaml", []byte(spec), 0o644))
		got := upconv("run", "--layer", "up", "--input", "x.npy", "--weights", "w.npy", "--output", "y.npy")
		require.Equal(t, 0, got.code, got.stderr)
		y, err := tensorio.Read("y.npy")
		require.NoError(t, err)
		require.Equal(t, tensorio.Array{Shape: []int{1, 1, row.size, row.size}, Data: row.want}, y)
	}
}
