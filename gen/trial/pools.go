package trial

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/specs"
)

// PoolContract is what the kernel of a max_pool or a max_unpool may touch: the comment
// of runtime.PoolFunc in numbers.
type PoolContract struct{ plan plan.Pool }

// NewPoolContract returns the contract of the plan's kernel.
func NewPoolContract(p plan.Pool) PoolContract { return PoolContract{p} }

// The integer arguments, in the order of runtime.PoolFunc.
const (
	poolMove = iota
	poolWide
	poolNarrow
	poolRows
	poolWhole
	poolCols
	poolWidth
	poolTaps
	poolDstRow
	poolSrcRow
	poolSrcTap
	poolAidRow
	poolFirst
	poolLine
	poolIntegers
)

// poolSides are what a call touches of each slice; of dst it writes all, and so many
// elements before.
type poolSides struct {
	before        int
	dst, src, aid side
}

// sides are the extents of a call with these arguments.
func (c PoolContract) sides(a []int) (s poolSides) {
	one := func(columns, row int) side { return side{planes: 1, rows: a[poolRows], row: row, columns: columns} }
	cols := a[poolCols]
	if c.plan.Op == specs.MaxPool {
		s.src = side{planes: a[poolRows], plane: a[poolSrcRow], rows: a[poolTaps], row: a[poolSrcTap], columns: a[poolWidth]}
		if c.plan.Pixels {
			s.src.columns = (c.plan.Windows.Kernel-1)*a[poolWidth] + cols
		}
		s.dst = one(cols, a[poolDstRow])
		if a[poolMove] == 0 {
			s.dst, s.aid = one(2*cols, a[poolDstRow]), one(cols, a[poolAidRow])
		}
		return s
	}
	lanes := c.plan.Target.Lanes
	numbers := c.numbers(cols)
	if c.plan.Pixels {
		numbers, cols = numbers*a[poolTaps], cols*a[poolTaps]
	}
	if a[poolMove] > 0 {
		s.dst, s.src, s.aid = one(a[poolWidth], a[poolDstRow]), one(cols, a[poolSrcRow]), one(numbers, a[poolAidRow])
		s.dst.rows *= c.plan.Blocks.Y
		return s
	}
	s.before, s.dst, s.src = lanes, one(numbers, a[poolDstRow]), one(cols, a[poolSrcRow])
	if a[poolWide] > 0 {
		s.src.columns *= 2
	}
	return s
}

// numbers is the number of elements that hold a byte for each column of whole vectors.
func (c PoolContract) numbers(cols int) int {
	lanes := c.plan.Target.Lanes
	return (cols + lanes - 1) / lanes * max(1, lanes/4)
}

// outputs are the elements of dst that the call writes.
func (s poolSides) outputs() []bool {
	all := make([]bool, s.before)
	for i := range all {
		all[i] = true
	}
	return append(all, s.dst.elements()...)
}

// Integers are the arguments of a call of a step, with distances that leave gaps; more
// elements of a row may be read than there are in windows, or lie between pixels.
func (c PoolContract) Integers(step, rows, cols, taps, more int) []int {
	a := make([]int, poolIntegers)
	a[step], a[poolRows], a[poolCols] = 1, rows, cols
	if c.plan.Op == specs.MaxPool {
		w := c.plan.Windows
		a[poolTaps], a[poolWidth], a[poolLine] = taps, w.Stride*(cols-1)+w.Span()+more, 2*cols
		a[poolSrcTap] = a[poolWidth] + 3
		a[poolWhole] = c.whole(cols, a[poolWidth])
		if c.plan.Pixels {
			a[poolWidth], a[poolWhole] = cols+more, 19
			a[poolSrcTap] = w.Kernel*a[poolWidth] + 3
		}
		a[poolSrcRow] = taps*a[poolSrcTap] + 5
		a[poolDstRow], a[poolAidRow], a[poolFirst] = 2*cols+1, cols+2, 77
		return a
	}
	if c.plan.Pixels {
		return c.unpooled(a, cols, taps, more)
	}
	a[poolWidth] = 2 * cols
	a[poolLine], a[poolFirst] = cols*c.plan.Blocks.X+9, 55
	a[poolSrcRow], a[poolAidRow], a[poolDstRow] = 2*cols+3, c.numbers(cols)+4, c.numbers(cols)+2
	if a[poolMove] > 0 {
		a[poolWidth] = cols * c.plan.Blocks.X
		a[poolDstRow] = a[poolWidth] + 5
	}
	return a
}

