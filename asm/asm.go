// Package asm spells loop nests as Go assembly for amd64, through avo: one walk
// over the nodes (walk.go) and one vocabulary for each vector instruction set
// (avx2.go). It is the only importer of avo.
package asm

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/runtime/cpu"
)

// Output is one assembled kernel.
type Output struct {
	Text  []byte       // the function, without a header
	Needs cpu.Features // what its instructions need, as avo derives them
	Func  *ir.Function // the compiled instructions
}

// Emit compiles a kernel with the named instruction set.
func Emit(k nest.Kernel, isa string) (Output, error) {
	newISA, ok := vocabularies[isa]
	if !ok {
		return Output{}, fmt.Errorf("asm: no instruction set %q", isa)
	}
	ctx := build.NewContext()
	ctx.Function(k.Name)
	ctx.Attributes(attr.NOSPLIT)
	sig, err := gotypes.ParseSignature(signature(k))
	if err != nil {
		return Output{}, fmt.Errorf("asm: %s: %w", k.Name, err)
	}
	ctx.Signature(sig)
	w := newWalk(ctx, k, newISA(ctx))
	w.function()
	file, err := ctx.Result()
	if err != nil {
		return Output{}, fmt.Errorf("asm: %s: %w", k.Name, err)
	}
	out, err := Compile(file, k.Name)
	if err != nil {
		return Output{}, err
	}
	return out, checkRegisters(out.Func, out.Needs)
}

// checkRegisters reports a register that only AVX-512 can encode in a function
// that does not need it: the allocator takes any register there is.
func checkRegisters(f *ir.Function, needs cpu.Features) error {
	if needs.Has(cpu.AVX512F) {
		return nil
	}
	for _, i := range f.Instructions() {
		for _, r := range i.Registers() {
			if p, ok := r.(reg.Physical); ok && p.Kind() == reg.KindVector && p.PhysicalIndex() > 15 {
				return fmt.Errorf("asm: %s: %s uses %s, which needs AVX-512", f.Name, i.Opcode, p.Asm())
			}
		}
	}
	return nil
}

// Compile allocates registers, prints the first function of the file and collects
// what it needs. The name is for errors.
func Compile(file *ir.File, name string) (Output, error) {
	if err := pass.Compile.Execute(file); err != nil {
		return Output{}, fmt.Errorf("asm: %s: %w", name, err)
	}
	text, err := printer.NewGoAsm(printer.Config{Name: "upconv", Pkg: "kernels"}).Print(file)
	if err != nil {
		return Output{}, fmt.Errorf("asm: %s: %w", name, err)
	}
	f := file.Functions()[0]
	needs, err := needs(f.ISA)
	if err != nil {
		return Output{}, fmt.Errorf("asm: %s: %w", name, err)
	}
	return Output{Text: body(text), Needs: needs, Func: f}, nil
}

// needs translates avo's names of extensions.
func needs(names []string) (f cpu.Features, err error) {
	for _, n := range names {
		if n == "SSE" || n == "SSE2" || n == "MMX+" || n == "CPUID" {
			continue // part of every amd64 processor
		}
		bit, ok := cpu.ByName(n)
		if !ok {
			return 0, fmt.Errorf("unknown instruction set extension %s", n)
		}
		f |= bit
	}
	return f, nil
}

// body drops the printer's header: everything before the function's comment.
func body(text []byte) []byte {
	i := bytes.Index(text, []byte("TEXT "))
	if j := bytes.LastIndex(text[:i], []byte("// func ")); j >= 0 {
		i = j
	}
	return text[i:]
}

// signature is the Go signature of a kernel.
func signature(k nest.Kernel) string {
	return fmt.Sprintf("func(%s []float32, %s int)", strings.Join(k.Slices, ", "), strings.Join(k.Ints, ", "))
}
