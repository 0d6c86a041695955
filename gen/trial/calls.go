package trial

import (
	"fmt"
	"math/rand/v2"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/pack"
)

// Call is one call of a kernel. Its slices end where the kernel's access ends.
type Call struct {
	Args    nest.Args
	Outputs []bool // elements of dst, the first slice, that the call writes
	Sums    bool   // dst holds sums that the call may read
	Overlap bool   // vectors of outputs may overlap
	Tables  int    // slices at the end that say where the call reads
	Inputs  []bool // elements of src, the second slice, that the call may read; nil: all
	Budget  int    // most instructions; 0: sim.DefaultBudget
	Aligned bool   // dst begins at a multiple of a vector
	Bits    bool   // the kernel computes nothing: NaN are equal only where their bits are
	Fenced  bool   // a fence comes after all that the call stores past the caches; false: it has none

	Want []float32 // what dst must hold then where the call writes, by definition; nil: only the nest says
}

// Draw returns a call with the given integers: dst with those outputs, and slices
// of the given lengths after it, filled with numbers of either sign.
func Draw(ints []int, outputs []bool, lengths ...int) Call {
	c := Call{Outputs: outputs, Args: nest.Args{Ints: ints, Slices: [][]float32{make([]float32, len(outputs))}}}
	r := rand.New(rand.NewPCG(uint64(len(outputs)), 0))
	for _, n := range lengths {
		s := make([]float32, n)
		for i := range s {
			s[i] = float32(r.NormFloat64())
		}
		c.Args.Slices = append(c.Args.Slices, s)
	}
	return c
}

// Counts are the loop counts of a call of a layer's kernel.
type Counts struct {
	Rows, Cols, Channels, Taps int
	Cut                        int // outputs that the last column lacks
	Split                      int // columns at the end of which the call does not say that they are whole
	Again                      int // 1: goes on from sums
}

// Contract is what a layer's kernel may touch: the comment of runtime.Func in
// numbers, which emitters and nests do not know.
type Contract struct {
	plan   plan.Plan
	layout pack.Layout
	y, x   polyphase.Axis
	reach  int // elements of src from the first that a column reads to the last
	lead   int // columns before its own that a column reads
	lines  int // rows of outputs of a row q
	down   int // rows of src from the first that a row q reads to the last, besides taps
	apart  int // rows of src from one row q to the next
	panel  int
}

// NewContract returns the contract of the plan's kernel.
func NewContract(prob plan.Problem, p plan.Plan) Contract {
	c := Contract{plan: p, layout: p.Layout(), y: prob.Y}
	c.x = c.layout.Frame(prob.X)
	least, most := c.x.ReachColumns()
	c.apart = prob.X.InStride * prob.Y.InStride
	c.reach = (most - least) * max(1, p.Shifted)
	c.lead, c.lines, c.panel = -least, 1, c.layout.Panel(c.x)
	if p.Rows > 0 {
		y := prob.Y
		least, most := y.Reach()
		c.lines, c.down, c.panel = p.Rows, most-least, c.panel*y.Taps()
	}
	return c
}

// columns is the number of columns of a row that are read: whole vectors if the
// rows have room for that.
func (c Contract) columns(cols int) int {
	if lanes := c.plan.Target.Lanes; c.plan.Slack() || c.plan.Masked {
		return (cols + lanes - 1) / lanes * lanes
	}
	return cols
}

// row is the number of elements from the first that a row reads to the last. Rows
// that follow each other without a gap are not read beyond their ends, but by whole
// vectors of a column's own inputs.
func (c Contract) row(a []int) int {
	columns := c.columns(a[cols])
	if c.plan.Masked {
		return c.lead + max(columns, min(a[srcRow], columns+c.reach-c.lead))
	}
	return columns + c.last(a)
}

// last is the number of elements from the first that a column reads to the last: each
// row of inputs is one row of src for each remainder modulo the stride.
func (c Contract) last(a []int) int {
	if c.x.InStride == 1 {
		return c.reach
	}
	last := 0
	for _, t := range c.x.Phases[0].Taps {
		column, line := c.x.Place(t.Delta)
		last = max(last, line*a[srcRow]+column+c.lead)
	}
	return last
}

// The integer arguments, in the order of runtime.Func.
const (
	rows = iota
	whole
	cols
	width
	channels
	taps
	dstPlane
	dstRow
	srcPlane
	srcRow
	srcTap
	weightStep
	termStep
	termSkip
	again
	integers
)

