package trial

import (
	"fmt"
	"slices"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/specs"
)

// MoveContract is what a kernel that moves values may touch: the comment of
// runtime.MoveFunc in numbers.
type MoveContract struct{ plan plan.Move }

// NewMoveContract returns the contract of the plan's kernel.
func NewMoveContract(m plan.Move) MoveContract { return MoveContract{m} }

// The integer arguments, in the order of runtime.MoveFunc.
const (
	moveRows = iota
	moveCols
	moveWidth
	moveDstRow
	moveSrcRow
	movePlane
	moveIntegers
)

// side is what a call touches of one array: runs of columns, in rows that are row
// apart, of planes that are plane apart.
type side struct{ planes, plane, rows, row, columns int }

// sides are dst and src of a call with these arguments.
func (c MoveContract) sides(a []int) (dst, src side) {
	if c.plan.Pixels {
		return c.pixels(a)
	}
	fine := side{planes: 1, rows: a[moveRows] * c.plan.Y, columns: a[moveWidth]}
	coarse := side{planes: 1, rows: a[moveRows], columns: a[moveCols]}
	if !c.plan.Op.KeepsChannels() {
		coarse.planes, coarse.plane = c.plan.Y*c.plan.X, a[movePlane]
	}
	if dst, src = fine, coarse; c.plan.Op == specs.PixelUnshuffle {
		dst, src = coarse, fine
	}
	dst.row, src.row = a[moveDstRow], a[moveSrcRow]
	return dst, src
}

// pixels are the sides where channels lie together: rows are coarse pixels, and a
// block has Y planes of X times the fine channels.
func (c MoveContract) pixels(a []int) (dst, src side) {
	fine := side{planes: c.plan.Y, plane: a[movePlane], rows: a[moveRows], columns: c.fine(a[moveCols])}
	coarse := side{planes: 1, rows: a[moveRows], columns: a[moveWidth]}
	if dst, src = fine, coarse; c.plan.Op == specs.PixelUnshuffle {
		dst, src = coarse, fine
	}
	dst.row, src.row = a[moveDstRow], a[moveSrcRow]
	return dst, src
}

// fine is the number of values of a row of a block of pixels.
func (c MoveContract) fine(cols int) int {
	if c.plan.Runs {
		return cols
	}
	return cols * c.plan.X
}

// end is the index after the last element.
func (s side) end() int {
	if s.planes == 0 || s.rows == 0 || s.columns == 0 {
		return 0
	}
	return (s.planes-1)*s.plane + (s.rows-1)*s.row + s.columns
}

// elements selects those that the call touches.
func (s side) elements() []bool {
	all := make([]bool, s.end())
	for p := range s.planes {
		for r := range s.rows {
			for i := range s.columns {
				all[p*s.plane+r*s.row+i] = true
			}
		}
	}
	return all
}

// Integers are the arguments of a call, with distances that leave gaps.
func (c MoveContract) Integers(rows, cols int) []int {
	a := make([]int, moveIntegers)
	if c.plan.Pixels {
		fine := c.fine(cols)
		a[moveRows], a[moveCols], a[moveWidth] = rows, cols, fine*c.plan.Y
		if c.plan.Op.KeepsChannels() {
			a[moveWidth] = cols
		}
		a[moveDstRow], a[moveSrcRow] = fine+3, a[moveWidth]+2
		if c.plan.Op == specs.PixelUnshuffle {
			a[moveDstRow], a[moveSrcRow] = a[moveSrcRow], a[moveDstRow]
		}
		a[movePlane] = rows*(fine+3) + 5
		return a
	}
	a[moveRows], a[moveCols], a[moveWidth] = rows, cols, cols*c.plan.X
	a[moveDstRow], a[moveSrcRow] = a[moveWidth]+3, a[moveCols]+2
	coarseRow := a[moveSrcRow]
	if c.plan.Op == specs.PixelUnshuffle {
		a[moveDstRow], a[moveSrcRow] = a[moveCols]+2, a[moveWidth]+3
		coarseRow = a[moveDstRow]
	}
	if !c.plan.Op.KeepsChannels() {
		a[movePlane] = rows*coarseRow + 5
	}
	return a
}

