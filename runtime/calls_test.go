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
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// calls is what a layer asks of its kernel.
type calls struct {
	number  int
	largest int // multiply-adds of one call
	message string
}

// note counts a call that does so much, of at most so much.
func (c *calls) note(work, most int, format string, args ...any) {
	c.number++
	if work > most {
		c.message = fmt.Sprintf(format, args...) + fmt.Sprintf(" is %d of %d", work, most)
	}
}

// record notes the calls of a kernel on a layer in place of doing them.
func record(t *testing.T, k runtime.Kernel, l specs.Layer, s runtime.Shape) calls {
	t.Helper()
	var c calls
	l.Bias = false
	switch {
	case k.Move != nil:
		blocks, err := polyphase.BlocksOf(&k.Layer)
		require.NoError(t, err)
		k.Move = func(_, _ []float32, rows, cols, width, _, _, _ int) {
			moved := rows * blocks.Y * width
			if l.Layout == specs.NHWC {
				moved = rows * width
			}
			c.note(moved, runtime.MoveWork, "%s at %v: a call of %d rows of %d columns", k.Name, s, rows, cols)
		}
	case k.Pool != nil:
		k.Pool = c.pooled(t, k, s)
	case k.Linear != nil:
		k.Linear = func(_, _, _, _, _ []float32, groups, copies, blends, cols, _, _, _, _, _, channels int) {
			rows := groups * (copies + blends)
			c.note(rows*cols*channels, runtime.LinearWork, "%s at %v: a call of %d rows of %d columns", k.Name, s, rows, cols)
		}
	default:
		k.Run = c.added(k, l, s)
	}
	return c.finish(t, k, l, s)
}

// added notes the calls of a kernel with weights: their multiply-adds, and the elements
// that they read and write.
func (c *calls) added(k runtime.Kernel, l specs.Layer, s runtime.Shape) runtime.Func {
	axis, stride := l.Axes[l.Rank-1], 1
	if l.Op == specs.ConvTranspose {
		stride = axis.Stride
	}
	panel, lines := axis.Kernel*k.Pack.Channels, 1
	if k.Tile.Fold > 0 {
		panel, stride = k.Tile.Fold, k.Tile.Fold
	}
	if k.Pack.Rows > 0 { // one tap stands for all
		panel, lines = panel*l.Axes[l.Rank-2].Kernel, k.Pack.Rows
	}
	return func(_, _, _, _ []float32, rows, _, cols, _, channels, taps, _, _, _, _, _, _, _, _, _ int) {
		work := rows * cols * channels * taps * panel
		c.largest = max(c.largest, work)
		c.note(work, runtime.CallWork(k), "%s at %v: a call of %d rows of %d columns and %d channels", k.Name, s, rows, cols, channels)
		c.number--
		elements := rows * cols * (channels + 2*k.Pack.Channels*lines*stride)
		if tile := k.Tile.Columns; rows*cols <= tile { // whose weights are read once
			elements = channels*(taps*(panel+cols)) + 2*k.Pack.Channels*lines*stride*cols
		}
		c.note(elements, pack.CallElements, "%s at %v: what %d rows of %d columns and %d channels read and write", k.Name, s, rows, cols, channels)
	}
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
		if rows == 1 && cols <= k.Tile.Lanes { // one vector of windows, which have so many rows at most
			most = max(most, runtime.PoolRows*size*k.Tile.Lanes)
		}
		c.note(rows*cols*size*max(1, taps), most, "%s at %v: a call of %d rows of %d columns", k.Name, s, rows, cols)
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
	return *c
}

// TestCallsAreShort: assembly cannot be interrupted, so no call of a kernel takes
// more than some 100 microseconds: for every layer of the benchmark on every kernel that
// serves it.
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
			require.Positive(t, got.number, k.Name)
			largest = max(largest, got.largest)
			checked++
		}
	}
	require.GreaterOrEqual(t, checked, len(bench.Cases()))
	t.Logf("%d kernels, at most %d multiply-adds a call", checked, largest)
}

