package runtime_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/bench"
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// calls is what a layer asks of its kernel.
type calls struct {
	number  int
	largest int // multiply-adds of one call
	tiles   int // calls of a single tile with more than CallWork
	message string
}

// record notes the calls of a kernel on a layer in place of doing them.
func record(t *testing.T, k runtime.Kernel, l specs.Layer, s runtime.Shape) calls {
	t.Helper()
	var c calls
	l.Bias = false
	if k.Move != nil {
		k.Move = func(_, _ []float32, rows, cols, width, _, _, _ int) {
			c.number++
			blocks, err := polyphase.BlocksOf(&k.Layer)
			require.NoError(t, err)
			if moved := rows * blocks.Y * width; moved > runtime.MoveWork && (rows > 1 || cols > k.Tile.Lanes) {
				c.message = fmt.Sprintf("%s at %v: a call of %d rows of %d columns moves %d values", k.Name, s, rows, cols, moved)
			}
		}
		return c.finish(t, k, l, s)
	}
	if k.Pool != nil {
		k.Pool = c.pooled(t, k, s)
		return c.finish(t, k, l, s)
	}
	if k.Linear != nil {
		k.Linear = func(_, _, _, _, _ []float32, groups, copies, blends, cols, _, _, _, _, _, channels int) {
			c.number++
			if rows := groups * (copies + blends); rows*cols*channels > runtime.LinearWork && (groups > 1 || cols > k.Tile.Lanes) {
				c.message = fmt.Sprintf("%s at %v: a call of %d rows of %d columns", k.Name, s, rows, cols)
			}
		}
		return c.finish(t, k, l, s)
	}
	axis := l.Axes[l.Rank-1]
	panel := axis.Kernel * k.Pack.Channels
	if k.Tile.Fold > 0 {
		panel = k.Tile.Fold
	}
	if k.Pack.Rows > 0 { // one tap stands for all
		panel *= l.Axes[0].Kernel
	}
	k.Run = func(_, _, _, _ []float32, rows, _, cols, _, channels, taps, _, _, _, _, _, _, _, _, _ int) {
		work := rows * cols * channels * taps * panel
		c.number++
		if work > c.largest {
			c.largest = work
		}
		if work <= runtime.CallWork(k) {
			return
		}
		if rows == 1 && (cols <= k.Tile.Columns || k.Tile.Masked) { // whose masks are those of a row
			c.tiles++
			return
		}
		c.message = fmt.Sprintf("%s at %v: a call of %d rows of %d columns has %d multiply-adds", k.Name, s, rows, cols, work)
	}
	return c.finish(t, k, l, s)
}

// pooled notes the calls of a max_pool or a max_unpool.
func (c *calls) pooled(t *testing.T, k runtime.Kernel, s runtime.Shape) runtime.PoolFunc {
	t.Helper()
	most, size := runtime.PoolWork, k.Layer.Axes[k.Layer.Rank-1].Kernel
	if k.Layer.Op == specs.MaxUnpool {
		blocks, err := polyphase.BlocksOf(&k.Layer)
		require.NoError(t, err)
		most, size = runtime.MoveWork, blocks.Y*blocks.X
	}
	return func(_, _, _ []float32, _, _, _, rows, _, cols, _, taps, _, _, _, _, _, _ int) {
		c.number++
		if n := rows * cols * size * max(1, taps); n > most && (rows > 1 || cols > k.Tile.Lanes) {
			c.message = fmt.Sprintf("%s at %v: a call of %d rows of %d columns has %d elements", k.Name, s, rows, cols, n)
		}
	}
}

// finish runs the layer on the recording kernel.
func (c *calls) finish(t *testing.T, k runtime.Kernel, l specs.Layer, s runtime.Shape) calls {
	t.Helper()
	r, err := runtime.NewRegistry([]runtime.Kernel{k})
	require.NoError(t, err)
	n := 0
	if l.Op.Weighted() {
		var ok bool
		n, ok = specs.Product(l.WeightsShape()...)
		require.True(t, ok)
	}
	layer, err := r.New(l, make([]float32, n), nil, runtime.WithISA(k.ISA), runtime.WithThreads(1), runtime.WithFeatures(^cpu.Features(0)))
	require.NoError(t, err, k.Name)
	src, err := layer.SrcLen(s)
	require.NoError(t, err)
	dst, err := layer.DstLen(s)
	require.NoError(t, err)
	a := runtime.Args{Dst: make([]float32, dst), Src: make([]float32, src)}
	if l.Op == specs.MaxUnpool { // which the recording kernel finds in their own blocks
		a.Indices = make([]int64, src)
	}
	require.NoError(t, layer.Run(a, s))
	require.Empty(t, c.message)
	require.Positive(t, c.number, k.Name)
	return *c
}

// TestCallsAreShort: assembly cannot be interrupted, so no call of a kernel takes
// more than some 100 microseconds, which is CallWork multiply-adds: for every layer
// of the benchmark on every kernel that serves it.
func TestCallsAreShort(t *testing.T) {
	r, err := runtime.NewRegistry(prebuilt.Kernels())
	require.NoError(t, err)
	checked, largest := 0, 0
	for _, c := range bench.Cases() {
		c.Shape.Batch = 1
		for _, k := range r.Candidates(c.Layer, ^cpu.Features(0)) {
			if k.ISA == "generic" {
				continue
			}
			got := record(t, k, c.Layer, c.Shape)
			require.Zero(t, got.tiles, "%s: a tile is more than a call should be", k.Name)
			largest = max(largest, got.largest)
			checked++
		}
	}
	require.GreaterOrEqual(t, checked, len(bench.Cases()))
	t.Logf("%d kernels, at most %d multiply-adds a call", checked, largest)
}

// TestCallsOfAnyChannels: every prebuilt kernel at sizes of its own, with many input
// channels where they are open. A call is one tile of one row at least: with very
// many channels that is more than CallWork, and the log says from how many on.
func TestCallsOfAnyChannels(t *testing.T) {
	beyond := map[string]int{}
	for _, k := range prebuilt.Kernels() {
		l := k.Layer
		shape := runtime.Shape{Batch: 1}
		for i := range l.Rank {
			if shape.Input[i] = l.Axes[i].Input; shape.Input[i] == 0 {
				shape.Input[i] = []int{2, 3, 70}[i+3-l.Rank] // planes, rows, columns
			}
		}
		pixels := l.Op == specs.MaxPool && l.Layout == specs.NHWC
		if !l.Op.Weighted() && !pixels { // whose calls know of no channels
			continue
		}
		for _, in := range []int{1, 64, 512, 1024, 2048, 4096, 8192, 16384} {
			sized := l
			switch {
			case l.InChannels != 0:
			case l.Depthwise:
				sized.InChannels, sized.OutChannels = 3, 3
			case pixels:
				sized.InChannels, sized.OutChannels = in, in
			default:
				sized.InChannels, sized.OutChannels = in, 3
			}
			got := record(t, k, sized, shape)
			if got.tiles > 0 && beyond[k.Name] == 0 {
				beyond[k.Name] = in
			}
			if l.InChannels != 0 || l.Depthwise {
				require.Zero(t, got.tiles, "%s: a tile is more than a call should be", k.Name)
				break
			}
			if in <= 1024 {
				require.Zero(t, got.tiles, "%s: %d input channels are too many for a call", k.Name, in)
			}
		}
	}
	t.Logf("kernels of which one tile has more than CallWork multiply-adds, by the least number of input channels tried: %v", beyond)
}
