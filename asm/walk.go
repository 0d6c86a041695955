package asm

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/upconv/upconv/gen/nest"
)

// vocabulary is what an instruction set can say about vectors of float32.
type vocabulary interface {
	vector() reg.Register
	mask() reg.Register
	zero(dst reg.Register)
	splat(from operand.Mem, dst reg.Register)
	load(from operand.Mem, dst reg.Register)
	loadMasked(from operand.Mem, mask, dst reg.Register)
	fma(a, b, acc reg.Register)
	fmaSplat(a reg.Register, from operand.Mem, acc reg.Register)
	permute(src, places, dst reg.Register)             // dst[i] = src[places[i]]
	gather(from operand.Mem, places, dst reg.Register) // dst[i] = from[places[i]]
	compute(op nest.Operator, a, b, dst reg.Register)
	shiftLeft(count int, a, dst reg.Register)
	choose(a, b, then, dst reg.Register) // dst = then where a < b
	interleave(v []reg.Register) []reg.Register
	deinterleave(v []reg.Register) []reg.Register
	store(src reg.Register, to operand.Mem)
	storePast(src reg.Register, to operand.Mem) // past the caches
	storeMasked(src, mask reg.Register, to operand.Mem)
	storePart(src reg.Register, lane, count int, to operand.Mem) // an aligned half or quarter
	lanesBelow(n reg.GPVirtual, dst reg.Register)                // selects lanes i < n
	lanesAbove(n reg.GPVirtual, dst reg.Register)                // selects lanes i > n
	integers
}

// vocabularies by ISA name.
var vocabularies = map[string]func(*build.Context) vocabulary{
	"avx2":   func(ctx *build.Context) vocabulary { return avx2{ctx} },
	"avx512": func(ctx *build.Context) vocabulary { return avx512{ctx} },
}

// elem is the size of a float32 in bytes.
const elem = 4

// walk emits the nodes of one kernel. Every nest name is a virtual register.
type walk struct {
	*build.Context
	kernel  nest.Kernel
	isa     vocabulary
	cursors map[string]reg.GPVirtual
	vars    map[string]reg.GPVirtual
	regs    map[string]reg.Register
	masks   map[string]reg.Register
	labels  int
}

func newWalk(ctx *build.Context, k nest.Kernel, isa vocabulary) *walk {
	return &walk{Context: ctx, kernel: k, isa: isa, cursors: map[string]reg.GPVirtual{}, vars: map[string]reg.GPVirtual{},
		regs: map[string]reg.Register{}, masks: map[string]reg.Register{}}
}

func (w *walk) function() {
	w.nodes(w.kernel.Body)
	w.VZEROUPPER()
	w.RET()
}

func (w *walk) nodes(nodes []nest.Node) {
	for _, n := range nodes {
		w.node(n)
	}
}

func (w *walk) node(n nest.Node) {
	switch n := n.(type) {
	case nest.Loop:
		w.loop(n)
	case nest.Repeat:
		w.repeat(n)
	case nest.If:
		w.branch(n)
	case nest.Rest:
		w.rest(n)
	case nest.Point:
		w.point(n)
	case nest.Advance:
		w.advance(n)
	case nest.Jump:
		w.jump(n)
	case nest.Mask:
		w.mask(n)
	case nest.Prefetch:
		w.prefetch(n)
	case nest.Zero:
		w.isa.zero(w.def(n.Dst))
	case nest.Splat:
		w.isa.splat(w.mem(n.From), w.def(n.Dst))
	case nest.Load:
		w.load(n)
	case nest.Permute:
		src, places := w.regs[n.Src], w.regs[n.Places]
		w.isa.permute(src, places, w.def(n.Dst))
	case nest.Gather:
		w.isa.gather(w.mem(n.From), w.regs[n.Places], w.def(n.Dst))
	case nest.FMA:
		w.isa.fma(w.regs[n.A], w.regs[n.B], w.regs[n.Acc])
	case nest.FMASplat:
		w.isa.fmaSplat(w.regs[n.A], w.mem(n.From), w.regs[n.Acc])
	case nest.Compute: // the sources before the destination, which may be new
		a, b := w.regs[n.A], w.regs[n.B]
		w.isa.compute(n.Op, a, b, w.def(n.Dst))
	case nest.ShiftLeft:
		a := w.regs[n.A]
		w.isa.shiftLeft(n.Count, a, w.def(n.Dst))
	case nest.Choose:
		w.isa.choose(w.regs[n.A], w.regs[n.B], w.regs[n.Then], w.regs[n.Dst])
	case nest.Interleave:
		w.rename(n.Regs, w.isa.interleave)
	case nest.Deinterleave:
		w.rename(n.Regs, w.isa.deinterleave)
	case nest.Store:
		w.store(n)
	case nest.Fence:
		w.SFENCE()
	case nest.Note:
		w.Comment(n.Text)
	default:
		w.integer(n)
	}
}

