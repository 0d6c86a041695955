package asm

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/reg"
)

// CPUID is the function that asks the processor about itself:
//
//	func cpuid(leaf, sub uint32) (a, b, c, d uint32)
func CPUID() (Output, error) {
	const name = "cpuid"
	ctx := build.NewContext()
	ctx.Function(name)
	ctx.Attributes(attr.NOSPLIT)
	sig, err := gotypes.ParseSignature("func(leaf, sub uint32) (a, b, c, d uint32)")
	if err != nil {
		return Output{}, fmt.Errorf("asm: %s: %w", name, err)
	}
	ctx.Signature(sig)
	ctx.Load(ctx.Param("leaf"), reg.EAX)
	ctx.Load(ctx.Param("sub"), reg.ECX)
	ctx.CPUID()
	for i, r := range []reg.Register{reg.EAX, reg.EBX, reg.ECX, reg.EDX} {
		ctx.Store(r, ctx.ReturnIndex(i))
	}
	ctx.RET()
	file, err := ctx.Result()
	if err != nil {
		return Output{}, fmt.Errorf("asm: %s: %w", name, err)
	}
	return Compile(file, name)
}
