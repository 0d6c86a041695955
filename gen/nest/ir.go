// Package nest is the loop-nest intermediate representation: what is left of a
// kernel once every decision is taken. Emitters only spell it; Eval gives it a
// meaning; String prints it.
//
// A kernel has slice arguments, integer arguments and local state of two kinds:
// cursors, which are positions in a slice, and registers, which are vectors of
// Lanes float32 values. All distances are in float32 elements.
package nest

// Kernel is one function.
type Kernel struct {
	Name   string
	Doc    []string // the comment above the function, a line each
	Lanes  int      // float32 values of a register
	Fused  bool     // FMA rounds once
	Slices []string // slice arguments, in order
	Ints   []string // integer arguments, in order
	Body   []Node
}

// Node is a statement. The set of kinds is closed.
type Node interface{ node() }

// Loop runs Body while Var+Step <= To, or, if Partial, while Var < To; then Var
// grows by Step. Var starts at 0 unless Continue, which goes on where an
// earlier loop over the same Var stopped.
type Loop struct {
	Var      string
	To       string // an integer argument
	Step     int
	Partial  bool
	Continue bool
	Body     []Node
}

// If runs Body unless the integer argument Arg is 0; then it runs Else.
type If struct {
	Arg  string
	Body []Node
	Else []Node
}

// Rest runs Body if loops over Var left exactly Count of To, or with 0 if they left any.
type Rest struct {
	Var   string
	To    string // an integer argument
	Count int
	Body  []Node
}

// Point sets a cursor to the position of another, or to the start of a slice.
type Point struct {
	Cursor string
	From   string // a cursor or a slice argument
}

// Advance moves a cursor by Times*Dim, or by Times if Dim is "".
type Advance struct {
	Cursor string
	Dim    string // an integer argument
	Times  int
}

// Jump moves a cursor by the integer, at least 0, that the bits of the element at By
// are.
type Jump struct {
	Cursor string
	By     Ref
}

// Splat fills every lane of Dst with the element at From.
type Splat struct {
	Dst  string
	From Ref
}

// Prefetch asks for the cache line at From, which may lie outside its slice: it
// reads nothing and changes nothing but the time of later loads.
type Prefetch struct {
	From Ref
	Far  bool // into the second level cache instead of the first
}

// Mask defines the mask Dst: it selects the lanes i with
// Scale*Var + Skip + i < Limit, or if Limit is "" those with
// Scale*Var + Skip + i >= 0.
type Mask struct {
	Dst   string
	Var   string // a loop variable; "" counts as 0
	Scale int
	Skip  int
	Limit string // an integer argument
}

// Zero fills every lane of Dst with 0.
type Zero struct{ Dst string }

// Load fills Dst with Lanes neighbouring elements at From. Lanes outside Mask
// are not read and become 0; "" reads all.
type Load struct {
	Dst  string
	From Ref
	Mask string
}

// Permute fills lane i of Dst with that lane of Src whose number the bits of lane i
// of Places are.
type Permute struct{ Dst, Src, Places string }

// Gather fills lane i of Dst with the element so many after From as the bits of lane i
// of Places say.
type Gather struct {
	Dst    string
	From   Ref
	Places string
}

// FMA adds A*B to Acc, lane by lane.
type FMA struct{ Acc, A, B string }

// FMASplat adds A times the element at From to Acc: a Splat and an FMA in one, which leaves
// no register with the element.
type FMASplat struct {
	Acc, A string
	From   Ref
}

// Operator combines two float32, or their bits.
type Operator string

// The operators. Results are rounded once.
const (
	Add Operator = "+"
	Sub Operator = "-"
	Mul Operator = "*"
	Div Operator = "/"
	Max Operator = "max" // A where A > B, else B: of two zeros and beside a NaN it is B
	Min Operator = "min" // A where A < B, else B
	And Operator = "&"   // of the bits
	Xor Operator = "^"
)

// Compute fills Dst with A Op B, lane by lane.
type Compute struct {
	Dst  string
	Op   Operator
	A, B string
}

// ShiftLeft fills Dst with the bits of A, moved left by Count within each lane.
type ShiftLeft struct {
	Dst, A string
	Count  int
}

// Choose puts the lanes of Then in place of those of Dst where A < B. NaN is not
// less than anything, nor is anything less than it.
type Choose struct{ Dst, A, B, Then string }

// Interleave permutes len(Regs) registers seen as one sequence so that element
// i of register r comes to place i*len(Regs)+r.
type Interleave struct{ Regs []string }

// Deinterleave undoes Interleave: element i*len(Regs)+r of the sequence comes to
// place i of register r.
type Deinterleave struct{ Regs []string }

// Store writes the lanes of Src inside Mask to neighbouring elements at To; ""
// writes all. With Count > 0 it writes Count lanes from Lane on instead. Past stores all
// lanes past the caches; To lies in memory at a multiple of a vector, and a Fence has to follow.
type Store struct {
	To          Ref
	Src         string
	Mask        string
	Lane, Count int
	Past        bool
}

// Fence lets no other processor see what is stored after it before what was stored past
// the caches.
type Fence struct{}

// Note is a comment for the reader of the emitted text.
type Note struct{ Text string }

// Ref is the element Disp elements after a cursor.
type Ref struct {
	Cursor string
	Disp   int
}

func (Loop) node()         {}
func (If) node()           {}
func (Rest) node()         {}
func (Point) node()        {}
func (Advance) node()      {}
func (Jump) node()         {}
func (Splat) node()        {}
func (Mask) node()         {}
func (Prefetch) node()     {}
func (Zero) node()         {}
func (Load) node()         {}
func (Permute) node()      {}
func (Gather) node()       {}
func (FMA) node()          {}
func (FMASplat) node()     {}
func (Compute) node()      {}
func (ShiftLeft) node()    {}
func (Choose) node()       {}
func (Interleave) node()   {}
func (Deinterleave) node() {}
func (Store) node()        {}
func (Fence) node()        {}
func (Note) node()         {}
