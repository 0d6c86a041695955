package asm

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// zipTree interleaves a power of two of vectors by zipping those that are half
// the count apart, then the same within the low and the high results.
func zipTree(v []reg.Register, zip func(a, b reg.Register) (lo, hi reg.Register)) []reg.Register {
	if len(v) == 1 {
		return v
	}
	half := len(v) / 2
	lows, highs := make([]reg.Register, half), make([]reg.Register, half)
	for i := range half {
		lows[i], highs[i] = zip(v[i], v[i+half])
	}
	return append(zipTree(lows, zip), zipTree(highs, zip)...)
}

// pick is one source of four neighbouring results: a permutation of the source's
// four elements and the places it is wanted at.
type pick struct {
	source int
	order  uint8 // two bits a place: which element goes there
	lanes  uint8 // one bit a place
}

// picks lists the sources of results 4*m to 4*m+3 of interleaving the first four
// elements of n vectors: result i is element i/n of vector i%n.
func picks(m, n int) []pick {
	return sources(func(lane int) (vector, element int) { return (4*m + lane) % n, (4*m + lane) / n })
}

// unpicks lists the sources of vector r when n vectors of four elements, seen as
// one sequence, are taken apart again: its element i is number i*n+r.
func unpicks(r, n int) []pick {
	return sources(func(lane int) (vector, element int) { return (lane*n + r) / 4, (lane*n + r) % 4 })
}

// sources gathers the picks of four places.
func sources(of func(lane int) (vector, element int)) []pick {
	var ps []pick
	for lane := range 4 {
		vector, element := of(lane)
		at := -1
		for j, p := range ps {
			if p.source == vector {
				at = j
			}
		}
		if at < 0 {
			at = len(ps)
			ps = append(ps, pick{source: vector})
		}
		ps[at].order |= uint8(element) << (2 * lane)
		ps[at].lanes |= 1 << lane
	}
	return ps
}

// evenOdd takes two vectors apart of which each 128-bit part of the first goes before
// that of the second: into the even and the odd elements.
func evenOdd(c *build.Context, v []reg.Register, fresh func() reg.Register) []reg.Register {
	even, odd := fresh(), fresh()
	c.VSHUFPS(operand.U8(0x88), v[1], v[0], even)
	c.VSHUFPS(operand.U8(0xdd), v[1], v[0], odd)
	return []reg.Register{even, odd}
}