// unpooled are the arguments of a call of a max_unpool of so many pixels of so many
// channels; more tells whether indices count elements.
func (c PoolContract) unpooled(a []int, channels, pixels, more int) []int {
	a[poolTaps], a[poolFirst] = pixels, 55
	if numbers := c.numbers(channels) * pixels; a[poolMove] > 0 {
		a[poolWidth] = channels * pixels * c.plan.Blocks.X
		a[poolDstRow], a[poolSrcRow], a[poolAidRow] = a[poolWidth]+3, channels*pixels+2, numbers+4
	} else {
		a[poolWidth], a[poolSrcTap], a[poolDstRow], a[poolSrcRow] = 2*channels, 1, numbers+2, 2*channels*pixels+3
		if more > 0 {
			a[poolSrcTap], a[poolAidRow] = channels, -1
		}
		a[poolLine] = (pixels*c.plan.Blocks.X + 9) * a[poolSrcTap]
	}
	return a
}

// whole are the columns of whole vectors of which all groups may be read.
func (c PoolContract) whole(cols, width int) int {
	w, lanes := c.plan.Windows, c.plan.Target.Lanes
	return max(0, min(cols, width/w.Stride-w.Groups()+1)) / lanes * lanes
}

// steps are those that the kernel has.
func (c PoolContract) steps() []int {
	if c.plan.Op == specs.MaxPool && !c.plan.Pixels {
		return []int{poolMove, poolWide}
	}
	return []int{poolMove, poolWide, poolNarrow}
}

// scalarColumns are as many columns as tell the mistakes of a kernel without vectors.
const scalarColumns = 12

// Calls are few and small, and reach every instruction: of each step every number of
// columns up to all lanes, alone and after one and two whole vectors, or after a tile
// of several; 0 to 3 rows, and, after a vector, as many as there are numbers of elements of a block; and
// windows of 1 to 3 rows, with elements of part of a window or of a whole one after the last,
// also with inputs that rise or fall, and where the call says of no vector that it is whole.
func (c PoolContract) Calls() (calls []Call) {
	lanes := c.plan.Target.Lanes
	for _, step := range c.steps() {
		for cols := c.fewest(); cols <= max(scalarColumns, max(3, c.plan.Vectors+1)*lanes)+1; cols++ {
			calls = append(calls, c.call(c.Integers(step, 1+cols%3, cols, 1+cols%3, 0)))
			if c.overlaps() { // whose indices count elements
				calls = append(calls, c.call(c.Integers(step, 1+cols%2, cols, 1+cols/2%3, 1)))
			}
			if c.plan.Op == specs.MaxPool {
				calls = append(calls, c.poolCalls(step, cols)...)
			}
		}
		calls = append(calls, c.call(c.Integers(step, 0, c.fewest(), 1, 0)), c.call(c.Integers(step, 1, max(2, c.plan.Vectors+1)*lanes+1, 0, c.plan.Windows.Stride)))
		if c.plan.Op == specs.MaxUnpool {
			for cols := lanes; cols < 2*lanes; cols++ {
				calls = append(calls, c.call(c.Integers(step, c.turns(), cols, 1, 0)), c.call(c.Integers(step, 1, cols, 1, 0)))
			}
		}
		if c.plan.Op == specs.MaxPool && !c.plan.Pixels {
			none := c.Integers(step, 2, 2*lanes+1, 2, 0)
			none[poolWhole] = 0
			calls = append(calls, c.call(none))
		}
	}
	return append(calls, c.pastCalls(2*lanes+2)...)
}

// poolCalls are calls of so many columns with each number of elements after the last window
// up to a stride.
func (c PoolContract) poolCalls(step, cols int) (calls []Call) {
	for more := 1; more <= c.plan.Windows.Stride; more++ {
		calls = append(calls, c.call(c.Integers(step, 1+cols%2, cols, 1+cols/2%3, more)))
	}
	return append(calls, c.orderedCalls(step, cols)...)
}