// Calls are few and small, and reach every instruction: every number of columns up
// to all lanes, alone and after one and two whole vectors, or, without vectors, up to two tiles
// and one more; and 0 to 3 rows.
func (c MoveContract) Calls() (calls []Call) {
	lanes := c.plan.Target.Lanes
	if c.plan.Run > 0 { // of one length
		for rows := range 4 {
			calls = append(calls, c.call(rows, c.plan.Run))
		}
		return calls
	}
	if c.plan.Runs { // which fill a vector, and some of them a tile
		for cols := lanes; cols <= 9*lanes+1; cols++ {
			calls = append(calls, c.call(1+cols%3, cols))
		}
		return append(calls, c.call(0, lanes))
	}
	for cols := 1; cols <= max(3*lanes, 2*c.plan.Abreast)+1; cols++ {
		calls = append(calls, c.call(1+cols%3, cols))
	}
	return append(calls, c.call(0, 1))
}

// fewest is the least number of columns of a call.
func (c MoveContract) fewest() int {
	if c.plan.Runs {
		return c.plan.Target.Lanes
	}
	return 1
}

// call draws a call with these counts.
func (c MoveContract) call(rows, cols int) Call {
	a := c.Integers(rows, cols)
	dst, src := c.sides(a)
	drawn := Draw(a, dst.elements(), src.end())
	drawn.Inputs, drawn.Overlap, drawn.Want = src.elements(), c.plan.Runs, c.moved(a, drawn)
	return drawn
}

// moved is what a call has to leave in dst: the comment of runtime.MoveFunc, element by
// element.
func (c MoveContract) moved(a []int, call Call) []float32 {
	dst, src := slices.Clone(call.Args.Slices[0]), call.Args.Slices[1]
	for row := range a[moveRows] {
		for col := range a[moveCols] {
			for y := range c.plan.Y {
				for x := range c.plan.X {
					fine, coarse := c.pair(a, row, col, y, x)
					switch {
					case c.plan.Op == specs.PixelUnshuffle:
						dst[coarse] = src[fine]
					case c.plan.Op == specs.BedOfNails && y+x > 0:
						dst[fine] = 0
					default:
						dst[fine] = src[coarse]
					}
				}
			}
		}
	}
	return dst
}

// pair is element y, x of the block of a coarse element, and that element.
func (c MoveContract) pair(a []int, row, col, y, x int) (fine, coarse int) {
	fineRow, coarseRow, block := a[moveDstRow], a[moveSrcRow], c.plan.Y*c.plan.X
	if c.plan.Op == specs.PixelUnshuffle {
		fineRow, coarseRow = coarseRow, fineRow
	}
	if c.plan.Runs {
		return y*a[movePlane] + row*fineRow + col, row*coarseRow + y*a[moveCols] + col
	}
	if c.plan.Pixels {
		coarse := row*coarseRow + col*block + y*c.plan.X + x
		if c.plan.Op.KeepsChannels() {
			coarse = row*coarseRow + col
		}
		return y*a[movePlane] + row*fineRow + x*a[moveCols] + col, coarse
	}
	fine, coarse = (row*c.plan.Y+y)*fineRow+col*c.plan.X+x, row*coarseRow+col
	if !c.plan.Op.KeepsChannels() {
		coarse += (y*c.plan.X + x) * a[movePlane]
	}
	return fine, coarse
}

// Exact cuts the slices of a call, which the runtime makes, to what the kernel may
// touch. It is an error if they are shorter.
func (c MoveContract) Exact(a nest.Args) (Call, error) {
	dst, src := c.sides(a.Ints)
	exact := Call{Outputs: dst.elements(), Inputs: src.elements(), Overlap: c.plan.Runs, Args: nest.Args{Ints: a.Ints}}
	for i, n := range []int{dst.end(), src.end()} {
		if n > len(a.Slices[i]) {
			return Call{}, fmt.Errorf("a call with %v has %d elements in slice %d, but may touch %d", a.Ints, len(a.Slices[i]), i, n)
		}
		exact.Args.Slices = append(exact.Args.Slices, a.Slices[i][:n:n])
	}
	return exact, nil
}
