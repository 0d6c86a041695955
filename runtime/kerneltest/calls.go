package kerneltest

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// guardKernel wraps the function that k has, and adds the calls that are guarded to
// guarded.
func guardKernel(k runtime.Kernel, at Placement, guarded *atomic.Int64) runtime.Kernel {
	w := &watch{at: at, guarded: guarded}
	switch {
	case k.Move != nil:
		k.Move = guardMoves(k, w)
	case k.Pool != nil:
		k.Pool = guardPools(k, w)
	case k.Linear != nil:
		k.Linear = guardLinear(k, w)
	default:
		k.Run = guardCalls(k, w)
	}
	return k
}

// watch decides which calls of a kernel are guarded, and counts them. It is for one
// goroutine.
type watch struct {
	at      Placement
	calls   int
	guarded *atomic.Int64
}

// passes reports whether the next call is made without guards.
func (w *watch) passes() bool {
	if w.calls++; w.calls > allGuarded && w.calls%someGuarded != 0 {
		return true
	}
	w.guarded.Add(1)
	return false
}

// guardPools is guardCalls for a function of a max_pool or a max_unpool.
func guardPools(k runtime.Kernel, w *watch) runtime.PoolFunc {
	at, pool := w.at, k.Pool
	return func(dst, src, aid []float32, move, wide, narrow, rows, whole, cols, width, taps, dstRow, srcRow, srcTap, aidRow, first, line int) {
		if w.passes() {
			pool(dst, src, aid, move, wide, narrow, rows, whole, cols, width, taps, dstRow, srcRow, srcTap, aidRow, first, line)
			return
		}
		var g callGuards
		defer g.close()
		out := poolOutputs(k, len(dst), move, rows, cols, width, dstRow)
		guardedDst := g.fresh("the call's dst", dst, out.end(), at)
		guardedSrc, guardedAid := g.copied("the call's src", src, at), g.copied("the call's aid", aid, at)
		g.run(func() {
			pool(guardedDst, guardedSrc, guardedAid, move, wide, narrow, rows, whole, cols, width, taps, dstRow, srcRow, srcTap, aidRow, first, line)
		})
		if len(guardedDst) != len(dst) || len(dst) > 0 && &guardedDst[0] != &dst[0] {
			g.check(out.take(dst, guardedDst))
		}
	}
}

// guardLinear is guardCalls for a function that weighs values.
func guardLinear(k runtime.Kernel, w *watch) runtime.LinearFunc {
	at := w.at
	return func(dst, src, weights, table, steps []float32, groups, copies, blends, cols, dstRow, dstGroup, srcRow, pair, wide, channels int) {
		if w.passes() {
			k.Linear(dst, src, weights, table, steps, groups, copies, blends, cols, dstRow, dstGroup, srcRow, pair, wide, channels)
			return
		}
		out := outputs{blocks: groups, rows: copies + blends, width: cols * max(1, channels), plane: dstGroup, row: dstRow}
		var g callGuards
		defer g.close()
		guardedDst := g.fresh("the call's dst", dst, out.end(), at)
		guardedSrc := g.copied("the call's src", src, at)
		guardedWeights := g.copied("the call's weights", weights, at)
		guardedTable := g.copied("the call's table", table, at)
		guardedSteps := g.copied("the call's steps", steps, at)
		g.run(func() {
			k.Linear(guardedDst, guardedSrc, guardedWeights, guardedTable, guardedSteps, groups, copies, blends, cols, dstRow, dstGroup, srcRow, pair, wide, channels)
		})
		if len(guardedDst) != len(dst) || len(dst) > 0 && &guardedDst[0] != &dst[0] {
			g.check(out.take(dst, guardedDst))
		}
	}
}

// poolOutputs are the rows of outputs or of indices of a max_pool, and the rows of
// blocks of a max_unpool; the numbers of one fill all of dst.
func poolOutputs(k runtime.Kernel, n, move, rows, cols, width, dstRow int) outputs {
	switch b, _ := polyphase.BlocksOf(&k.Layer); {
	case k.Layer.Op == specs.MaxPool && move > 0:
		return outputs{blocks: 1, rows: rows, width: cols, row: dstRow}
	case k.Layer.Op == specs.MaxPool:
		return outputs{blocks: 1, rows: rows, width: 2 * cols, row: dstRow}
	case move > 0:
		return outputs{blocks: 1, rows: rows * b.Y, width: width, row: dstRow}
	}
	return outputs{blocks: 1, rows: 1, width: n, row: n}
}

// guardMoves is guardCalls for a function that moves values.
func guardMoves(k runtime.Kernel, w *watch) runtime.MoveFunc {
	at, move := w.at, k.Move
	b, err := polyphase.BlocksOf(&k.Layer)
	return func(dst, src []float32, rows, cols, width, dstRow, srcRow, plane int) {
		if w.passes() {
			move(dst, src, rows, cols, width, dstRow, srcRow, plane)
			return
		}
		var g callGuards
		defer g.close()
		g.check(err)
		out := movedTo(&k.Layer, b, rows, cols, width, dstRow, plane)
		guardedDst := g.fresh("the call's dst", dst, out.end(), at)
		guardedSrc := g.copied("the call's src", src, at)
		g.run(func() { move(guardedDst, guardedSrc, rows, cols, width, dstRow, srcRow, plane) })
		if len(guardedDst) != len(dst) || len(dst) > 0 && &guardedDst[0] != &dst[0] {
			g.check(out.take(dst, guardedDst))
		}
	}
}

