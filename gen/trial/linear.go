package trial

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
)

// LinearContract is what a kernel that weighs values may touch: the comment of
// runtime.LinearFunc in numbers.
type LinearContract struct {
	plan  plan.Linear
	lanes int
}

// NewLinearContract returns the contract of the plan's kernel.
func NewLinearContract(p plan.Linear) LinearContract {
	return LinearContract{p, p.Target.Lanes}
}

// The integer arguments, in the order of runtime.LinearFunc.
const (
	linearGroups = iota
	linearCopies
	linearBlends
	linearCols
	linearDstRow
	linearDstGroup
	linearSrcRow
	linearPair
	linearWide
	linearChannels
	linearIntegers
)

// The slices after dst and src, in the order of runtime.LinearFunc.
const (
	linearWeights = 2 + iota
	linearTable
	linearSteps
)

// elements selects what a call writes.
func (c LinearContract) elements(a []int) []bool {
	rows, width := a[linearCopies]+a[linearBlends], a[linearCols]*max(1, a[linearChannels])
	if a[linearGroups] == 0 || rows == 0 {
		return nil
	}
	all := make([]bool, (a[linearGroups]-1)*a[linearDstGroup]+(rows-1)*a[linearDstRow]+width)
	for g := range a[linearGroups] {
		for r := range rows {
			for i := range width {
				all[g*a[linearDstGroup]+r*a[linearDstRow]+i] = true
			}
		}
	}
	return all
}

// pixels reports whether a call is about pixels and their channels.
func (c LinearContract) pixels(a []int) bool { return c.plan.Channels && a[linearChannels] > 0 }

// overlaps reports whether the last vector of a pixel may overlap the one before.
func (c LinearContract) overlaps(a []int) bool { return c.plan.Repeats && c.plan.Tail && c.pixels(a) }

// entries are those of the tables: vectors of a row, or its pixels.
func (c LinearContract) entries(a []int) int {
	if c.pixels(a) {
		return a[linearCols]
	}
	return (a[linearCols] + c.lanes - 1) / c.lanes
}

// reach is the number of elements of src that a call reads, from the first to the
// last.
func (c LinearContract) reach(a []int, table, steps []float32) int {
	if a[linearGroups] == 0 {
		return 0
	}
	at, end, after := 0, 0, 1 // how many elements after the place count
	if c.plan.Repeats {
		after = 0
	}
	for v := range c.entries(a) {
		switch {
		case c.pixels(a):
			end = max(end, at+(1+after)*a[linearChannels])
		case a[linearWide] == 0:
			end = max(end, at+c.lanes+after)
		default:
			for _, x := range table[3*c.lanes*v:][:c.lanes] {
				end = max(end, at+bits(x)+1+after)
			}
		}
		at += bits(steps[v])
	}
	return (a[linearGroups]-1)*a[linearSrcRow] + a[linearPair] + end
}

// bits is the integer that has the bits of x.
func bits(x float32) int { return int(math.Float32bits(x)) }

// lengths are those of the slices after dst and src.
func (c LinearContract) lengths(a []int) (weights, table, steps int) {
	record := 3 * c.lanes
	if c.pixels(a) {
		record = 2
	}
	return 2 * a[linearBlends], record * c.entries(a), c.entries(a)
}

// Integers are the arguments of a call, with distances that leave gaps; without pair
// there is no second row.
func (c LinearContract) Integers(groups, copies, blends, cols, channels, wide int, pair bool) []int {
	a := make([]int, linearIntegers)
	a[linearGroups], a[linearCopies], a[linearBlends], a[linearCols], a[linearWide] = groups, copies, blends, cols, wide
	a[linearChannels] = channels
	a[linearDstRow] = cols*max(1, channels) + c.lanes + 3 // more than a vector more than the columns
	a[linearDstGroup] = (copies+blends)*a[linearDstRow] + 1
	a[linearSrcRow] = cols + 5
	if pair {
		a[linearPair] = cols*max(1, channels) + 2
	}
	return a
}

