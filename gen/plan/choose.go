package plan

import (
	"fmt"
	"slices"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// For decides how target computes the layer. The error says why the target has
// no kernel for it; the layer then runs on the next best one.
func For(l specs.Layer, target Target) (Problem, Plan, error) {
	prob, err := problem(l)
	if err != nil {
		return Problem{}, Plan{}, err
	}
	p, ok := fold(&prob, target)
	if !ok {
		p, err = choose(prob, target)
		if c, ok := alongChannels(prob, target, p, err); ok {
			p, err = c, nil
		}
	}
	if err == nil {
		p.bound(prob)
	}
	return prob, p, err
}

// problem reduces a layer to its two innermost axes, as its kernels see them. Of a
// third the taps are planes, which a kernel takes for channels.
func problem(l specs.Layer) (Problem, error) {
	if !planned[l.Op] {
		return Problem{}, fmt.Errorf("layers of op %s run on the generic path", l.Op)
	}
	if l.Rank == specs.MaxRank && l.Op == specs.ResizeConv {
		return Problem{}, fmt.Errorf("%d-D layers of op %s run on the generic path", l.Rank, l.Op)
	}
	axes, inputs, ok := polyphase.Seen(&l)
	if !ok {
		return Problem{}, fmt.Errorf("the phases depend on the input size, which the layer leaves free")
	}
	if strides(axes) && l.Rank == specs.MaxRank {
		return Problem{}, fmt.Errorf("%d-D layers of op %s with a stride run on the generic path", l.Rank, l.Op)
	}
	prob := Problem{Layer: l, Y: polyphase.Trivial(), HeightIn: 1}
	last := l.Rank - 1
	prob.X, prob.WidthIn = axes[last], seenSize(inputs[last], l.Axes[last])
	if l.Rank > 1 {
		prob.Y, prob.HeightIn = axes[last-1], seenSize(inputs[last-1], l.Axes[last-1])
	}
	if prob.Source = source(l, inputs); strides(axes) {
		prob.Source = Parted
	}
	return prob, nil
}

// strides reports whether neighbouring outputs read inputs that are further apart.
func strides(axes []polyphase.Axis) bool {
	return slices.ContainsFunc(axes, func(a polyphase.Axis) bool { return a.InStride > 1 })
}

// seenSize is the size of what is seen of an axis; 0: free.
func seenSize(in polyphase.Input, a specs.Axis) int {
	if a.Input == 0 {
		return 0
	}
	return in.Size(a.Input)
}

// source says how the runtime makes the rows that the kernels of a layer read.
func source(l specs.Layer, inputs []polyphase.Input) Source {
	switch {
	case l.Rank == specs.MaxRank:
		return Stacked
	case !slices.ContainsFunc(inputs, func(in polyphase.Input) bool { return !in.Own() }):
		return AsTheyAre
	case polyphase.Merges(&l):
		return Surrounded
	default:
		return Enlarged
	}
}

// planned are the ops that have plans.
var planned = map[specs.Op]bool{specs.ConvTranspose: true, specs.Conv: true, specs.ResizeConv: true}

// choose fills the plan: the vector axis first, then the tile.
func choose(prob Problem, t Target) (Plan, error) {
	p := Plan{Target: t, RowTaps: prob.Y.MaxTaps(), Source: prob.Source}
	x := prob.X
	switch {
	case t.Lanes == 1:
		p.Order, p.Section = pack.Planar, min(x.OutStride, goSection)
	case phaseLanes(prob.Layer, t):
		p.Order, p.Section = pack.Phases, x.OutStride
	case x.OutStride <= maxInterleave:
		p.Order, p.Section = pack.Planar, x.OutStride
	default:
		return Plan{}, fmt.Errorf("an x stride of %d is neither at most %d nor a multiple of %d that divides the kernel", x.OutStride, maxInterleave, t.Lanes)
	}
	frame := p.Layout().Frame(x)
	p.Halo = needsHalo(frame) || p.Source != AsTheyAre
	if p.VectorAlongX() {
		p.fitMap(prob, frame)
	}
	p.tile(prob)
	if prob.Layer.Layout == specs.NCHW && p.Source == AsTheyAre { // other inputs are copied in any case
		p.mask(frame)
	}
	if p.Columns == 0 {
		return Plan{}, fmt.Errorf("%d registers do not hold a tile of %d x phases", t.Registers, p.Section)
	}
	return p, nil
}

// fitMap decides how a map of known size is walked. A small map whose rows do not
// fill vectors is computed as one row from copies of the input, one for each x
// displacement: no column of zeros takes up a lane.
func (p *Plan) fitMap(prob Problem, x polyphase.Axis) {
	y, w := prob.rows(), prob.WidthIn
	if y.in == 0 || w == 0 || prob.Layer.Layout != specs.NCHW || p.Source == Parted {
		return // rows that step over inputs are not one run
	}
	rows, cols := y.out, (x.Out(w)+x.OutStride-1)/x.OutStride
	lanes := p.Target.Lanes
	least, most := x.Reach()
	p.Map = rows * cols
	if !p.Halo || cols != w || most-least >= maxShifts || p.Source != AsTheyAre {
		return
	}
	pitch := w + max(-least, most)
	plain, dense := vectors(rows*pitch, lanes), vectors(p.Map, lanes)
	if plain*100 >= dense*(100+shiftGain) && p.Map <= maxShiftedMap {
		p.Shifted = (y.out + y.reach) * cols
	}
}

const (
	maxShifts     = 4    // copies of the input that are worth their memory
	shiftGain     = 10   // percent of vectors that shifted copies must save
	maxShiftedMap = 1024 // positions; larger maps fill vectors well enough
)

func vectors(n, lanes int) int { return (n + lanes - 1) / lanes }

// mapRows are the rows of a map of known size: of inputs, of outputs q a phase,
// and how far apart the rows are that the y taps of one output reach.
type mapRows struct{ in, out, reach int }

func (prob Problem) rows() mapRows {
	y := prob.Y
	least, most := y.Reach()
	in := prob.HeightIn
	return mapRows{in: in, out: (y.Out(in) + y.OutStride - 1) / y.OutStride, reach: most - least}
}

const (
	goSection     = 4 // x phases that scalar code computes together
	maxInterleave = 8 // x phases that are interleaved in registers
)

// phaseLanes reports whether the x phases of a conv_transpose fill vectors: all of
// them read the same inputs, and a vector holds the phases of whole channels or a part
// of one's.
func phaseLanes(l specs.Layer, t Target) bool {
	x := l.Axes[l.Rank-1]
	same := l.Op == specs.ConvTranspose && x.Kernel%x.Stride == 0 && x.Dilation == 1
	return same && (x.Stride%t.Lanes == 0 || x.Stride >= minPiece && t.Lanes%x.Stride == 0)
}

// minPiece is the smallest part of a vector that a store can take.
const minPiece = 4

// needsHalo reports whether a row of outputs reads beyond its row of inputs.
func needsHalo(x polyphase.Axis) bool {
	least, most := x.Reach()
	if least != 0 || most != 0 {
		return true
	}
	for _, p := range x.Phases {
		if p.Extra > 0 && len(p.Taps) > 0 {
			return true
		}
	}
	return false
}

// outChannels is the number of output channels that share an input channel, or
// 0 when it is free.
func outChannels(l specs.Layer) int {
	switch {
	case l.Depthwise:
		return 1
	case l.OutChannels == 0:
		return 0
	default:
		return l.OutChannels / l.Groups
	}
}

// tile picks the tile with the least cost among those that fit the registers.
func (p *Plan) tile(prob Problem) {
	best, channels := -1.0, outChannels(prob.Layer)
	for _, start := range p.rowChoices(prob) {
		candidate, again := start, start.reloads(prob)
		for m := 1; m <= maxTileChannels; m++ {
			for n := 1; n <= maxTileWidth; n++ {
				candidate.Channels, candidate.Columns = m, n
				switch {
				case p.Order == pack.Planar:
					candidate.Columns = n * p.Target.Lanes
				case p.Order == pack.Channels && p.Map > 0 && n > p.Map:
					continue
				case p.Order == pack.Channels:
					candidate.Channels = m * p.Target.Lanes
				case m*p.Section%p.Target.Lanes != 0:
					continue
				}
				if candidate.unrolled(prob) > maxUnrolled {
					continue
				}
				if c, ok := candidate.cost(channels, again); ok && (best < 0 || c < best) {
					best, *p = c, candidate
				}
			}
		}
	}
}

const (
	maxTileChannels = 12
	maxTileWidth    = 24
)