// orderedCalls are calls of so many columns with ordered inputs: falling ones, and rising ones
// with each number of elements after the last window below a stride. Of every second number
// of columns none is said to lie in a whole vector.
func (c PoolContract) orderedCalls(step, cols int) (calls []Call) {
	ordered := func(most, more int, by float32) {
		a := c.Integers(step, 2, cols, 2, more)
		if cols%2 == 0 && !c.plan.Pixels { // where it is a distance
			a[poolWhole] = 0
		}
		calls = append(calls, c.ordered(a, most, by))
	}
	for most := range c.plan.Windows.Stride {
		ordered(most, 0, -1)
		for more := range c.plan.Windows.Stride {
			ordered(most, more, 1)
		}
	}
	return calls
}

// pastCalls are those that write outputs past the caches, of fewer columns than most, and two
// more.
func (c PoolContract) pastCalls(most int) (calls []Call) {
	if c.plan.Op != specs.MaxUnpool || c.plan.Pixels {
		return nil
	}
	for cols := 0; cols < most; cols += c.plan.Target.Lanes {
		for rows := range 4 {
			calls = append(calls, c.pastCall(rows, cols))
		}
	}
	lanes := c.plan.Target.Lanes // as many vectors, so that a count that is one off in each is a vector off
	return append(calls, c.pastCall(c.turns(), lanes), c.pastCall(1, lanes*lanes))
}

func (c PoolContract) pastCall(rows, cols int) Call {
	a, lanes := c.Integers(poolMove, rows, cols, 1, 0), c.plan.Target.Lanes
	a[poolTaps], a[poolDstRow] = 1, (a[poolWidth]+lanes)/lanes*lanes
	return c.call(a)
}

// past reports whether a call writes outputs past the caches: dst and its rows begin at
// multiples of a vector.
func (c PoolContract) past(a []int) bool {
	return c.plan.Op == specs.MaxUnpool && !c.plan.Pixels && a[poolMove] > 0 && a[poolTaps] > 0
}

// overlaps reports whether the last vector of a pixel may overlap the one before.
func (c PoolContract) overlaps() bool { return c.plan.Pixels && c.plan.Op == specs.MaxUnpool }

// fewest is the least number of columns of a call.
func (c PoolContract) fewest() int {
	if c.overlaps() {
		return c.plan.Target.Lanes
	}
	return 1
}

// begin is a call whose slices hold anything.
func (c PoolContract) begin(a []int) (Call, poolSides) {
	s := c.sides(a)
	call := Draw(a, s.outputs(), s.src.end(), s.aid.end())
	call.Bits, call.Overlap = true, c.overlaps()
	call.Aligned, call.Fenced = c.past(a), c.past(a)
	return call, s
}

// ordered is a call of a max_pool whose inputs are larger where their place has this remainder
// modulo the stride. Of each kind the later ones are larger, where inputs differ by a
// positive number; or else the earlier ones, and all are negative. So, within a row of
// channel 0, all lanes have their maxima at the same place of their windows.
func (c PoolContract) ordered(a []int, most int, by float32) Call {
	call, _ := c.begin(a)
	src, aid := call.Args.Slices[1], call.Args.Slices[2]
	for i := range src {
		if src[i] = by * float32(1+i); i%c.plan.Windows.Stride != most {
			src[i] -= float32(len(src))
		}
	}
	if a[poolMove] == 0 {
		p := pooling{PoolContract: c, a: a, src: src, aid: aid}
		for row := range a[poolRows] {
			for col := range a[poolCols] {
				aid[row*a[poolAidRow]+col] = p.maximum(row, col)
			}
		}
	}
	call.Want = c.pooled(call)
	return call
}

// call draws what the step distinguishes.
func (c PoolContract) call(a []int) Call {
	call, s := c.begin(a)
	r := rand.New(rand.NewPCG(uint64(a[poolCols]), uint64(a[poolWidth])))
	src, aid := call.Args.Slices[1], call.Args.Slices[2]
	switch {
	case c.plan.Op == specs.MaxPool:
		drawLargest(r, src, aid)
		if a[poolMove] == 0 {
			c.drawMaxima(r, call)
		}
	case a[poolMove] > 0:
		if c.plan.Pixels {
			call.Tables = 1 // numbers of channels that two vectors hold
		}
		c.drawNumbers(r, aid, s.aid)
		if c.overlaps() {
			c.shareNumbers(aid, a)
		}
	default:
		c.drawIndices(r, src, a)
	}
	call.Want = c.pooled(call)
	return call
}