// Integers are the arguments of a call with these counts, and with distances that
// leave gaps and that are no multiples of each other.
func (c Contract) Integers(n Counts) []int {
	a := make([]int, integers)
	a[rows], a[cols], a[channels], a[taps] = n.Rows, n.Cols, n.Channels, n.Taps
	a[width] = n.Cols*c.x.OutStride - n.Cut
	a[whole] = max(0, a[width]/c.x.OutStride-n.Split)
	a[dstRow] = a[width] + 3
	a[dstPlane] = n.Rows*c.lines*a[dstRow] + 5
	a[srcRow] = c.columns(n.Cols) + c.reach + 2
	if c.plan.Masked {
		a[srcRow] = n.Cols + n.Cut // as many inputs as columns q, or some more
	}
	a[srcTap] = (n.Rows*c.apart+c.down)*a[srcRow] + 1
	a[srcPlane] = n.Taps*a[srcTap] + 3
	a[weightStep] = n.Taps*c.panel + 7
	a[again] = n.Again
	if c.layout.Order == pack.Channels {
		c.together(a, n)
	}
	return a
}

// together changes the distances to those of outputs whose channels lie together
// and of sections that have weights of their own.
func (c Contract) together(a []int, n Counts) {
	a[whole] = 9*n.Cols + 99 // the runtime says cols, but these kernels do not look at it
	a[dstPlane] = c.layout.Channels + 3
	a[dstRow] = a[width]*a[dstPlane] + 5
	a[weightStep] = n.Taps*c.layout.Channels + 1
	a[termSkip] = 2*c.layout.Channels + 3
	a[termStep] = n.Channels*a[weightStep] + a[termSkip] + 5
}

// Outputs are the elements of dst that a call with these arguments writes.
func (c Contract) Outputs(a []int) []bool {
	if a[rows] == 0 {
		return nil
	}
	if c.layout.Order == pack.Channels {
		return runs(a[rows], a[dstRow], a[width], a[dstPlane], c.layout.Channels)
	}
	outputs := make([]bool, (c.layout.Channels-1)*a[dstPlane]+(a[rows]*c.lines-1)*a[dstRow]+a[width])
	for m := range c.layout.Channels {
		for row := range a[rows] * c.lines {
			for i := range a[width] {
				outputs[m*a[dstPlane]+row*a[dstRow]+i] = true
			}
		}
	}
	return outputs
}

// runs selects runs of n elements, step apart, in rows.
func runs(rows, row, columns, step, n int) []bool {
	outputs := make([]bool, (rows-1)*row+(columns-1)*step+n)
	for r := range rows {
		for c := range columns {
			for i := range n {
				outputs[r*row+c*step+i] = true
			}
		}
	}
	return outputs
}

// Lengths are the elements of src, weights and bias that a call with these
// arguments may read.
func (c Contract) Lengths(a []int) (src, weights, bias int) {
	if a[rows] == 0 {
		return 0, 0, 0
	}
	bias = c.layout.Channels * c.layout.BiasRepeat()
	steps := c.taps(a)
	if a[channels] == 0 || steps == 0 {
		return 0, 0, bias
	}
	src = (a[channels]-1)*a[srcPlane] + (steps-1)*a[srcTap] + ((a[rows]-1)*c.apart+c.down)*a[srcRow] + c.row(a)
	weights = (a[channels]-1)*a[weightStep] + steps*c.panel
	if c.layout.Order == pack.Channels {
		weights = c.sections(a, steps)
	}
	return src, weights, bias
}

// sections is the number of weights up to the last that a section reads.
func (c Contract) sections(a []int, steps int) (end int) {
	before := 0
	for _, s := range c.layout.Sections(c.x) {
		if n := len(s); n > 0 {
			from := before*a[termStep] + n*(a[termSkip]+(a[channels]-1)*a[weightStep])
			end = max(end, from+steps*n*c.layout.Channels)
		}
		before += len(s)
	}
	return end
}

// Call draws a call with these counts.
func (c Contract) Call(n Counts) Call {
	ints := c.Integers(n)
	src, weights, bias := c.Lengths(ints)
	call := Draw(ints, c.Outputs(ints), src, weights, bias)
	if call.Sums = ints[again] > 0; call.Sums { // no two alike, so that none stands for another
		r := rand.New(rand.NewPCG(uint64(len(call.Outputs)), 1))
		for i := range call.Args.Slices[0] {
			call.Args.Slices[0][i] = float32(r.NormFloat64())
		}
	}
	call.Want = c.Sums(call)
	return call
}

// Exact cuts the slices of a call, which the runtime makes, to what the kernel may
// touch. It is an error if they are shorter.
func (c Contract) Exact(a nest.Args) (Call, error) {
	outputs := c.Outputs(a.Ints)
	src, weights, bias := c.Lengths(a.Ints)
	exact := Call{Outputs: outputs, Args: nest.Args{Ints: a.Ints}, Sums: a.Ints[again] > 0}
	for i, n := range []int{len(outputs), src, weights, bias} {
		if n > len(a.Slices[i]) {
			return Call{}, fmt.Errorf("a call with %v has %d elements in slice %d, but may touch %d", a.Ints, len(a.Slices[i]), i, n)
		}
		exact.Args.Slices = append(exact.Args.Slices, a.Slices[i][:n:n])
	}
	return exact, nil
}

