package finish_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime/activate"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/finish"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// needs are the features that the functions of an instruction set need.
var needs = map[string]cpu.Features{"go": 0, "avx2": cpu.AVX | cpu.AVX2, "avx512": cpu.AVX512F}

// texts are activations of every function.
var texts = []string{"none", "relu", "relu6", "leaky_relu(0.2)", "leaky_relu(-1.5)", "leaky_relu(0)", "prelu", "sigmoid", "tanh", "clamp(-1, 2)", "clamp(0, 0)", "clamp(-3, -2)"}

func parse(t *testing.T, text string) specs.Activation {
	t.Helper()
	a, err := specs.ParseActivation(text)
	require.NoError(t, err)
	return a
}

// eachISA calls f for those that the processor has.
func eachISA(t *testing.T, f func(t *testing.T, isa string)) {
	t.Helper()
	for isa, need := range needs {
		t.Run(isa, func(t *testing.T) {
			if !cpu.Detect().Has(need) {
				t.Skipf("this processor lacks %v", need)
			}
			f(t, isa)
		})
	}
}

// draw returns any bits, a float near 1, or an edge.
func draw(r *rand.Rand) float32 {
	edges := []uint32{0, 1 << 31, 1, 0x80000001, 0x007fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f812345, 0xffabcdef, 0x3f200000, 0xbf200000, 0xc2d00000, 0x40c00000}
	switch r.IntN(3) {
	case 0:
		return math.Float32frombits(r.Uint32())
	case 1:
		return math.Float32frombits(edges[r.IntN(len(edges))])
	}
	return float32(r.NormFloat64() * 4)
}

func random(r *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = draw(r)
	}
	return s
}

// shape is what one test finishes.
type shape struct{ rows, width, gap int }

// want is the definition, one element at a time.
func want(a specs.Activation, dst, residual, slopes []float32, s shape) []float32 {
	all := append([]float32{}, dst...)
	for r := range s.rows {
		for i := range s.width {
			at := r*(s.width+s.gap) + i
			if residual != nil {
				all[at] += residual[at]
			}
			activate.Apply(a, all[at:at+1], slopes[i%len(slopes):][:1])
		}
	}
	return all
}

// requireBits compares bits; NaN are equal.
func requireBits(t *testing.T, want, got []float32, text string, s shape) {
	t.Helper()
	for i, v := range want {
		if math.Float32bits(v) != math.Float32bits(got[i]) && (v == v || got[i] == got[i]) {
			t.Fatalf("%s %+v: element %d is %v (%#x), want %v (%#x)", text, s, i, got[i], math.Float32bits(got[i]), v, math.Float32bits(v))
		}
	}
}

// TestRows compares every function with the definition on random bits, between guard
// pages at either end.
func TestRows(t *testing.T) {
	eachISA(t, func(t *testing.T, isa string) {
		r := rand.New(rand.NewPCG(5, 0))
		for _, text := range texts {
			for width := 1; width < 150; width += 1 + width/9 {
				for _, add := range []bool{false, true} {
					for _, together := range []bool{false, true} {
						s := shape{rows: 1 + r.IntN(4), width: width, gap: r.IntN(5)}
						check(t, r, text, s, add, together, isa)
					}
				}
			}
		}
	})
}

// TestLongRows is TestRows with more elements than a call finishes, in one row and in
// many.
func TestLongRows(t *testing.T) {
	eachISA(t, func(t *testing.T, isa string) {
		r := rand.New(rand.NewPCG(6, 0))
		for _, s := range []shape{{rows: 2, width: 2*finish.Most + 5, gap: 3}, {rows: finish.Most/3 + 7, width: 7, gap: 1}} {
			for _, text := range []string{"none", "leaky_relu(0.2)", "prelu", "sigmoid"} {
				check(t, r, text, s, true, false, isa)
				check(t, r, text, s, text != "none", true, isa)
			}
		}
	})
}

func check(t *testing.T, r *rand.Rand, text string, s shape, add, together bool, isa string) {
	t.Helper()
	a := parse(t, text)
	n := (s.rows-1)*(s.width+s.gap) + s.width
	slopes := random(r, 1)
	if together {
		slopes = random(r, s.width)
	}
	data := [][]float32{random(r, n), random(r, n), slopes}
	if !add {
		data[1] = nil
	}
	expect := want(a, data[0], data[1], slopes, s)
	for _, end := range []kerneltest.Placement{kerneltest.Head, kerneltest.Tail} {
		to, err := kerneltest.NewBuffer("dst", n, end)
		require.NoError(t, err)
		copy(to.Data, data[0])
		residual, err := kerneltest.BufferOf("residual", data[1], end)
		require.NoError(t, err)
		by, err := kerneltest.BufferOf("slopes", slopes, end)
		require.NoError(t, err)
		f := finish.New(a, add, together, isa)
		require.NoError(t, kerneltest.Guarded(func() error {
			if f != nil {
				f.Rows(to.Data, residual.Data, by.Data, s.rows, s.width, s.width+s.gap)
			}
			return nil
		}, to, residual, by))
		requireBits(t, expect, to.Data, text, s)
		for _, b := range []*kerneltest.Buffer{to, residual, by} {
			require.NoError(t, b.Close())
		}
	}
}

// TestFunctionsOfAllFloats: sigmoid and tanh have the bits of package activate on
// every 97th float and on all around the places where exp and tanh change course.
func TestFunctionsOfAllFloats(t *testing.T) {
	eachISA(t, func(t *testing.T, isa string) {
		for _, text := range []string{"sigmoid", "tanh"} {
			a, all := parse(t, text), make([]float32, 0, 1<<16)
			f, compared := finish.New(a, false, false, isa), 0
			flush := func() {
				got := append([]float32{}, all...)
				f.Rows(got, nil, nil, 1, len(got), len(got))
				activate.Apply(a, all, nil)
				requireBits(t, all, got, text, shape{1, len(got), 0})
				compared, all = compared+len(all), all[:0]
			}
			add := func(bits uint32) {
				if all = append(all, math.Float32frombits(bits)); len(all) == cap(all) {
					flush()
				}
			}
			for bits := uint64(0); bits < 1<<32; bits += 97 {
				add(uint32(bits))
			}
			for _, edge := range []float32{0.625, 52, 104, 87.33, 51.99} {
				for off := range uint32(4000) {
					add(math.Float32bits(edge) - 2000 + off)
					add(math.Float32bits(-edge) - 2000 + off)
				}
			}
			flush()
			require.Greater(t, compared, 44_000_000)
		}
	})
}

// TestNothingToDo: a layer without a residual and an activation has no Finisher.
func TestNothingToDo(t *testing.T) {
	require.Nil(t, finish.New(specs.Activation{}, false, true, "avx2"))
	require.NotNil(t, finish.New(specs.Activation{}, true, true, "avx2"))
}
