//go:build linux

package kerneltest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// smallKernel is a kernel for k2 s2, written by hand: each output has one tap.
func smallKernel(run runtime.Func) runtime.Kernel {
	l := with(layer2d(2, 2, 0), func(l *specs.Layer) { l.InChannels, l.OutChannels, l.Bias = 0, 0, true })
	return runtime.Kernel{
		Name: l.Canonical() + "_go", ISA: "go", Layer: l,
		Pack: pack.Layout{Order: pack.Planar, Channels: 1, Section: 2},
		Tile: runtime.Tile{Lanes: 1, Columns: 1},
		Run:  run,
	}
}

func smallRun(dst, src, weights, bias []float32, rows, _, cols, width, channels, _, _, dstRow, srcPlane, srcRow, _, weightStep, _, _, _ int) {
	for r := range rows {
		for q := range cols {
			for phase := range min(2, width-2*q) {
				sum := bias[0]
				for ic := range channels {
					sum = float32(src[ic*srcPlane+r*srcRow+q]*weights[ic*weightStep+phase]) + sum
				}
				dst[r*dstRow+2*q+phase] = sum
			}
		}
	}
}

// after makes a kernel that runs smallRun, then does something it must not do.
func after(f func(dst, src, weights, bias []float32, width, dstRow int)) runtime.Func {
	return func(dst, src, weights, bias []float32, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again int) {
		smallRun(dst, src, weights, bias, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again)
		f(dst, src, weights, bias, width, dstRow)
	}
}

func TestVerify(t *testing.T) {
	k := smallKernel(smallRun)
	fixed := with(k.Layer, func(l *specs.Layer) { l.InChannels, l.OutChannels = 6, 7 })
	other := with(layer3d(3, 2, 1), func(l *specs.Layer) { l.InChannels, l.OutChannels = 0, 0 })
	Verify(t, []runtime.Kernel{k}, []specs.Layer{fixed, other})
	require.True(t, t.Run("names", func(t *testing.T) {
		require.Equal(t, []specs.Layer{other}, Unserved([]runtime.Kernel{k}, []specs.Layer{fixed, other}))
		cases, err := KernelCases(k, []specs.Layer{fixed, other})
		require.NoError(t, err)
		require.Equal(t, 6, cases[len(cases)-1].Layer.InChannels)
		require.Zero(t, fixed.Axes[0].Input)
	}))
}