// Calls are few and small, and reach every instruction: 1 up to all lanes of columns
// left over, and one after as many, with each width of the last column; every number of columns below two of
// the widest tiles, so that each loop over tiles ends with every number of columns that
// it can leave; the widest tile once and twice, the last one up to three times; and 0, 1,
// 2 and 3 rows, channels and taps.
// Package sim says why larger counts need no calls of their own.
func (c Contract) Calls() (calls []Call) {
	for _, n := range c.counts() {
		calls = append(calls, c.Call(n))
	}
	return calls
}

func (c Contract) counts() (list []Counts) {
	if c.plan.Row() > 0 {
		return c.rowCounts()
	}
	widths := c.plan.Widths()
	tile, least := widths[0], widths[len(widths)-1]
	for cols := 1; cols <= least; cols++ {
		for cut := range c.cuts() {
			for again := range c.goesOn() + 1 { // each mask of sums, too
				list = append(list, Counts{Rows: 1, Cols: cols, Channels: 1, Taps: 1, Cut: cut, Again: again})
			}
		}
	}
	for cols := least + 1; cols < 2*tile; cols++ {
		list = append(list, Counts{Rows: 1, Cols: cols, Channels: 1, Taps: 1})
	}
	for _, w := range widths { // as many as a tile has: not all of them whole, and going on from sums
		short := Counts{Rows: 1, Cols: w, Channels: 1, Taps: 1, Cut: 1}
		if c.cuts() == 1 {
			short.Cut, short.Split = 0, 1
		}
		if c.layout.Order != pack.Channels { // which does not look at how many are whole
			list = append(list, short)
		}
		if c.goesOn() > 0 {
			list = append(list, Counts{Rows: 1, Cols: w, Channels: 1, Taps: 1, Again: 1})
		}
	}
	list = append(list, Counts{Rows: 1, Cols: 2 * tile, Channels: 1, Taps: 1}) // a row that ends with a wide tile
	for cut := 1; cut < c.cuts(); cut++ {
		list = append(list, Counts{Rows: 1, Cols: least + 1, Channels: 1, Taps: 1, Cut: cut})
	}
	for i := range tile/least + 1 {
		for j, n := range rounds {
			n.Again = j % 2 * c.goesOn()
			n.Cols, n.Cut = tile+i*least+(i*5+j)%least, (i+j)%c.cuts()
			list = append(list, n)
		}
	}
	wide := 2*tile + least + least/2
	return append(list,
		Counts{Rows: 0, Channels: 1, Taps: 1, Cols: 1},
		Counts{Rows: 3, Channels: 2, Taps: 2, Cols: wide},
		Counts{Rows: 2, Channels: 2, Taps: 2, Cols: 2*least + 1, Split: 2*least + 1},
		Counts{Rows: 1, Channels: 2, Taps: 3, Cols: wide, Split: 2*least + 1})
}

// rowCounts are those of a kernel whose rows have one length: whole tiles, with and
// without what is left at the end of a row.
func (c Contract) rowCounts() []Counts {
	tile, rest := c.plan.Columns, c.plan.Row()%c.plan.Columns
	list := []Counts{{Rows: 0, Channels: 1, Taps: 1, Cols: rest + tile}}
	for tiles := range 4 {
		for _, cols := range []int{tiles * tile, tiles*tile + rest} {
			for j, n := range rounds {
				n.Cols, n.Again = cols, j%2*c.goesOn()
				if cols > 0 {
					list = append(list, n)
				}
			}
		}
	}
	return append(list,
		Counts{Rows: 3, Channels: 2, Taps: 2, Cols: 2*tile + rest},
		Counts{Rows: 1, Channels: 1, Taps: 1, Cols: tile * tile}) // a count that is one off in each tile is a tile off
}

// rounds are the counts that every mix of tiles is tried with.
var rounds = []Counts{
	{Rows: 2, Channels: 2, Taps: 3},
	{Rows: 1, Channels: 3, Taps: 2},
	{Rows: 1, Channels: 1, Taps: 1},
	{Rows: 1, Channels: 1, Taps: 0},
	{Rows: 2, Channels: 0, Taps: 1},
}

// cuts is the number of widths that the last column can have.
func (c Contract) cuts() int {
	if c.layout.Order != pack.Planar {
		return 1 // whole columns, which the runtime crops
	}
	return c.x.OutStride
}

// goesOn is 1 if the kernel can go on from sums.
func (c Contract) goesOn() int {
	if c.plan.Once {
		return 0
	}
	return 1
}
