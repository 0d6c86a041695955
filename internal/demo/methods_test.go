package demo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/picture"
	"github.com/upconv/upconv/specs"
)

// testSize is that of the project's sample.
func testSize() size { return size{192, 128} }

// testModels are those whose gains the tests know.
func testModels(t *testing.T) (transposed, checkerboard, nearest model) {
	t.Helper()
	list := allModels(t)
	return named(list, "transposed"), named(list, "checkerboard"), named(list, "nearest")
}

// allModels builds the demo's layers on their default kernels.
func allModels(t *testing.T) []model {
	t.Helper()
	list, err := build(methods(testSize()), "", nil)
	require.NoError(t, err)
	return list
}

// counting is a 2 x 2 picture whose channels are 1 2 3 4, ten and a hundred
// times that.
func counting() *picture.Picture {
	p := picture.New(2, 2)
	for c, scale := range []float32{1, 10, 100} {
		copy(p.Plane(c), []float32{scale, 2 * scale, 3 * scale, 4 * scale})
	}
	return p
}

func TestTransposedByHand(t *testing.T) {
	m, _, _ := testModels(t)
	got, row, err := m.double(counting(), nil)
	require.NoError(t, err)
	require.Equal(t, size{4, 4}, sizeOf(got))
	// Rows first: .75a, .75a+.25b, .25a+.75b, .75b; then the same down columns.
	want := []float32{
		0.5625, 0.9375, 1.3125, 1.125,
		1.125, 1.75, 2.25, 1.875,
		1.875, 2.75, 3.25, 2.625,
		1.6875, 2.4375, 2.8125, 2.25,
	}
	require.Equal(t, want, got.Plane(0))
	for i, v := range want {
		require.Equal(t, 10*v, got.Plane(1)[i])
		require.Equal(t, 100*v, got.Plane(2)[i])
	}
	require.Equal(t, 2*3*6*6, row.flops)
	require.NotEmpty(t, row.kernel)
}

func TestNearestRepeats(t *testing.T) {
	_, _, m := testModels(t)
	got, row, err := m.double(counting(), nil)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}, got.Plane(0))
	require.Equal(t, []float32{100, 100, 200, 200}, got.Plane(2)[:4])
	require.Zero(t, row.flops)
}

func TestEveryMethodDoubles(t *testing.T) {
	for _, m := range allModels(t) {
		if !m.doubles() {
			continue
		}
		for in := 1; in < 9; in++ {
			e, err := m.layer.Resolve([]int{in, in + 1})
			require.NoError(t, err)
			require.Equal(t, []int{2 * in, 2*in + 2}, []int{e[0].Out, e[1].Out}, m.name)
		}
		require.Empty(t, m.layer.Validate(), m.name)
	}
}

// TestUnpoolPutsMaximaBack: of every 2 x 2 pixels the largest stays, the others are 0.
func TestUnpoolPutsMaximaBack(t *testing.T) {
	list, err := build(methods(size{3, 3}), "", nil)
	require.NoError(t, err)
	p := picture.New(3, 3)
	copy(p.Plane(1), []float32{1, 2, 3, 4, 3, 2, 5, 6, 1})
	got, row, err := named(list, "max-unpool").double(p, nil)
	require.NoError(t, err)
	require.Equal(t, []float32{0, 0, 3, 4, 0, 0, 0, 6, 1}, got.Plane(1))
	require.Equal(t, []size{{2, 2}, {3, 3}}, []size{row.in, row.out})
}

// TestCureIsEven: the layer in the checkerboard's place keeps flat areas and borders.
func TestCureIsEven(t *testing.T) {
	g, err := named(allModels(t), "resize-conv").flat(3, 3, 1)
	require.NoError(t, err)
	for _, v := range g.values {
		require.InDelta(t, 1, v, 1e-6)
	}
}

func TestOverlapCounts(t *testing.T) {
	bilinear, checkerboard, _ := testModels(t)
	for name, c := range map[string]struct {
		layer  specs.Layer
		counts []float32 // of a row of outputs in the middle of the height
	}{
		"k4 s2 is even inside":   {bilinear.layer, []float32{2, 4, 4, 4, 4, 2}},
		"k3 s2 takes turns":      {checkerboard.layer, []float32{2, 4, 2, 4, 2, 2}},
		"k2 s2 does not overlap": {one(specs.ConvTranspose, 2, specs.Axis{Kernel: 2, Stride: 2, Dilation: 1}), []float32{1, 1, 1, 1, 1, 1}},
	} {
		got, err := overlap(c.layer, 3, 3)
		require.NoError(t, err)
		require.Equal(t, c.counts, got.values[3*6:4*6], name)
	}
}

func TestCheckerboardIsMeasurable(t *testing.T) {
	even, uneven, nearest := testModels(t)
	for times := 1; times <= 2; times++ {
		e, err := even.phaseGains(times)
		require.NoError(t, err)
		u, err := uneven.phaseGains(times)
		require.NoError(t, err)
		n, err := nearest.phaseGains(times)
		require.NoError(t, err)
		_, _, flat := e.spread()
		_, _, repeated := n.spread()
		low, high, rough := u.spread()
		require.Zero(t, flat, "k4 s2, x%d", 1<<times)
		require.Zero(t, repeated, "k2 s2, x%d", 1<<times)
		require.Greater(t, rough, 0.1, "k3 s2, x%d", 1<<times)
		require.Less(t, low, 0.9)
		require.Greater(t, high, 1.1)
	}
}

func TestBilinearBorder(t *testing.T) {
	m, _, _ := testModels(t)
	g, err := m.flat(3, 3, 1)
	require.NoError(t, err)
	require.Equal(t, []float32{0.5625, 0.75, 1}, []float32{g.at(0, 0), g.at(2, 0), g.at(2, 2)})
}

func TestCheckerboardWeights(t *testing.T) {
	w := checkerboardWeights(4)
	require.Equal(t, w, checkerboardWeights(4), "the same in every run")
	require.Len(t, w, 3*3*3*3)
	for out := range 3 {
		sum, diagonal := float32(0), float32(0)
		for in := range 3 {
			for _, v := range w[(in*3+out)*9 : (in*3+out+1)*9] {
				sum += v
				if in == out {
					diagonal += v
				}
			}
		}
		require.InDelta(t, 4, sum, 1e-5, "mean gain 1 over four phases")
		require.InDelta(t, 4, diagonal, 0.2, "near the diagonal")
	}
}

func TestTermsAgreeWithOverlap(t *testing.T) {
	for _, m := range allModels(t) {
		if m.layer.Op != specs.ConvTranspose {
			continue
		}
		counts, err := overlap(m.layer, 5, 7)
		require.NoError(t, err)
		sum := float32(0)
		for _, v := range counts.values {
			sum += v
		}
		n, err := operations(m.layer, 5, 7)
		require.NoError(t, err)
		require.Equal(t, 2*3*m.layer.WeightsShape()[1]*int(sum), n, m.name)
	}
}
