// Package probe builds a small function for every instruction that package sim
// knows, and for each form of its operands that kernels use: it loads inputs from
// src, executes the instruction once and stores all that it may have changed to
// dst. Package native has them assembled; sim's tests hold the simulator against
// the processor with them.
//
// A new instruction is a row in vectors.go or scalars.go.
package probe

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/runtime/cpu"
)

// Elements is the length of src and of dst. A probe may write any element of dst.
const Elements = 96

// Signature is the Go type of every probe.
const Signature = "func(dst, src []float32)"

// Where the inputs lie in src and the outputs in dst, in elements.
const (
	first   = 0  // a vector, or two integers
	second  = 16 // a vector
	third   = 32 // what the destination holds before
	maskAt  = 48 // bits of a mask register
	inputAt = 64 // a memory operand
	storeAt = 64 // a memory operand that is written
)

// Probe is one function.
type Probe struct {
	Name   string
	Opcode string // the instruction that it tries
	Group  string // scalar, avx2 or avx512: the file it is in
	Needs  cpu.Features
	Text   []byte // the assembly
	Func   *ir.Function
}

// row describes a probe.
type row struct {
	opcode, form string
	emit         func(b *bench)
}

// groups are the rows of each file, and how their inputs are loaded and their
// outputs stored.
var groups = []struct {
	name string
	rows func() []row
	wrap func(b *bench, emit func(b *bench))
}{
	{"scalar", scalars, integers},
	{"avx2", avx2, func(b *bench, emit func(b *bench)) { b.vectors(b.YMM, emit) }},
	{"avx512", avx512, func(b *bench, emit func(b *bench)) { b.masked(emit) }},
}

// All builds the probes.
func All() ([]Probe, error) {
	var all []Probe
	for _, g := range groups {
		for _, r := range g.rows() {
			p := Probe{Name: strings.ToLower(r.opcode) + "_" + r.form, Opcode: r.opcode, Group: g.name}
			b, err := newBench(p.Name)
			if err != nil {
				return nil, fmt.Errorf("probe %s: %w", p.Name, err)
			}
			g.wrap(b, r.emit)
			b.VZEROUPPER()
			b.RET()
			if err := p.compile(b); err != nil {
				return nil, err
			}
			all = append(all, p)
		}
	}
	return all, nil
}

func (p *Probe) compile(b *bench) error {
	file, err := b.Result()
	if err != nil {
		return fmt.Errorf("probe %s: %w", p.Name, err)
	}
	out, err := asm.Compile(file, p.Name)
	p.Text, p.Needs, p.Func = out.Text, out.Needs, out.Func
	return err
}

// bench is a probe in the making.
type bench struct {
	*build.Context
	dst, src reg.Register
	a, b, d  reg.VecVirtual // vectors: two sources and the destination
	k        reg.Register   // a mask; AVX-512 only
	x, y     reg.GPVirtual  // two integers
}

func newBench(name string) (*bench, error) {
	b := &bench{Context: build.NewContext()}
	b.Function(name)
	b.Attributes(attr.NOSPLIT)
	sig, err := gotypes.ParseSignature(Signature)
	if err != nil {
		return nil, err
	}
	b.Context.Signature(sig)
	b.dst, b.src = b.Load(b.Param("dst").Base(), b.GP64()), b.Load(b.Param("src").Base(), b.GP64())
	return b, nil
}

// from and to are places in src and dst.
func (b *bench) from(at int) operand.Mem { return operand.Mem{Base: b.src, Disp: 4 * at} }
func (b *bench) to(at int) operand.Mem   { return operand.Mem{Base: b.dst, Disp: 4 * at} }

// integers loads x and y. The rows store what they compute.
func integers(b *bench, emit func(b *bench)) {
	b.x, b.y = b.GP64(), b.GP64()
	b.MOVQ(b.from(first), b.x)
	b.MOVQ(b.from(first+2), b.y)
	emit(b)
}

// vectors loads a, b and d and stores all of d.
func (b *bench) vectors(register func() reg.VecVirtual, emit func(b *bench)) {
	b.a, b.b, b.d = register(), register(), register()
	b.VMOVUPS(b.from(first), b.a)
	b.VMOVUPS(b.from(second), b.b)
	b.VMOVUPS(b.from(third), b.d)
	emit(b)
	b.VMOVUPS(b.d, b.to(0))
}

// masked loads a mask, then works on the widest vectors.
func (b *bench) masked(emit func(b *bench)) {
	bits := b.GP32()
	b.k = b.K()
	b.MOVL(b.from(maskAt), bits)
	b.KMOVW(bits, b.k)
	b.vectors(b.ZMM, emit)
}
