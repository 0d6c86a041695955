package plan

import (
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// bound decides how many input channels one call adds up. A call is one tile at least,
// and takes at most some 100 microseconds: assembly cannot be interrupted. The order
// Channels goes on from sums in any case, to keep weights in the cache.
func (p *Plan) bound(prob Problem) {
	if p.Order == pack.Channels {
		return
	}
	p.Once = true
	most := p.mostChannels(prob)
	if in := inChannels(prob.Layer); p.Target.Lanes == 1 || in > 0 && in <= most {
		return // what the compiler made can be interrupted
	}
	p.Pass, p.Once = most, !p.loadsSums()
}

// mostChannels is the number of input channels of the longest call of one tile: by its
// multiply-adds, and by the weights and the lines of inputs that it reads.
func (p Plan) mostChannels(prob Problem) int {
	const line = 16
	layout := p.Layout()
	x := layout.Frame(prob.X)
	least, most := x.ReachColumns()
	taps, lines := prob.Y.MaxTaps(), prob.Y.MaxTaps()
	if p.Rows > 0 {
		least, most := prob.Y.Reach()
		taps, lines = prob.Y.Taps(), most-least+1
	}
	weights := layout.Panel(x) * taps
	inputs := lines * x.InStride * max(1, p.Shifted/max(1, p.Map)) * (p.Columns + most - least + line)
	return max(1, min(pack.CallWork(p.Target.Lanes)/max(1, weights*p.Columns), pack.CallElements/(weights+inputs)))
}

// loadsSums reports whether a tile can be loaded as it was stored. Where a vector holds
// the phases of several channels it was stored in parts; and taking x phases apart again needs
// registers for them twice, beside the sums.
func (p Plan) loadsSums() bool {
	if p.Order == pack.Phases {
		return p.Section%p.Target.Lanes == 0
	}
	return p.Section == 1 || p.Accumulators()+2*p.Section <= p.Target.Registers
}

// inChannels is the number of input channels of a group as a kernel sees them, which are
// planes where there are three axes; 0: free.
func inChannels(l specs.Layer) int {
	n := l.InChannels / max(1, l.GroupCount())
	switch {
	case l.Depthwise:
		n = 1
	case l.InChannels == 0:
		return 0
	}
	if l.Rank == specs.MaxRank {
		n *= l.Axes[0].Kernel
	}
	return n
}
