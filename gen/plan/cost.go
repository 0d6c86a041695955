package plan

import "github.com/upconv/upconv/runtime/pack"

// cost models the time of one multiply-add of a tile, in cycles per vector: the
// larger of what the arithmetic and what the loads take, for the share of work
// that is not padding. ok is false when the tile does not fit the registers.
//
// The model has two multiply-adds and two loads a cycle and a latency of four
// cycles, which describes Intel since Skylake and AMD since Zen 2.
func (p Plan) cost(channels int) (cycles float64, ok bool) {
	acc := p.Accumulators()
	shared, splats := p.operands()
	if acc+shared+1 > p.Target.Registers || acc == 0 {
		return 0, false
	}
	fma := float64(acc) / 2
	loads := float64(shared*unalignedFactor(p)+splats) / 2
	latency := 4.0
	cycles = max(fma, loads, latency) / float64(acc)
	cycles *= 1 + 0.02*loads/fma // of two equal tiles, the one with fewer loads
	if channels == 0 {
		channels = usualChannels
	}
	blocks := (channels + p.Channels - 1) / p.Channels
	return cycles * float64(blocks*p.Channels) / float64(channels), true
}

// usualChannels stands for a free channel count: most are multiples of it.
const usualChannels = 64

// operands is the number of vectors that one step (an input position or tap)
// loads and keeps, and the number of values it broadcasts.
func (p Plan) operands() (vectors, splats int) {
	if p.Order == pack.Phases {
		return p.Vectors(), p.Columns
	}
	return p.Vectors(), p.Channels * p.Section
}

// unalignedFactor weighs vector loads at arbitrary displacements: with the
// planar order about every second one crosses a cache line.
func unalignedFactor(p Plan) int {
	if p.Order == pack.Planar && p.Target.Lanes > 1 {
		return 2
	}
	return 1
}