func (w *walk) prefetch(n nest.Prefetch) {
	if n.Far {
		w.PREFETCHT1(w.mem(n.From))
		return
	}
	w.PREFETCHT0(w.mem(n.From))
}

// loop counts steps of one down to zero unless the body looks at the variable.
func (w *walk) loop(l nest.Loop) {
	w.labels++
	id := w.labels
	if l.Step == 1 && !l.Continue && !l.Partial {
		w.countdown(l, id)
		return
	}
	w.countUp(l, id)
}

// branch skips the body if the argument is 0, or else what is to run then.
func (w *walk) branch(n nest.If) {
	w.labels++
	skip, end, arg := fmt.Sprintf("%sNot%d", n.Arg, w.labels), fmt.Sprintf("%sDone%d", n.Arg, w.labels), w.GP64()
	w.MOVQ(w.arg(n.Arg), arg)
	w.TESTQ(arg, arg)
	w.JEQ(operand.LabelRef(skip))
	w.nodes(n.Body)
	if n.Else == nil {
		w.Label(skip)
		return
	}
	w.JMP(operand.LabelRef(end))
	w.Label(skip)
	w.nodes(n.Else)
	w.Label(end)
}

// rest skips the body unless the count is what is left, or anything is.
func (w *walk) rest(n nest.Rest) {
	w.labels++
	skip := fmt.Sprintf("%sNot%d", n.Var, w.labels)
	if n.Count == 0 {
		w.CMPQ(w.vars[n.Var], w.arg(n.To))
		w.JGE(operand.LabelRef(skip))
		w.nodes(n.Body)
		w.Label(skip)
		return
	}
	left := w.GP64()
	w.MOVQ(w.arg(n.To), left)
	w.SUBQ(w.vars[n.Var], left)
	w.CMPQ(left, operand.U32(uint32(n.Count)))
	w.JNE(operand.LabelRef(skip))
	w.nodes(n.Body)
	w.Label(skip)
}

func (w *walk) countdown(l nest.Loop, id int) {
	top, end := fmt.Sprintf("%s%d", l.Var, id), fmt.Sprintf("%sDone%d", l.Var, id)
	n := w.GP64()
	w.MOVQ(w.arg(l.To), n)
	w.TESTQ(n, n)
	w.JLE(operand.LabelRef(end))
	w.Label(top)
	w.nodes(l.Body)
	w.DECQ(n)
	w.JNE(operand.LabelRef(top))
	w.Label(end)
}

func (w *walk) repeat(r nest.Repeat) {
	w.labels++
	top, n := fmt.Sprintf("again%d", w.labels), w.GP64()
	w.MOVQ(operand.U64(uint64(r.Count)), n)
	w.Label(top)
	w.nodes(r.Body)
	w.DECQ(n)
	w.JNE(operand.LabelRef(top))
}

// countUp tests at the bottom; the first test is a jump to it.
func (w *walk) countUp(l nest.Loop, id int) {
	top, test := fmt.Sprintf("%s%d", l.Var, id), fmt.Sprintf("%sTest%d", l.Var, id)
	if !l.Continue {
		v := w.GP64()
		w.vars[l.Var] = v
		w.XORQ(v, v)
	}
	v := w.vars[l.Var]
	w.JMP(operand.LabelRef(test))
	w.Label(top)
	w.nodes(l.Body)
	w.ADDQ(operand.U32(uint32(l.Step)), v)
	w.Label(test)
	if l.Partial {
		w.CMPQ(v, w.arg(l.To))
		w.JLT(operand.LabelRef(top))
		return
	}
	next := w.GP64()
	w.LEAQ(operand.Mem{Base: v, Disp: l.Step}, next)
	w.CMPQ(next, w.arg(l.To))
	w.JLE(operand.LabelRef(top))
}