// movedTo are the outputs of a call of a function that moves values.
func movedTo(l *specs.Layer, b polyphase.Blocks, rows, cols, width, dstRow, plane int) outputs {
	together, back := l.Layout == specs.NHWC, l.Op == specs.PixelUnshuffle
	switch {
	case together && back:
		return outputs{blocks: 1, rows: rows, width: width, row: dstRow}
	case together && l.Order == specs.DCR:
		return outputs{blocks: b.Y, rows: rows, width: cols, plane: plane, row: dstRow}
	case together:
		return outputs{blocks: b.Y, rows: rows, width: b.X * cols, plane: plane, row: dstRow}
	case back:
		return outputs{blocks: b.Y * b.X, rows: rows, width: cols, plane: plane, row: dstRow}
	}
	return outputs{blocks: 1, rows: rows * b.Y, width: width, row: dstRow}
}

// guardCalls wraps a kernel's function so that each call works on guarded copies
// that end with what it may touch. The runtime packs weights, copies inputs and
// collects outputs in memory of its own, where guards around the caller's slices
// see nothing. A mistake panics; Guarded, around Forward, returns it.
//
// The copy of dst is full of NaN, and only the outputs of the call are copied
// back: elements between rows and channels that change are a mistake too.
//
// The function is for one goroutine: some of many calls are guarded, see watch.
func guardCalls(k runtime.Kernel, w *watch) runtime.Func {
	at := w.at
	return func(dst, src, weights, bias []float32, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again int) {
		if w.passes() {
			k.Run(dst, src, weights, bias, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again)
			return
		}
		out := outputsOf(k, rows, width, dstPlane, dstRow)
		var g callGuards
		defer g.close()
		guardedDst := g.fresh("the call's dst", dst, out.end(), at)
		if again > 0 {
			out.give(guardedDst, dst)
		}
		guardedSrc := g.copied("the call's src", src, at)
		guardedWeights := g.copied("the call's weights", weightsOf(k, weights, channels*weightStep), at)
		guardedBias := g.copied("the call's bias", bias, at)
		g.run(func() {
			k.Run(guardedDst, guardedSrc, guardedWeights, guardedBias, rows, whole, cols, width, channels, taps,
				dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again)
		})
		if len(guardedDst) != len(dst) || len(dst) > 0 && &guardedDst[0] != &dst[0] {
			g.check(out.take(dst, guardedDst))
		}
	}
}

// The first calls are all guarded, then one in someGuarded, a prime, so that they
// are not all of one block or phase.
const (
	allGuarded  = 128
	someGuarded = 31
)

// callGuards are the guarded buffers of one call.
type callGuards struct{ buffers []*Buffer }

// mostGuarded is the longest slice that a call copies; copying longer ones takes
// more time than they are worth.
const mostGuarded = 1 << 14

// copied returns a guarded copy of s that can only be read, or s where it is empty
// or long.
func (g *callGuards) copied(name string, s []float32, at Placement) []float32 {
	if len(s) == 0 || len(s) > mostGuarded {
		return s
	}
	b, err := BufferOf(name, s, at)
	g.check(err)
	g.buffers = append(g.buffers, b)
	return b.Data
}

// fresh returns a guarded slice of n elements in place of s, or s where n is long.
func (g *callGuards) fresh(name string, s []float32, n int, at Placement) []float32 {
	if n == 0 || n > mostGuarded {
		return s
	}
	b, err := NewBuffer(name, n, at)
	g.check(err)
	g.buffers = append(g.buffers, b)
	return b.Data
}

func (g *callGuards) run(f func()) {
	g.check(Guarded(func() error { f(); return nil }, g.buffers...))
}

func (g *callGuards) check(err error) {
	if err != nil {
		panic(err)
	}
}

func (g *callGuards) close() {
	var err error
	for _, b := range g.buffers {
		err = errors.Join(err, b.Close())
	}
	g.check(err)
}

// weightsOf are the weights that a call may read: those of its channels, or, where
// sections lie apart, all up to the end of the phase.
func weightsOf(k runtime.Kernel, weights []float32, n int) []float32 {
	if k.Pack.Order == pack.Channels {
		return weights
	}
	return weights[:min(len(weights), n)]
}

// outputs are the elements of dst that one call of a kernel writes: runs of width
// elements, plane apart, in rows that are row apart.
type outputs struct{ blocks, rows, width, plane, row int }

// outputsOf are the rows of the block's channels, or the channels of the rows'
// columns.
func outputsOf(k runtime.Kernel, rows, width, plane, row int) outputs {
	if k.Pack.Order == pack.Channels {
		return outputs{blocks: width, rows: rows, width: k.Pack.Channels, plane: plane, row: row}
	}
	return outputs{blocks: k.Pack.Channels, rows: rows * max(1, k.Pack.Rows), width: width, plane: plane, row: row}
}

// end is the index after the last of them.
func (o outputs) end() int {
	return (o.blocks-1)*o.plane + (o.rows-1)*o.row + o.width
}

// give copies what the outputs of the call hold before it.
func (o outputs) give(dst, from []float32) {
	for c := range o.blocks {
		for r := range o.rows {
			at := c*o.plane + r*o.row
			copy(dst[at:][:o.width], from[at:][:o.width])
		}
	}
}

// take moves the outputs from the copy to dst. What is left in the copy must be as
// NewBuffer made it.
func (o outputs) take(dst, from []float32) error {
	for c := range o.blocks {
		for r := range o.rows {
			row := from[c*o.plane+r*o.row:][:o.width]
			copy(dst[c*o.plane+r*o.row:][:o.width], row)
			fill(row, math.Float32frombits(canary))
		}
	}
	for i, v := range from {
		if math.Float32bits(v) != canary {
			return fmt.Errorf("the call's dst was written at element %d, between its rows", i)
		}
	}
	return nil
}