// turns are the rows in which every element of a block, and none, has its turn in each lane.
func (c PoolContract) turns() int { return c.plan.Blocks.Y*c.plan.Blocks.X + 2 }

// drawNumbers draws numbers of elements of a block, or of none; a lane has the next one in
// the next row.
func (c PoolContract) drawNumbers(r *rand.Rand, aid []float32, s side) {
	for i := range 4 * s.columns {
		first := r.IntN(c.turns())
		for row := range s.rows {
			setByte(aid[row*s.row:], i, uint32((first+row)%c.turns()))
		}
	}
}

// drawLargest draws values that are often equal, zeros of both signs, infinities and
// NaN; and maxima among them.
func drawLargest(r *rand.Rand, lists ...[]float32) {
	values := []float32{
		1, -1, 0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), 2, -2, 3, 4, 5,
		math.Float32frombits(0x7fc01234), math.Float32frombits(0xffc04321), math.Float32frombits(0x7f812345),
	}
	for _, list := range lists {
		for i := range list {
			list[i] = values[r.IntN(len(values))]
		}
	}
}

// drawMaxima takes most of the maxima from their own windows.
func (c PoolContract) drawMaxima(r *rand.Rand, call Call) {
	p := pooling{PoolContract: c, a: call.Args.Ints, src: call.Args.Slices[1], aid: call.Args.Slices[2]}
	for row := range p.a[poolRows] {
		for col := range p.a[poolCols] {
			n := 0
			p.window(row, col, func(x float32, _ int) {
				if n++; r.IntN(n+1) > 0 { // any of them alike, or none
					return
				}
				p.aid[row*p.a[poolAidRow]+col] = x
			})
		}
	}
}

// drawIndices draws indices that lie in their own blocks, but for a few; a column has the
// next element in the next row.
func (c PoolContract) drawIndices(r *rand.Rand, src []float32, a []int) {
	block := c.plan.Blocks
	cols, apart := a[poolCols], 1
	if c.plan.Pixels {
		cols, apart = cols*a[poolTaps], a[poolSrcTap]
	}
	for col := range cols {
		first := r.IntN(block.Y * block.X)
		for row := range a[poolRows] {
			pixel, own := col, (first+row)%(block.Y*block.X)
			if c.plan.Pixels {
				pixel = col / a[poolCols]
			}
			at := a[poolFirst] + (row*block.Y+own/block.X)*a[poolLine] + (pixel*block.X+own%block.X)*apart
			if apart > 1 {
				at += col % a[poolCols]
			}
			high := 0
			switch last, wrong := col == cols-1, r.IntN(16); {
			case a[poolRows] == 1 && last: // alone, so that no other one is seen in its place
				at = a[poolFirst] - 1
			case a[poolRows] == 1:
			case wrong == 0:
				at += r.IntN(9) - 4
			case wrong == 1, last && (row+col)%2 == 0: // the last half that is read
				high = 1 - 2*r.IntN(2)
			}
			if a[poolWide] == 0 {
				src[row*a[poolSrcRow]+col] = math.Float32frombits(uint32(at))
				continue
			}
			pair := src[row*a[poolSrcRow]+2*col:][:2]
			pair[0], pair[1] = math.Float32frombits(uint32(at)), math.Float32frombits(uint32(high))
		}
	}
}

// Exact cuts the slices of a call, which the runtime makes, to what the kernel may
// touch. It is an error if they are shorter.
func (c PoolContract) Exact(a nest.Args) (Call, error) {
	s := c.sides(a.Ints)
	outputs := s.outputs()
	exact := Call{Outputs: outputs, Bits: true, Overlap: c.overlaps(), Aligned: c.past(a.Ints), Fenced: c.past(a.Ints), Args: nest.Args{Ints: a.Ints}}
	for i, n := range []int{len(outputs), s.src.end(), s.aid.end()} {
		if n > len(a.Slices[i]) {
			return Call{}, fmt.Errorf("a call with %v has %d elements in slice %d, but may touch %d", a.Ints, len(a.Slices[i]), i, n)
		}
		exact.Args.Slices = append(exact.Args.Slices, a.Slices[i][:n:n])
	}
	return exact, nil
}
