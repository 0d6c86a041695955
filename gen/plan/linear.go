package plan

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// Linear is the schedule of one kernel that weighs values on one target: a vector runs
// along x of the outputs, and takes its inputs from a window of a row by a table of
// places and weights; or it runs along the channels of a pixel.
type Linear struct {
	Target   Target
	Vectors  int  // of a row or of a pixel that a tile has
	Pairs    bool // rows of outputs lie between rows of inputs
	Wide     bool // windows may be longer than a vector
	Tail     bool // rows or pixels may end inside a vector
	Channels bool // vectors run along channels
}

// linearVectors are enough for the rows of a tile to be written in whole cache lines,
// and so few that both rows of inputs stay in registers.
const linearVectors = 4

// LinearFor decides how target computes a linear resize. The error says why the
// target has no kernel for it; the layer then runs on the generic path.
func LinearFor(l specs.Layer, t Target) (Linear, error) {
	if l.Rank > 2 {
		return Linear{}, fmt.Errorf("%d-D layers run on the generic path", l.Rank)
	}
	x, y := l.Axes[l.Rank-1], l.Axes[0]
	return Linear{
		Target: t, Vectors: linearVectors,
		Pairs:    l.Rank == 2 && y.Scale != 1,
		Wide:     l.Layout == specs.NCHW && x.Scale == 0 && (x.Input == 0 || x.Input > x.OutputSize),
		Channels: l.Layout == specs.NHWC,
		Tail:     t.Lanes > 1 && (l.Layout == specs.NHWC || x.Scale == 0 || x.Scale%t.Lanes != 0),
	}, nil
}

// String prints the plan on one line.
func (p Linear) String() string {
	along, taken, order, rows, unit := "x", "permuted from a window", "x", "a row", "columns"
	if p.Channels {
		along, taken, unit = "channels", "of two pixels", "channels"
	}
	switch {
	case p.Channels && p.Target.Lanes == 1:
		along = "nothing"
	case p.Channels:
	case p.Target.Lanes == 1:
		along, taken = "nothing", "one at a time"
	case p.Wide:
		taken = "permuted from a window or gathered"
	}
	if p.Pairs {
		order, rows = "x, y", "a pair of rows"
	}
	return fmt.Sprintf("%s: lanes %d along %s, tile %d %s of %s, inputs %s by a table, order %s; products and sum rounded",
		p.Target.Name, p.Target.Lanes, along, p.Vectors*p.Target.Lanes, unit, rows, taken, order)
}

// Why says in a few words what led to the plan.
func (p Linear) Why() string {
	switch {
	case p.Channels && p.Target.Lanes > 1:
		return "channels lie together and have the same weights: vectors of them need no permutation"
	case p.Target.Lanes == 1:
		return "no vectors: a few values at a time are weighed along x for all rows between a pair"
	case p.Wide:
		return "the size decides how far inputs lie apart: within a vector they are permuted, beyond it gathered"
	default:
		return "an enlarging vector reads less than a vector of inputs: one permutation finds them, whatever the positions"
	}
}

// Widths are the numbers of columns of the tiles that fill a row.
func (p Linear) Widths() []int { return []int{p.Vectors * p.Target.Lanes, p.Target.Lanes} }
