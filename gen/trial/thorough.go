package trial

import (
	"math/rand/v2"

	"github.com/upconv/upconv/specs"
)

// Thorough calls try every number of columns that tiles can leave to each other, and one
// tile more, in every way that a call can end a row, with other counts at random. They are
// many times as many as Calls and are for what those do not see: it is no mistake if these
// do not see it either.

// leastThorough is about a third of the calls that a kernel with few ways to end a row gets.
const leastThorough = 100

// Thorough calls have every number of columns below three of the widest tiles with every
// width of the last.
func (c Contract) Thorough() (calls []Call) {
	r := rand.New(rand.NewPCG(uint64(c.x.OutStride), 3))
	widths := c.plan.Widths()
	for cols := 1; cols < 3*widths[0]; cols++ {
		if rest := cols % widths[0]; c.plan.Row() > 0 && rest != 0 && rest != c.plan.Row()%widths[0] {
			continue
		}
		for i := range c.cuts() * (1 + leastThorough/(widths[0]*c.cuts())) {
			cut := i % c.cuts()
			n := Counts{Rows: 1 + r.IntN(3), Cols: cols, Channels: r.IntN(4), Taps: r.IntN(4), Cut: cut}
			n.Split, n.Again = r.IntN(2)*r.IntN(cols+1), r.IntN(2)*c.goesOn()
			calls = append(calls, c.Call(n))
		}
	}
	return calls
}

// Thorough calls have every number of columns below five vectors, or three tiles without them,
// with 1 to 3 rows.
func (c MoveContract) Thorough() (calls []Call) {
	if c.plan.Run > 0 {
		return c.Calls()
	}
	for cols := c.fewest(); cols < max(5*c.plan.Target.Lanes, 3*c.plan.Abreast); cols++ {
		for rows := 1; rows <= 3; rows++ {
			calls = append(calls, c.call(rows, cols))
		}
	}
	return calls
}

// Thorough calls have every number of columns below three tiles with every kind of rows.
func (c LinearContract) Thorough() (calls []Call) {
	r := rand.New(rand.NewPCG(uint64(c.lanes), 3))
	far := 0
	if c.plan.Wide {
		far = 1
	}
	for cols := 1; cols < 3*c.plan.Vectors*c.lanes; cols++ {
		for wide := range far + 1 {
			calls = append(calls, c.counted(1+r.IntN(3), r.IntN(4), r.IntN(4), cols, wide, true)...)
			calls = append(calls, c.counted(1+r.IntN(3), r.IntN(4), 0, cols, wide, false)...)
		}
	}
	return calls
}

// Thorough calls have every number of columns below four vectors, or two tiles, with every
// number of elements after the last window up to two strides, and with ordered inputs; or, of a
// max_unpool, four times with up to as many rows as there are numbers of elements of a block,
// and one more.
func (c PoolContract) Thorough() (calls []Call) {
	r, lanes := rand.New(rand.NewPCG(uint64(c.plan.Target.Lanes), 3)), c.plan.Target.Lanes
	most := 2 * c.plan.Windows.Stride
	if c.plan.Op == specs.MaxUnpool { // which may ask whether indices count elements
		most = 3
	}
	for _, step := range c.steps() {
		for cols := c.fewest(); cols < max(4, 2*c.plan.Vectors)*lanes; cols++ {
			for more := range most + 1 {
				a := c.Integers(step, 1+r.IntN(1+c.turns()), cols, r.IntN(4), more)
				if !c.plan.Pixels { // where it is a distance
					a[poolWhole] *= r.IntN(2) // no vector is read whole, or all that can be
				}
				calls = append(calls, c.call(a))
			}
			if c.plan.Op == specs.MaxPool {
				calls = append(calls, c.orderedCalls(step, cols)...)
			}
		}
	}
	return append(calls, c.pastCalls(4*lanes)...)
}
