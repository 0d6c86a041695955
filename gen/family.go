package gen

import (
	"fmt"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Design is one layer's kernel on one target, before an emitter spells it.
type Design struct {
	Kernel   runtime.Kernel // without its function and what its instructions need
	Nest     nest.Kernel
	Contract Contract
	Plan     Schedule
	Field    string // of runtime.Kernel that is its function: Run, Move, Linear or Pool

	about []string // what it computes, a line each, for its comment
}

// Contract is what a kernel may touch.
type Contract interface {
	Calls() []trial.Call                       // reach every instruction
	Thorough() []trial.Call                    // many times as many: every number of columns in every way
	Exact(a nest.Args) (c trial.Call, e error) // cuts the slices of a call to it
}

// Schedule is what was decided about a kernel.
type Schedule interface {
	fmt.Stringer   // on one line
	Why() string   // what led to it
	Widths() []int // columns of the tiles that fill a row
}

// movers are the ops that only move values; the others add up products.
var movers = map[specs.Op]bool{specs.Nearest: true, specs.BedOfNails: true, specs.PixelShuffle: true, specs.PixelUnshuffle: true}

// DesignOf decides how a target computes the layer. The error says why the target has
// no kernel for it; the layer then runs on the next best path.
func DesignOf(l specs.Layer, t plan.Target) (Design, error) {
	switch {
	case movers[l.Op]:
		return moving(l, t)
	case l.Op == specs.Bilinear:
		return weighing(l, t)
	}
	if l.Op == specs.MaxPool || l.Op == specs.MaxUnpool {
		return pooling(l, t)
	}
	return adding(l, t)
}

// adding designs a kernel that adds up products.
func adding(l specs.Layer, t plan.Target) (Design, error) {
	prob, p, err := plan.For(l, t)
	if err != nil {
		return Design{}, err
	}
	k := Descriptor(l, p)
	return Design{Kernel: k, Nest: nest.Build(k.Name, prob, p), Contract: trial.NewContract(prob, p), Plan: p, about: aboutSums(l, prob, p), Field: "Run"}, nil
}

// moving designs a kernel that moves values. Blocks of nearest resizes that are not
// copies of their own input take a table of places, and so do pixels.
func moving(l specs.Layer, t plan.Target) (Design, error) {
	m, err := plan.MoveFor(l, t)
	if err != nil && l.Op.KeepsChannels() {
		return weighing(l, t)
	}
	if err != nil {
		return Design{}, err
	}
	k := plain(l, t)
	k.Tile.Columns = m.Widths()[0]
	return Design{Kernel: k, Nest: nest.BuildMove(k.Name, m), Contract: trial.NewMoveContract(m), Plan: m, about: []string{" moves rows of values and computes nothing."}, Field: "Move"}, nil
}

// weighing designs a kernel that weighs values, or finds them by a table.
func weighing(l specs.Layer, t plan.Target) (Design, error) {
	p, err := plan.LinearFor(l, t)
	if err != nil {
		return Design{}, err
	}
	k, about := plain(l, t), " weighs rows of values along x, then pairs of such rows along y."
	if p.Repeats {
		about = " moves rows of values and computes nothing."
	}
	return Design{Kernel: k, Nest: nest.BuildLinear(k.Name, p), Contract: trial.NewLinearContract(p), Plan: p, about: []string{about}, Field: "Linear"}, nil
}

// plain describes a kernel of vectors for a layer without weights.
func plain(l specs.Layer, t plan.Target) runtime.Kernel {
	return runtime.Kernel{Name: l.Canonical() + "_" + t.Name, ISA: t.Name, Layer: l, Tile: runtime.Tile{Lanes: t.Lanes, Columns: t.Lanes}}
}

// pooling designs the kernel of a max_pool or a max_unpool.
func pooling(l specs.Layer, t plan.Target) (Design, error) {
	p, err := plan.PoolFor(l, t)
	if err != nil {
		return Design{}, err
	}
	about := []string{" finds the largest values of windows of rows, or where they are."}
	if l.Op == specs.MaxUnpool {
		about = []string{" numbers the elements of blocks that indices lead to, or writes rows of blocks."}
	}
	k := runtime.Kernel{Name: l.Canonical() + "_" + t.Name, ISA: t.Name, Layer: l, Tile: runtime.Tile{Lanes: t.Lanes, Columns: t.Lanes}}
	return Design{Kernel: k, Nest: nest.BuildPool(k.Name, p), Contract: trial.NewPoolContract(p), Plan: p, about: about, Field: "Pool"}, nil
}
