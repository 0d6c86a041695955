package plan

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// Linear is the schedule of one kernel that weighs values on one target: a vector runs
// along x of the outputs, and takes its inputs from a window of a row by a table of
// places and weights.
type Linear struct {
	Target  Target
	Vectors int // of a row that a tile has
}

// linearVectors are enough for the rows of a tile to be written in whole cache lines,
// and so few that both rows of inputs stay in registers.
const linearVectors = 4

// LinearFor decides how target computes a linear resize. The error says why the
// target has no kernel for it; the layer then runs on the generic path.
func LinearFor(l specs.Layer, t Target) (Linear, error) {
	switch {
	case l.Rank > 2:
		return Linear{}, fmt.Errorf("%d-D layers run on the generic path", l.Rank)
	case l.Layout != specs.NCHW:
		return Linear{}, fmt.Errorf("layers of op %s with channels together run on the generic path", l.Op)
	}
	return Linear{Target: t, Vectors: linearVectors}, nil
}

// String prints the plan on one line.
func (p Linear) String() string {
	along, window := "x", "taken from a window by a table of places"
	if p.Target.Lanes == 1 {
		along, window = "nothing", "taken one at a time by a table of places"
	}
	return fmt.Sprintf("%s: lanes %d along %s, tile %d columns, inputs %s, order x, y; products and sum rounded",
		p.Target.Name, p.Target.Lanes, along, p.Vectors*p.Target.Lanes, window)
}

// Why says in a few words what led to the plan.
func (p Linear) Why() string {
	if p.Target.Lanes == 1 {
		return "no vectors: rows weighed along x serve all rows of outputs between them"
	}
	return "positions depend on the sizes: a vector permutes its window, and rows weighed along x serve all rows of outputs between them"
}

// Widths are the numbers of columns of the tiles that fill a row.
func (p Linear) Widths() []int { return []int{p.Vectors * p.Target.Lanes, p.Target.Lanes} }