// hostile are channels and sizes: planes, rows and columns.
var hostile = []struct {
	channels int
	sizes    [specs.MaxRank]int
}{
	{1, [...]int{2, 3, 70}},
	{1024, [...]int{2, 3, 70}},
	{4096, [...]int{2, 3, 70}},
	{16384, [...]int{1, 2, 35}},
	{65536, [...]int{1, 1, 5}},
	{1, [...]int{1, 2, 150_001}},
	{17, [...]int{1, 1, 20_003}},
	{1, [...]int{1, 40_001, 2}},
	{1, [...]int{1, 501, 1003}},
}

// hostileLayers are the layers with many channels or large inputs that k is for.
func hostileLayers(k runtime.Kernel) (cases []kerneltest.Case) {
	for _, h := range hostile {
		c := kerneltest.Case{Layer: k.Layer, Shape: runtime.Shape{Batch: 1}}
		l := &c.Layer
		for i := range l.Rank {
			if c.Shape.Input[i] = l.Axes[i].Input; c.Shape.Input[i] == 0 {
				c.Shape.Input[i] = max(h.sizes[i+specs.MaxRank-l.Rank], l.Axes[i].Kernel)
			}
			if l.Op == specs.PixelUnshuffle {
				c.Shape.Input[i] *= l.Axes[i].Scale
			}
		}
		if l.InChannels == 0 {
			l.InChannels, l.OutChannels = h.channels, 3
			switch block, _ := polyphase.BlocksOf(l); {
			case l.Op == specs.PixelShuffle:
				l.InChannels, l.OutChannels = h.channels*block.Y*block.X, h.channels
			case l.Op == specs.PixelUnshuffle:
				l.OutChannels = h.channels * block.Y * block.X
			case !l.Op.Weighted() || l.Depthwise:
				l.OutChannels = h.channels
			}
			if l.Op.Weighted() && l.Depthwise {
				l.InChannels, l.OutChannels = min(h.channels, 3), min(h.channels, 3)
			}
		}
		if fits(c) {
			cases = append(cases, c)
		}
	}
	return cases
}

// fits reports whether memory has room for a case.
func fits(c kerneltest.Case) bool {
	const most = 1 << 25
	n := []int{c.Layer.InChannels}
	if e, err := c.Layer.Resolve(c.Shape.Input[:c.Layer.Rank]); err == nil {
		n = []int{max(c.Layer.InChannels, c.Layer.OutChannels)}
		for _, x := range e {
			n = append(n, max(x.In, x.Out))
		}
	}
	arrays, ok := specs.Product(n...)
	weights := 0
	if c.Layer.Op.Weighted() {
		weights, _ = specs.Product(c.Layer.WeightsShape()...)
	}
	return ok && arrays <= most && weights <= most
}

// TestCallsOfHostileShapes: whatever the channels and sizes, no call of a prebuilt kernel
// does more than it may. What cannot be divided is not the kernel's: the log counts that.
func TestCallsOfHostileShapes(t *testing.T) {
	needAssembly(t)
	checked, made, refused := 0, 0, map[string]int{}
	for _, k := range prebuilt.Kernels() {
		if k.ISA == "go" {
			continue // which can be interrupted
		}
		r, err := runtime.NewRegistry([]runtime.Kernel{k})
		require.NoError(t, err)
		for _, c := range hostileLayers(k) {
			if r.Candidates(c.Layer, ^cpu.Features(0))[0].Name != k.Name {
				few := c.Layer.InChannels < k.Tile.Lanes && c.Layer.Layout == specs.NHWC && (c.Layer.Op == specs.MaxUnpool || c.Layer.Order == specs.DCR)
				blocks := c.Layer.Op == specs.MaxUnpool && c.Layer.Layout == specs.NHWC && 4*c.Layer.InChannels > runtime.PixelWork
				together := c.Layer.Layout == specs.NHWC && !c.Layer.Op.Weighted() && max(c.Layer.InChannels, c.Layer.OutChannels) > runtime.PixelWork
				require.True(t, few || blocks || together || k.Tile.Once && c.Layer.InChannels > k.Tile.Pass, "%s does not serve %s", k.Name, c.Layer.Canonical())
				refused[k.Name]++
				continue
			}
			made += record(t, k, c.Layer, c.Shape).number
			checked++
		}
	}
	require.Greater(t, checked, 1000)
	t.Logf("%d calls of %d layers; layers left to other kernels: %v", made, checked, refused)
}
