package plan

import "github.com/upconv/upconv/runtime/pack"

// cost models the time of one multiply-add, in cycles per vector, with the tile of
// p and the narrower ones that fill up a map of known size; work on channels that
// are not there counts as well. ok is false when the tile does not fit the
// registers. Each vector of inputs is loaded reloads times a step.
func (p Plan) cost(channels int, reloads float64) (cycles float64, ok bool) {
	acc := p.Accumulators()
	shared, _ := p.operands(p.Columns)
	if acc+max(shared+1, p.interleaving()) > p.Target.Registers || acc == 0 {
		return 0, false
	}
	if channels == 0 {
		channels = usualChannels
	}
	if p.Order == pack.Channels {
		return p.channelsCost(channels), true
	}
	positions, took := p.Columns, p.step(p.Columns, reloads)
	if p.Map > 0 {
		positions, took = p.Map, p.mapSteps(reloads)
	}
	blocks := (channels + p.Channels - 1) / p.Channels
	sums := float64(channels*p.Phases()*positions) / float64(p.Target.Lanes)
	return took * float64(blocks) / sums, true
}

// interleaving is the number of registers that storing takes beyond those of the
// sums: the results of one interleaving beside what it reads. Powers of two are
// zipped in place, two at a time.
func (p Plan) interleaving() int {
	switch {
	case !p.VectorAlongX() || p.Section == 1:
		return 0
	case p.Section&(p.Section-1) == 0:
		return 4
	default:
		return p.Section + 1
	}
}

// usualChannels stands for a free channel count: most are multiples of it.
const usualChannels = 64

// mapSteps is the time of one step of all tiles that cover a map.
func (p Plan) mapSteps(reloads float64) (took float64) {
	widths, n := p.Widths(), p.Map
	for i, w := range widths {
		tiles := n / w
		if i == len(widths)-1 {
			tiles = (n + w - 1) / w
		}
		n -= min(n, tiles*w)
		took += float64(tiles) * p.step(w, reloads)
	}
	return took
}

// step is the time in cycles of one step of a tile, in which every accumulator
// takes one term: the larger of what the arithmetic and the loads take. There are
// two multiply-adds and two loads a cycle and a latency of four cycles, which
// describes Intel since Skylake and AMD since Zen 2. Vectors that come from the
// second level cache delay the rest a little: lineDelay for 64 bytes.
func (p Plan) step(columns int, reloads float64) float64 {
	shared, splats := p.operands(columns)
	sums := splats * shared
	loads := (float64(shared*p.loadWeight())*reloads + float64(splats)) / 2
	lines := float64(shared*p.Target.Lanes) / 16 * reloads
	if p.Order == pack.Channels { // for each phase; weights are in the nearest cache
		sums, loads, lines = sums*p.Section, loads*float64(p.Section), 1
	}
	return max(float64(sums)/2, loads, 4) + lineDelay*lines + loadDelay*loads
}

// Measured on tiles of equal arithmetic.
const (
	lineDelay = 0.4 // cycles a line
	loadDelay = 0.1 // cycles a cycle of loads: the less often they come, the better they hide
)

// channelsCost is the cost of a plan with vectors along output channels, whose rows
// are not run together: a row of Map columns takes tiles of its own.
func (p Plan) channelsCost(channels int) float64 {
	positions, took := p.Columns, p.step(p.Columns, 1)
	if p.Map > 0 {
		positions, took = p.Map, p.mapSteps(1)
	}
	steps := pack.PassElements / (p.Channels * p.Section)
	took += resume * float64(positions*p.Vectors()*p.Section) / float64(steps)
	blocks := (channels + p.Channels - 1) / p.Channels
	return took * float64(blocks*p.Target.Lanes) / float64(channels*p.Section*positions)
}

// resume is the time in cycles to store a sum at the end of a pass and to load it
// for the next one.
const resume = 3

// operands is the number of vectors that one step of a tile loads and keeps, and
// the number of values that it broadcasts: each is multiplied with each.
func (p Plan) operands(columns int) (vectors, splats int) {
	if p.Order != pack.Planar {
		return p.Vectors(), columns
	}
	return columns / p.Target.Lanes, p.Channels * p.Phases()
}

// loadWeight weighs vector loads: of the planar order's, at any displacement,
// about every second one crosses a cache line.
func (p Plan) loadWeight() int {
	if p.VectorAlongX() {
		return 2
	}
	return 1
}