// Kernels that break the contract with the runtime rather than the arithmetic.
func TestVerifyCatchesBrokenKernels(t *testing.T) {
	for _, test := range []struct {
		name string
		run  runtime.Func
		want string
	}{
		{"reads weights after the panels", after(func(_, _, w, _ []float32, _, _ int) { use(*at(w, len(w))) }),
			"fault in the call's weights: element"},
		{"reads weights before the panel", after(func(_, _, w, _ []float32, _, _ int) { use(*at(w, -1)) }),
			"fault in the call's weights: element -1 of"},
		{"reads bias after the block", after(func(_, _, _, b []float32, _, _ int) { use(*at(b, 1)) }),
			"fault in the call's bias: element 1 of 1"},
		{"reads src before the first tap", after(func(_, s, _, _ []float32, _, _ int) { use(*at(s, -1)) }),
			"fault in the call's src: element -1 of"},
		{"writes src", after(func(_, s, _, _ []float32, _, _ int) { *at(s, 0) = 1 }), "fault in the call's src: element 0 of"},
		{"writes dst before the row", after(func(d, _, _, _ []float32, _, _ int) { *at(d, -1) = 1 }),
			"fault in the call's dst: element -1 of"},
		{"writes dst after the row", after(func(d, _, _, _ []float32, width, row int) { *at(d, width) = 1 }),
			"the call's dst was written at element"},
		{"writes nothing", func(_, _, _, _ []float32, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _ int) {}, "not exact"},
		{"adds twice", after(func(d, _, _, _ []float32, _, _ int) { d[0] += d[0] }), "not exact"},
		{"rounds toward zero", after(func(d, _, _, _ []float32, _, _ int) {
			d[0] = math.Float32frombits(math.Float32bits(d[0]) &^ 1)
		}), "not"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := verifyKernel(smallKernel(test.run), nil)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestVerifyCatchesTheWrongDescription(t *testing.T) {
	k := smallKernel(smallRun)
	k.Tile.Fused = true
	k.Tile.Lanes = 1
	_, err := verifyKernel(k, nil)
	require.ErrorContains(t, err, "normal: not")

	require.ErrorContains(t, checkTable(nil, nil), "no kernels")
	k.Name = "other"
	require.ErrorContains(t, checkTable([]runtime.Kernel{k}, nil), "should be named")
}

func TestRequire(t *testing.T) {
	k := smallKernel(smallRun)
	message, _ := Lacks(k)
	require.Empty(t, message)
	k.Needs = ^cpu.Features(0)
	message, required := Lacks(k)
	require.Contains(t, message, "conv_transpose2d_k2s2_go needs", "no processor has unknown features")
	require.False(t, required)

	t.Setenv(RequireVariable, "avx2,go")
	_, required = Lacks(k)
	require.True(t, required)
	k.ISA = "avx512"
	_, required = Lacks(k)
	require.False(t, required)
	for isa, want := range map[string]string{"go": "fatal", "avx512": "skip"} {
		k.ISA = isa
		r := &recorder{TB: t}
		needFeatures(r, k)
		require.Equal(t, want, r.did, isa)
	}
	r := &recorder{TB: t}
	needFeatures(r, smallKernel(smallRun))
	require.Empty(t, r.did)
}

// recorder is a test that notes how it ended.
type recorder struct {
	testing.TB
	did string
}

func (r *recorder) Fatal(...any) { r.did = "fatal" }
func (r *recorder) Skip(...any)  { r.did = "skip" }

func TestFuzzOne(t *testing.T) {
	layers := []specs.Layer{with(smallKernel(nil).Layer, func(l *specs.Layer) { l.InChannels, l.OutChannels = 6, 7 })}
	broken := after(func(d, _, _, _ []float32, _, _ int) { d[0] = -1 })
	found := 0
	for i := range 60 {
		data := []byte{0, byte(i % 2), byte(3 * i), byte(5 * i), byte(i), 1, byte(7 * i), byte(11 * i), byte(i / 2), byte(i / 3), byte(i / 5), byte(i), byte(i * i), 9}
		data = data[:min(len(data), i)]
		_, err := fuzzerOf(smallRun, layers).Check(data)
		require.NoError(t, err)
		if _, err := fuzzerOf(broken, layers).Check(data); err != nil {
			require.ErrorContains(t, err, "conv_transpose2d_k2s2_go: conv_transpose2d_k2s2")
			found++
		}
	}
	require.Greater(t, found, 40)
}

// TestFuzzerKeepsToTheKernel: a layer that leaves its channels free is served by a kernel of
// some channels only with those.
func TestFuzzerKeepsToTheKernel(t *testing.T) {
	k := smallKernel(smallRun)
	free := k.Layer
	k.Layer.InChannels, k.Layer.OutChannels = 3, 5 // those that open channels have by default
	k.Name = k.Layer.Canonical() + "_go"
	require.True(t, serves(k, free))
	fuzzer := NewFuzzer([]runtime.Kernel{k}, nil, []specs.Layer{free})
	for in := range byte(5) {
		r, err := fuzzer.Check([]byte{0, 1, in, in + 1})
		require.NoError(t, err)
		require.Positive(t, r.Outputs)
	}
}

func FuzzSmallKernel(f *testing.F) {
	check := Fuzz(f, []runtime.Kernel{smallKernel(smallRun)}, []specs.Layer{smallKernel(nil).Layer})
	f.Fuzz(func(t *testing.T, data []byte) { check(t, data) })
}

// The generic path of the runtime, on every parameter.
func TestGeneric(t *testing.T) {
	for _, l := range goodLayers {
		l.InChannels, l.OutChannels = 0, 0
		cases, err := Cases(l, 1<<18)
		require.NoError(t, err)
		for i, c := range cases {
			r, err := GenericTarget(c.Layer).Check(c, uint64(i))
			require.NoError(t, err)
			require.Positive(t, r.Outputs)
		}
	}
}

// fuzzerOf fuzzes the small kernel with the given function alone.
func fuzzerOf(run runtime.Func, layers []specs.Layer) *Fuzzer {
	return NewFuzzer([]runtime.Kernel{smallKernel(run)}, nil, layers)
}

// TestLayersWithoutKernels: a table of layers that no kernel serves is fuzzed on
// the generic path.
func TestLayersWithoutKernels(t *testing.T) {
	l, err := specs.ParseName("conv_transpose3d_k2s2_c2x3")
	require.NoError(t, err)
	require.NoError(t, checkTable(nil, []specs.Layer{l}))
	r, err := NewFuzzer(nil, []specs.Layer{l}, []specs.Layer{l}).Check([]byte{0, 1, 4, 2, 1, 3, 2, 5, 0, 0, 1, 1})
	require.NoError(t, err)
	require.Positive(t, r.Outputs)
}