// Call is a call with the arguments of Integers and tables that have every place.
func (c LinearContract) Call(a []int) Call {
	weights, n, m := c.lengths(a)
	table, steps := make([]float32, n), make([]float32, m)
	if c.pixels(a) {
		c.drawPixels(a, table, steps)
	} else {
		c.drawVectors(a, table, steps)
	}
	call := Draw(a, c.elements(a), c.reach(a, table, steps), weights)
	call.Args.Slices = append(call.Args.Slices, table, steps)
	call.Tables, call.Bits, call.Overlap = 2, c.plan.Repeats, c.overlaps(a)
	c.drawInfinities(a, call.Args.Slices)
	call.Want = c.weighed(call)
	return call
}

// drawInfinities puts some of either sign among the values of src; and in one of two rows where
// a weight is 0, which then counts.
func (c LinearContract) drawInfinities(a []int, slices [][]float32) {
	r := rand.New(rand.NewPCG(uint64(a[linearCols]), uint64(a[linearBlends])))
	src, table, steps := slices[1], slices[linearTable], slices[linearSteps]
	infinite := func() float32 { return float32(math.Inf(1 - r.IntN(2)*2)) }
	for i := r.IntN(11); i < len(src); i += 11 {
		src[i] = infinite()
	}
	if c.plan.Repeats || c.pixels(a) {
		return
	}
	for g := range a[linearGroups] {
		at := g * a[linearSrcRow]
		for v, step := range steps {
			for i, place := range table[3*c.lanes*v:][:c.lanes] {
				if table[3*c.lanes*v+2*c.lanes+i] == 0 {
					src[at+r.IntN(2)*a[linearPair]+bits(place)+1] = infinite()
				}
			}
			at += bits(step)
		}
	}
}

// drawPixels fills the tables of pixels.
func (c LinearContract) drawPixels(a []int, table, steps []float32) {
	for i := range steps {
		steps[i] = math.Float32frombits(uint32((i + 1) % 3 * a[linearChannels]))
		table[2*i], table[2*i+1] = float32(i+1)/32, 1-float32(i+1)/32
		switch i % 4 {
		case 1:
			table[2*i+1] = -1
		case 2:
			table[2*i], table[2*i+1] = 1, 0
		}
		if c.plan.Zeros {
			table[2*i] = math.Float32frombits(-uint32((i + 1) / 2 % 2)) // two kept, two not
		}
	}
}

// drawVectors fills the tables of vectors: each place with each kind of weights, in any lane.
func (c LinearContract) drawVectors(a []int, table, steps []float32) {
	r := rand.New(rand.NewPCG(uint64(a[linearCols]), uint64(a[linearGroups])))
	places := c.lanes
	if a[linearWide] != 0 {
		places = 3 * c.lanes
	}
	for v := range steps {
		steps[v] = math.Float32frombits(uint32((5*v + a[linearCols]) % (2*c.lanes + 1)))
		for i := range c.lanes {
			at := 3*c.lanes*v + i
			table[at] = math.Float32frombits(uint32(r.IntN(places)))
			keep := float32(1+(i+7*v)%31) / 32 // others than the vector before has
			table[at+c.lanes], table[at+2*c.lanes] = keep, 1-keep
			switch r.IntN(5) {
			case 0, 1:
				table[at+2*c.lanes] = -1
			case 2: // which counts: 0 times an infinite input is none
				table[at+c.lanes], table[at+2*c.lanes] = 1, 0
			}
			if c.plan.Zeros {
				table[at+c.lanes] = math.Float32frombits(-r.Uint32N(2))
			}
		}
	}
}

// fewest is the least number of channels of a call: the last vector of a pixel that is
// moved ends with it.
func (c LinearContract) fewest() int {
	if c.plan.Repeats {
		return c.lanes
	}
	return 1
}