// arg is the memory operand of an integer argument.
func (w *walk) arg(name string) operand.Mem {
	c, err := w.Param(name).Resolve()
	if err != nil {
		panic(fmt.Sprintf("asm: argument %s: %v", name, err)) // the nest names an argument it does not have
	}
	return c.Addr
}

// point sets a cursor; its register is made at the first definition.
func (w *walk) point(p nest.Point) {
	dst, ok := w.cursors[p.Cursor]
	if !ok {
		dst = w.GP64()
		w.cursors[p.Cursor] = dst
	}
	if from, ok := w.cursors[p.From]; ok {
		w.MOVQ(from, dst)
		return
	}
	w.Load(w.Param(p.From).Base(), dst)
}

func (w *walk) advance(a nest.Advance) {
	c := w.cursors[a.Cursor]
	if a.Dim == "" {
		w.ADDQ(operand.I32(int32(elem*a.Times)), c)
		return
	}
	by := w.GP64()
	w.MOVQ(w.arg(a.Dim), by)
	if a.Times != 1 {
		w.IMUL3Q(operand.I32(int32(a.Times)), by, by)
	}
	w.LEAQ(operand.Mem{Base: c, Index: by, Scale: elem}, c)
}

// jump loads an integer of 32 bits, which clears the rest of its register.
func (w *walk) jump(j nest.Jump) {
	c, by := w.cursors[j.Cursor], w.GP64()
	w.MOVL(w.mem(j.By), by.As32())
	w.LEAQ(operand.Mem{Base: c, Index: by, Scale: elem}, c)
}

func (w *walk) mem(r nest.Ref) operand.Mem {
	return operand.Mem{Base: w.cursors[r.Cursor], Disp: elem * r.Disp}
}

// def returns the register of a name, making it at the first definition.
func (w *walk) def(name string) reg.Register {
	r, ok := w.regs[name]
	if !ok {
		r = w.isa.vector()
		w.regs[name] = r
	}
	return r
}

// mask computes limit - scale*var - skip, the number of lanes to select; without a
// limit the lanes are those above -1 - scale*var - skip.
func (w *walk) mask(m nest.Mask) {
	n := w.GP64()
	if m.Limit == "" {
		w.MOVQ(operand.I32(-1), n)
	} else {
		w.MOVQ(w.arg(m.Limit), n)
	}
	switch {
	case m.Var == "":
	case m.Scale == 1:
		w.SUBQ(w.vars[m.Var], n)
	default:
		scaled := w.GP64()
		w.IMUL3Q(operand.I32(int32(m.Scale)), w.vars[m.Var], scaled)
		w.SUBQ(scaled, n)
	}
	if m.Skip != 0 {
		w.SUBQ(operand.I32(int32(m.Skip)), n)
	}
	dst := w.isa.mask()
	w.masks[m.Dst] = dst
	if m.Limit == "" {
		w.isa.lanesAbove(n, dst)
	} else {
		w.isa.lanesBelow(n, dst)
	}
}

func (w *walk) load(n nest.Load) {
	if n.Mask == "" {
		w.isa.load(w.mem(n.From), w.def(n.Dst))
		return
	}
	w.isa.loadMasked(w.mem(n.From), w.masks[n.Mask], w.def(n.Dst))
}

func (w *walk) store(n nest.Store) {
	switch {
	case n.Past:
		w.isa.storePast(w.regs[n.Src], w.mem(n.To))
	case n.Count > 0:
		w.isa.storePart(w.regs[n.Src], n.Lane, n.Count, w.mem(n.To))
	case n.Mask == "":
		w.isa.store(w.regs[n.Src], w.mem(n.To))
	default:
		w.isa.storeMasked(w.regs[n.Src], w.masks[n.Mask], w.mem(n.To))
	}
}

// rename gives the names new registers.
func (w *walk) rename(names []string, by func([]reg.Register) []reg.Register) {
	in := make([]reg.Register, len(names))
	for i, name := range names {
		in[i] = w.regs[name]
	}
	for i, r := range by(in) {
		w.regs[names[i]] = r
	}
}
