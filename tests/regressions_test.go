package tests

import (
	"errors"
	"math"
	goruntime "runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/asm/sim/mutant"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/internal/tensorio"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// Bugs that other implementations have had with faulty models (M) and in assembly (A).

// refusedSpec wants exactly one fault of a layer with the given keys.
func refusedSpec(t *testing.T, keys, want string) {
	t.Helper()
	_, err := specfile.Parse("x", []byte("version: 1\npackage: p\nlayers:\n  - {name: up, op: conv_transpose, "+keys+"}\n"))
	require.ErrorContains(t, err, want)
	require.NotContains(t, err.Error(), "\n")
}

// refusedRun wants an error of a run on slices of 64 elements, which stay as they are.
func refusedRun(t *testing.T, name string, shape runtime.Shape, want string) {
	t.Helper()
	l, err := specs.ParseName(name)
	require.NoError(t, err)
	n, ok := specs.Product(l.WeightsShape()...)
	require.True(t, ok)
	registry, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	layer, err := registry.New(l, make([]float32, n), nil)
	require.NoError(t, err)
	dst := make([]float32, 64)
	require.EqualError(t, layer.Forward(dst, make([]float32, 64), shape), want)
	require.Equal(t, make([]float32, 64), dst)
}

// M1: an output of no elements is refused with the formula, from a file and at run time.
func TestRegressionM1NoOutput(t *testing.T) {
	refusedSpec(t, "kernel: [4, 4], padding: 3, input: [2, 9]", "output size is -1 = 1*(2-1) + 0 + 1*(4-1) + 1 - 3 - 3; it must be positive")
	refusedRun(t, "conv_transpose2d_k4p3_c1x1", runtime.NewShape(1, 2, 2), "runtime: axis 0: output size is -1 = 1*(2-1) + 0 + 1*(4-1) + 1 - 3 - 3; it must be positive")
}

// M2: weights of another length are refused when the layer is built.
func TestRegressionM2LengthOfWeights(t *testing.T) {
	l, err := specs.ParseName("conv_transpose2d_k4s2p1_c3x5")
	require.NoError(t, err)
	registry, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	for n, want := range map[int]string{
		0: "weights have 0 values, want 240 = [3 5 4 4]", 239: "weights have 239 values, want 240 = [3 5 4 4]", 241: "weights have 241 values, want 240 = [3 5 4 4]",
	} {
		_, err := registry.New(l, make([]float32, n), nil)
		require.EqualError(t, err, "runtime: conv_transpose2d_k4s2p1_c3x5: "+want)
	}
}

// M3: products that overflow are refused wherever sizes come from.
func TestRegressionM3ProductsOverflow(t *testing.T) {
	refusedSpec(t, "kernel: [4, 4], in_channels: 1073741824, out_channels: 2147483647, bias: false", "the weight tensor has 1073741824*2147483647*4*4 elements, which overflows")
	refusedSpec(t, "kernel: [65536, 65536]", "the kernel has 65536*65536 = 4294967296 elements; the cap is 16384")
	refusedRun(t, "conv_transpose2d_k4s2p1_c1x1", runtime.NewShape(1<<30, 1<<28, 16), "runtime: the size of the arrays overflows")
	_, err := decoded(npy("(1073741824, 268435456, 16)", 8))
	require.ErrorContains(t, err, "holds 32 bytes of data, shape [1073741824 268435456 16] of float32 wants another number")
}

// M4: groups that are not positive, and channels that are none.
func TestRegressionM4Groups(t *testing.T) {
	refusedSpec(t, "kernel: [4, 4], groups: 0", "groups is 0; it must be at least 1")
	refusedSpec(t, "kernel: [4, 4], groups: -1", "groups is -1; it must be at least 1")
	refusedSpec(t, "kernel: [4, 4], out_channels: 0", "out_channels is 0; it must be at least 1")
	l := specs.Layer{Op: specs.ConvTranspose, Rank: 1, Groups: -1, InChannels: 2, OutChannels: 2, Axes: [specs.MaxRank]specs.Axis{{Kernel: 1, Stride: 1, Dilation: 1}}}
	registry, err := runtime.NewRegistry()
	require.NoError(t, err)
	_, err = registry.New(l, make([]float32, 4), nil)
	require.ErrorContains(t, err, "groups is -1; it must be at least 1")
}

// M5: as many axes here as there, both ways.
func TestRegressionM5Ranks(t *testing.T) {
	refusedSpec(t, "kernel: [4, 4], stride: [2, 2, 2]", "stride has 3 elements, kernel has 2")
	refusedSpec(t, "kernel: [4, 4, 4], stride: [2, 2]", "stride has 2 elements, kernel has 3")
	refusedRun(t, "conv_transpose2d_k2s2_c1x1", runtime.NewShape(1, 4), "runtime: axis 1: input size 0 is not positive")
	refusedRun(t, "conv_transpose2d_k2s2_c1x1", runtime.NewShape(1, 2, 2, 2), "runtime: the shape has more than the layer's 2 spatial axes")
}

// M6: extreme numbers are refused, not cut to fewer bits.
func TestRegressionM6Extremes(t *testing.T) {
	refusedSpec(t, "kernel: [4, 4], stride: 0", "stride is 0; it must be at least 1")
	refusedSpec(t, "kernel: [4, 4], stride: 65537", "stride is 65537; it must be at most 65536")
	refusedSpec(t, "kernel: [4, 4], dilation: 4294967297", "dilation is 4294967297; it must be at most 2147483647")
	refusedSpec(t, "kernel: [4, 4], stride: 9223372036854775808", "stride is 9223372036854775808; it must be at most 2147483647")
	refusedRun(t, "conv_transpose2d_k2s2_c1x1", runtime.NewShape(1, math.MaxInt, 4), "runtime: axis 0: output size overflows: 2*(9223372036854775807-1) + 0 + 1*(2-1) + 1")
}

// npy is an array file that claims a shape and holds n elements.
func npy(shape string, n int) string {
	header := "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n"
	return "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), 0}) + header + strings.Repeat("\x00", 4*n)
}

// decoded reads an array file.
func decoded(text string) (tensorio.Array, error) {
	return tensorio.Decode(strings.NewReader(text), int64(len(text)))
}

// M7: files of weights that hold less or more than their shape, or next to nothing.
func TestRegressionM7LengthOfData(t *testing.T) {
	good := npy("(2, 3)", 6)
	_, err := decoded(good)
	require.NoError(t, err)
	for text, want := range map[string]string{
		npy("(2, 3)", 5): "holds 20 bytes of data, shape [2 3] of float32 wants another number",
		npy("(2, 3)", 7): "holds 28 bytes of data, shape [2 3]",
		good[:8]:         "ends within its header",
		good[:20]:        "ends within its header",
		"":               "not a .npy file",
	} {
		_, err := decoded(text)
		require.ErrorContains(t, err, want)
	}
}

// A1: assembly that reaches one element beyond a slice. The simulator finds it before
// the kernel is written, guard pages find it when the kernel runs.
func TestRegressionA1ReachBeyondASlice(t *testing.T) {
	t.Run("simulator", func(t *testing.T) {
		eachVector(t, func(t *testing.T, s sound) {
			reached := map[string]bool{}
			for _, err := range s.displaced(t) {
				if f := (*sim.Finding)(nil); errors.As(err, &f) && f.Kind == sim.OutOfBounds {
					reached[f.Argument] = true
				}
			}
			require.Equal(t, map[string]bool{"dst": true, "src": true, "weights": true, "bias": true}, reached)
		})
	})
	t.Run("guard pages", func(t *testing.T) {
		if goruntime.GOOS != "linux" {
			t.Skip("guard pages are Linux's")
		}
		s := newSound(t, plan.AVX2)
		for want, reach := range map[string]func(dst, src, weights []float32){
			"fault in the call's src: element":          func(_, src, _ []float32) { read += *after(src) },
			"fault in the call's weights: element":      func(_, _, weights []float32) { read += *after(weights) },
			"the call's dst was written at element 494": func(dst, _, _ []float32) { *after(dst) = 0 },
		} {
			err := s.defined(t, s.Nest, func(a nest.Args) { reach(a.Slices[0], a.Slices[1], a.Slices[2]) })
			require.ErrorContains(t, err, want)
		}
	})
}

// read keeps the compiler from dropping what is read.
var read float32

// after is the address of the element after the last one.
func after(s []float32) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(s)), 4*len(s)))
}

// displaced tries the assembly with each displacement changed.
func (s sound) displaced(t *testing.T) (errs []error) {
	t.Helper()
	out, err := asm.Emit(s.Nest, s.target.Name)
	require.NoError(t, err)
	program, err := sim.Load(out.Func)
	require.NoError(t, err)
	for _, m := range mutant.All(out.Func) {
		if m.Operator != "displacement" {
			continue
		}
		faulty, err := program.Replace(m.Index, m.With...)
		require.NoError(t, err)
		errs = append(errs, trial.Try(s.Nest, faulty, s.calls))
	}
	require.NotEmpty(t, errs)
	return errs
}
