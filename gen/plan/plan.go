// Package plan owns every decision that changes the speed of a kernel and none
// that changes its meaning: which axis fills the vector, how large the tile of
// accumulators is, how weights are packed. A Plan is comparable data.
package plan

import (
	"fmt"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// Plan is the schedule of one kernel on one target.
//
// A tile holds Channels x (phases of a section) x Columns accumulators, and with
// Rows that for each y phase, in vectors of Target.Lanes. With the planar order a
// vector runs along Columns, with the phases order along the x phases of one
// column, with the channels order along Channels.
type Plan struct {
	Target   Target
	Order    pack.Order
	Channels int  // output channels of a tile
	Section  int  // x phases of a tile
	Rows     int  // y phases of a tile, all of them; 0: one, the others in tiles of their own
	Columns  int  // input positions q of a tile
	Halo     bool // rows are read from a copy with zero columns at both ends
	Masked   bool // rows are read as they are: loads leave out what is beyond their ends
	Map      int  // input positions q of a whole map computed as one row; 0: rows one by one
	Shifted  int  // elements of one of the copies of a map, shifted by each x displacement; 0: one copy
	Fold     int  // outputs of a single input that one block computes; 0: not folded
	Once     bool // no call goes on from sums
	Pass     int  // input channels of a call at most, before the next one goes on from its sums; 0: any
	RowTaps  int  // largest number of y taps; 1 needs no loop over them
	Source   Source
}

// Source says where the rows that a kernel reads come from.
type Source uint8

const (
	AsTheyAre  Source = iota // the layer's input
	Surrounded               // a copy with the outermost inputs around it
	Enlarged                 // an enlarged copy, with its border
	Stacked                  // a copy of the planes that the z taps read, one channel after the other
	Parted                   // a copy with the columns of each remainder modulo the input stride in a row of their own
)

var sourceNames = [...]string{Surrounded: "surrounded", Enlarged: "enlarged", Stacked: "stacked", Parted: "parted"}

// Problem is what the decisions are made from.
type Problem struct {
	Layer specs.Layer
	Y, X  polyphase.Axis // Y is trivial for 1-D layers

	HeightIn, WidthIn int // inputs of the axes; 0: free
	Source            Source
}

// Layout is the order of weights that the plan's kernel wants.
func (p Plan) Layout() pack.Layout {
	return pack.Layout{Order: p.Order, Channels: p.Channels, Section: p.Section, Rows: p.Rows}
}

// Vectors is the number of vectors along a tile's columns (planar), along the
// phases of its channels (phases) or along its channels.
func (p Plan) Vectors() int {
	switch p.Order {
	case pack.Phases:
		return p.Channels * p.Section / p.Target.Lanes
	case pack.Channels:
		return p.Channels / p.Target.Lanes
	default:
		return p.Columns / p.Target.Lanes
	}
}

// Accumulators is the number of vector registers that hold sums.
func (p Plan) Accumulators() int {
	switch p.Order {
	case pack.Phases:
		return p.Vectors() * p.Columns
	case pack.Channels:
		return p.Vectors() * p.Section * p.Columns
	default:
		return p.Channels * p.Phases() * p.Vectors()
	}
}

// Phases is the number of phases, of x and y, that a tile computes.
func (p Plan) Phases() int { return p.Section * max(1, p.Rows) }

// String prints the plan on one line.
func (p Plan) String() string {
	source := "direct"
	switch {
	case p.Fold > 0:
		source = fmt.Sprintf("single (%d outputs a block)", p.Fold)
	case p.Shifted > 0:
		source = fmt.Sprintf("shifted copies of a %d-position", p.Map)
	case p.Source != AsTheyAre:
		source = sourceNames[p.Source]
	case p.Halo:
		source = "halo"
	case p.Masked:
		source = "masked"
	}
	phases := fmt.Sprint(p.Section)
	if p.Rows > 0 {
		phases = fmt.Sprintf("(%d y x %d x)", p.Rows, p.Section)
	}
	zTaps := ""
	if p.Source == Stacked {
		zTaps = "z taps, "
	}
	return fmt.Sprintf("%s: lanes %d along %s, tile %d channels x %s phases x %d columns, %d accumulators, %s input, order bias, input channels, %sy taps, x taps by ascending position; %s%s",
		p.Target.Name, p.Target.Lanes, p.vectorAxis(), p.Channels, phases, p.Columns, p.Accumulators(), source, zTaps, p.rounding(), p.limit())
}

func (p Plan) vectorAxis() string {
	switch {
	case p.Target.Lanes == 1:
		return "nothing"
	case p.Order == pack.Phases:
		return "the x phases"
	case p.Order == pack.Channels:
		return "output channels"
	default:
		return "x"
	}
}

func (p Plan) rounding() string {
	if p.Target.Fused {
		return "one rounding a term"
	}
	return "product and sum rounded"
}

// limit says what one call adds up at most.
func (p Plan) limit() string {
	switch {
	case p.Pass == 0:
		return ""
	case p.Once:
		return fmt.Sprintf("; at most %d input channels", p.Pass)
	default:
		return fmt.Sprintf("; at most %d input channels a call, then on from the sums", p.Pass)
	}
}

// VectorAlongX reports whether a vector holds neighbouring columns.
func (p Plan) VectorAlongX() bool { return p.Order == pack.Planar && p.Target.Lanes > 1 }

// Slack reports whether the kernel reads whole vectors of a row, past its end.
func (p Plan) Slack() bool { return p.Halo && p.VectorAlongX() }

// Widths are the numbers of columns of the tiles that fill a row, widest first:
// each is half the one before, and the last is the least that there is. A row of
// known length takes whole tiles and one more for what is left.
func (p Plan) Widths() []int {
	if n := p.Row(); n > 0 {
		if n%p.Columns == 0 {
			return []int{p.Columns}
		}
		return []int{p.Columns, n % p.Columns}
	}
	least := 1
	if p.Order == pack.Planar {
		least = p.Target.Lanes
	}
	if p.Order != pack.Planar && p.Columns == least {
		return []int{least}
	}
	widths := []int{p.Columns}
	if p.Target.Lanes > 1 {
		for n := p.Columns / least / 2; n > 1; n /= 2 {
			widths = append(widths, n*least)
		}
	}
	return append(widths, least)
}

// Row is the only number of columns that the kernel's rows have, or whole tiles less;
// 0: any.
func (p Plan) Row() int {
	if p.Order == pack.Channels {
		return p.Map
	}
	return 0
}

// Why says in a few words what led to the plan.
func (p Plan) Why() string {
	for _, r := range reasons {
		if r.holds(p) {
			return r.text
		}
	}
	return ""
}

// reasons are tried in order.
var reasons = []struct {
	holds func(Plan) bool
	text  string
}{
	{func(p Plan) bool { return p.Target.Lanes == 1 }, "no vectors: a few sums at a time stay in registers"},
	{func(p Plan) bool { return p.Fold > 0 }, "every channel has one input: the outputs are a row of the weight matrix"},
	{func(p Plan) bool { return p.Order == pack.Phases }, "the stride fills vectors and divides the kernel, so all phases read the same inputs and a vector of them is a run of outputs"},
	{func(p Plan) bool { return p.Order == pack.Channels }, "many output channels: their weights are vectors, rows of any width fill the tiles, and a share of the weights stays in the nearest cache"},
	{func(p Plan) bool { return p.Rows > 0 }, "few output channels share an input: with all y phases in the tile each vector of inputs is loaded once for all that it adds to"},
	{func(p Plan) bool { return p.Source == Enlarged }, "some rows at a time are enlarged on their way to the cache: the convolution finds them there, border and all"},
	{func(p Plan) bool { return p.Source == Surrounded }, "some rows at a time are copied with the outermost inputs around them, which is what lies beyond the border for every tap"},
	{func(p Plan) bool { return p.Source == Parted }, "outputs step over inputs: with the columns of each remainder in a row of their own, neighbours read neighbours"},
	{func(p Plan) bool { return p.Source == Stacked }, "the planes that z taps read are copied one after the other, as if they were channels"},
	{func(p Plan) bool { return p.Shifted > 0 }, "rows of the small map do not fill vectors: copies shifted by each displacement make it one row without gaps"},
	{func(p Plan) bool { return p.Halo }, "taps read beyond the row: zero columns around a copy of it make them plain displacements"},
	{func(p Plan) bool { return true }, "no tap reads beyond the row: the input is read as it is"},
}
