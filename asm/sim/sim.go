// Package sim executes compiled assembly, instruction by instruction, in Go: what
// registers, masks, flags and memory hold afterwards is what the processor would
// leave there, bit for bit, and every step that the processor would let pass but
// a kernel must not take is a [Finding].
//
// No processor and no sanitizer sees all of that. The simulator knows
//
//   - the bounds of each slice argument, to the byte;
//   - which slices may be written, and which elements have to be, exactly once;
//   - which registers, vector lanes, masks and flags have a value;
//   - that memory is masked only by instructions that do not touch masked lanes;
//   - that vector state is clean at the return, and that there is no use of the
//     stack, of BP, of global data and no call.
//
// Table semantics (table.go) is the list of the instructions it knows: a new one
// is a row there and a row in package probe, whose tests hold every row against
// this machine's processor.
//
// # Why small calls are enough
//
// Kernels are loops with run-time bounds around straight-line code. An integer
// argument is used in four ways only, for which nests have nodes: to bound a loop, whose
// variable grows by a constant; to advance a cursor, by a constant multiple of it; to count
// the lanes of a mask; and to choose, by comparing it or what a loop left of it with a
// constant, of which both sides are tried. So at the head of each loop the registers that lead to an
// address differ from one round to the next by the same amount, and the address of
// every access is an affine function of the rounds of the loops around it; so is the
// number of lanes that a mask counts, before it is cut to those there are.
//
// Calls of 0, 1 and 2 rounds of each loop, or of as many as it can have at all, with
// distances that are not multiples of each other, fix all coefficients of these functions and show where each loop
// ends. The widest tile leaves every number of columns to the narrower ones.
// By induction a further round does what the second did, displaced by the same
// amounts, and the ends of the slices are affine functions of the same counts. Masks
// are tried with every number of lanes. What is left is the range of integers: counts
// and distances are of 64 bits, the lanes that a mask counts of 32.
//
// Package trial makes such calls of every generated kernel, and Coverage tells that
// each instruction was executed and each branch went both ways.
package sim

import "github.com/mmcloughlin/avo/ir"

// DefaultBudget is the number of instructions after which a call is an endless
// loop, unless Args says otherwise.
const DefaultBudget = 1 << 24

// Args are the arguments of one call. Slices and integers are each in the order of
// the function's signature.
type Args struct {
	Slices []Slice
	Ints   []int
	Budget int // most instructions of the call; 0 means DefaultBudget
}

// Slice is an argument that lies in memory of its own, with nothing around it that
// may be touched.
type Slice struct {
	data    []float32
	access  access
	outputs []bool // by element, for output
	concern []bool // by element of an input: whether the call may read it; nil: all
	again   bool   // outputs may be written again with the bits that they have
	aligned bool   // begins at a multiple of any vector
}

type access uint8

const (
	input access = iota
	output
	sums
	scratch
)

// Input is a slice that may only be read.
func Input(data []float32) Slice { return Slice{data: data} }

// InputOf is a slice of which only the elements that concern selects may be read.
func InputOf(data []float32, concern []bool) Slice { return Slice{data: data, concern: concern} }

// Output is a slice of which the elements that outputs selects have to be written
// exactly once, and the others never. What it holds before is undefined.
func Output(data []float32, outputs []bool) Slice {
	return Slice{data: data, access: output, outputs: outputs}
}

// Sums is an Output that holds the sums of earlier calls, which may be read; what lies between the
// outputs may not.
func Sums(data []float32, outputs []bool) Slice {
	return Slice{data: data, access: sums, outputs: outputs}
}

// Overlapping is s with outputs that vectors may write again, with the same bits.
func (s Slice) Overlapping() Slice {
	s.again = true
	return s
}

// Scratch is a slice that may be read and written at will.
func Scratch(data []float32) Slice { return Slice{data: data, access: scratch} }

// Aligned is the slice where it begins at a multiple of any vector.
func (s Slice) Aligned() Slice {
	s.aligned = true
	return s
}

// Stats tells what a call did.
type Stats struct {
	Instructions int
	Accesses     int   // loads and stores
	Masked       int   // of them under a mask
	Fenced       bool  // a fence came after all that it stored past the caches
	Executed     []int // how often each instruction was executed
	Taken        []int // how often each branch was taken
	Extents      []int // for each slice the number of elements up to the last one accessed
}

// Run loads f and executes one call. Outputs are written to the slices of a. The
// error is a [*Finding].
func Run(f *ir.Function, a Args) (Stats, error) {
	p, err := Load(f)
	if err != nil {
		return Stats{}, err
	}
	return p.Run(a)
}

// Run executes one call, on a machine on which nothing but the arguments is
// defined. The program itself does not change: it can run on many goroutines.
func (p *Program) Run(a Args) (Stats, error) {
	m, err := p.machine(a)
	if err != nil {
		return Stats{}, err
	}
	budget := a.Budget
	if budget == 0 {
		budget = DefaultBudget
	}
	for !m.returned && m.finding == nil {
		m.step(budget)
	}
	if m.finding == nil {
		m.checkOutputs()
	}
	if m.finding != nil {
		return m.stats, m.finding
	}
	return m.stats, nil
}

// step executes the next instruction.
func (m *machine) step(budget int) {
	if m.pc >= len(m.code) {
		m.current = nil
		m.report(ControlFlow, "runs past the last instruction")
		return
	}
	in := &m.code[m.pc]
	m.current = in
	if m.stats.Instructions++; m.stats.Instructions > budget {
		m.report(Budget, "the call takes more than %d", budget)
		return
	}
	m.stats.Executed[m.pc]++
	m.stats.Accesses += in.accesses
	m.stats.Masked += in.masked
	m.pc++
	in.run(m, in)
}
