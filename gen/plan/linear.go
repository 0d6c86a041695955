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
	Elements bool // or, of pixels that a vector holds, along the elements of a row
	Repeats  bool // outputs are inputs, not sums of two
	Zeros    bool // or 0, where the table says so
	Copies   int  // rows of every group that are the first of its pair; 0: an argument
	Blends   int  // rows of zeros after them, then
	Pixel    int  // channels of a pixel that has a few vectors, all in one tile; 0: an argument
}

// linearVectors are enough for the rows of a tile to be written in whole cache lines,
// and so few that both rows of inputs stay in registers.
const linearVectors = 4

// LinearFor decides how target computes a linear resize, a nearest one in which blocks
// are not copies of their own input, or one of pixels whose channels lie together. The
// error says why the target has no kernel for it; the layer then runs on the generic
// path.
func LinearFor(l specs.Layer, t Target) (Linear, error) {
	if l.Rank > 2 {
		return Linear{}, fmt.Errorf("%d-D layers run on the generic path", l.Rank)
	}
	if l.Op != specs.Bilinear && l.Layout == specs.NHWC {
		return repeatsFor(l, t)
	}
	if l.Op == specs.BedOfNails && t.Lanes == 1 {
		return Linear{}, fmt.Errorf("a scale above %d: without vectors zeros between far inputs are cleared as fast by the generic path", maxInterleave)
	}
	x, y := l.Axes[l.Rank-1], l.Axes[0]
	return Linear{
		Target: t, Vectors: linearVectors,
		Pairs:    l.Op == specs.Bilinear && l.Rank == 2 && y.Scale != 1,
		Repeats:  l.Op != specs.Bilinear,
		Zeros:    l.Op == specs.BedOfNails,
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
	if p.Repeats && (p.Channels || p.Elements) {
		along, taken, unit = p.alongPixels()
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
	values := "order " + order + "; products and sum rounded"
	if p.Repeats {
		values = "bits kept"
	}
	return fmt.Sprintf("%s: lanes %d along %s, tile %d %s of %s, inputs %s by a table, %s",
		p.Target.Name, p.Target.Lanes, along, p.Vectors*p.Target.Lanes, unit, rows, taken, values)
}

// Why says in a few words what led to the plan.
func (p Linear) Why() string {
	switch {
	case p.Channels && p.Repeats || p.Elements:
		return p.whyPixels()
	case p.Channels && p.Target.Lanes > 1:
		return "channels lie together and have the same weights: vectors of them need no permutation"
	case p.Zeros:
		return "a table says which outputs are zeros, however many there are: those of several blocks are a vector"
	case p.Target.Lanes == 1 && p.Repeats:
		return "no vectors: a few values at a time are put into all rows that repeat them"
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