// counted are calls with these counts, or the nearest that the plan has: cols are channels
// where those lie together, in one more pixel than there are groups.
func (c LinearContract) counted(groups, copies, blends, cols, wide int, pair bool) (calls []Call) {
	pair = pair && c.plan.Pairs
	if !c.plan.Pairs && !c.plan.Zeros {
		blends = 0
	}
	if c.plan.Copies > 0 {
		copies, blends = c.plan.Copies, c.plan.Blends
	}
	if !c.plan.Tail {
		cols = (cols + c.lanes - 1) / c.lanes * c.lanes
	}
	if c.plan.Channels && groups > 0 && cols >= c.fewest() { // a group a call, and vectors of channels
		channels := cols
		if c.plan.Pixel > 0 {
			channels = c.plan.Pixel
		}
		calls = append(calls, c.Call(c.Integers(1, copies, blends, groups+1, channels, wide, pair)))
	}
	if c.plan.Elements {
		return append(calls, c.Call(c.Integers(groups, copies, blends, cols, 0, wide, pair)))
	}
	if !c.plan.Channels {
		calls = append(calls, c.Call(c.Integers(groups, copies, blends, cols, 1, wide, pair)))
	}
	return calls
}

// Calls are few and small, and reach every instruction: every number of columns up
// to all lanes, alone and after whole vectors and tiles, with and without rows of each
// kind and a second row, in windows of both kinds; and so many tiles that a count that is one
// off in each is a vector off.
func (c LinearContract) Calls() (calls []Call) {
	call := func(groups, copies, blends, cols, wide int, pair bool) {
		calls = append(calls, c.counted(groups, copies, blends, cols, wide, pair)...)
	}
	tile, far := c.plan.Vectors*c.lanes, 0
	if c.plan.Wide {
		far = 1
	}
	for cols := 1; cols <= 2*c.lanes+1; cols++ {
		call(1+cols%2, cols%3, 1+cols%4, cols, far*(cols%2), true)
		call(1, 1, 0, cols+tile, far*(1-cols%2), false)
	}
	for wide := range far + 1 {
		for _, cols := range []int{max(1, tile-c.lanes), tile - 1, tile, 2 * tile, tile + 2*c.lanes + 1, 2*tile + c.lanes - 1} {
			call(2, 2, 2, cols, wide, true)
			call(2, 2, 0, cols, wide, true)
			call(1, 0, 2, cols, wide, true)
			call(2, 2, 0, cols, wide, false)
			call(1, 0, 0, cols, wide, false)
		}
	}
	call(1, 1, 1, c.lanes*tile, 0, true)
	if c.plan.Channels {
		calls = append(calls, c.Call(c.Integers(1, 1, 1, 0, 1, 0, true)))
	}
	if !c.plan.Channels || c.plan.Elements {
		call(0, 1, 1, 1, 0, true)
	}
	return calls
}

// Exact cuts the slices of a call, which the runtime makes, to what the kernel may
// touch. It is an error if they are shorter.
func (c LinearContract) Exact(a nest.Args) (Call, error) {
	weights, table, steps := c.lengths(a.Ints)
	if len(a.Slices[linearTable]) < table || len(a.Slices[linearSteps]) < steps {
		return Call{}, fmt.Errorf("a call with %v has tables of %d and %d elements, want %d and %d",
			a.Ints, len(a.Slices[linearTable]), len(a.Slices[linearSteps]), table, steps)
	}
	outputs := c.elements(a.Ints)
	reach := c.reach(a.Ints, a.Slices[linearTable], a.Slices[linearSteps])
	exact := Call{Outputs: outputs, Args: nest.Args{Ints: a.Ints}, Tables: 2, Bits: c.plan.Repeats, Overlap: c.overlaps(a.Ints)}
	for i, n := range []int{len(outputs), reach, weights, table, steps} {
		if n > len(a.Slices[i]) {
			return Call{}, fmt.Errorf("a call with %v has %d elements in slice %d, but may touch %d", a.Ints, len(a.Slices[i]), i, n)
		}
		exact.Args.Slices = append(exact.Args.Slices, a.Slices[i][:n:n])
	}
	return exact, nil
}
