package plan

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// alongChannels plans vectors along output channels, if the layer suits them
// better than p, which runs rows along x; none is p's error.
func alongChannels(prob Problem, t Target, p Plan, none error) (Plan, bool) {
	channels := outChannels(prob.Layer)
	nhwc := prob.Layer.Layout == specs.NHWC && !prob.Layer.Depthwise
	if t.Lanes == 1 || !nhwc && none == nil && !suitsChannels(prob, t, p) {
		return Plan{}, false
	}
	if channels > 0 && channels < t.Lanes && !nhwc {
		return Plan{}, false
	}
	frame := polyphase.Transposed(prob.X)
	c := Plan{Target: t, Order: pack.Channels, Section: 1, RowTaps: polyphase.Transposed(prob.Y).MaxTaps()}
	c.Halo = needsHalo(frame)
	if w := prob.Layer.Axes[prob.Layer.Rank-1].Input; w > 0 {
		c.Map = (frame.Out(w) + frame.OutStride - 1) / frame.OutStride
	}
	c.tile(prob)
	return c, c.Columns > 0
}

// suitsChannels reports whether a layer [N, C, y, x] is faster with vectors along
// output channels, although its outputs must be transposed then. What decides was
// measured on 256->256 k4 s2 at 32x24 (84 % of the peak of AVX-512, 72 % along x)
// and on layers that lack one of the conditions.
func suitsChannels(prob Problem, t Target, p Plan) bool {
	y, x, rows := polyphase.Transposed(prob.Y), polyphase.Transposed(prob.X), prob.rows()
	switch {
	case outChannels(prob.Layer) < t.Lanes:
		return false // few or, perhaps, few channels: vectors with lanes for none
	case y.MinTaps() < leastTaps || x.MinTaps() < leastTaps:
		return false // a line of inputs serves too few terms: 1024->512 k2 s2 65 % instead of 80 %
	case p.Shifted > 0 && t.Lanes == 8:
		return false // aligned loads of shifted copies: 256->128 at 8x8 73 % instead of 91 %
	}
	return rows.in == 0 || p.Map == 0 || p.Map >= leastMap
}

const (
	leastTaps = 2
	leastMap  = 64 // positions; weights that come from far are used too few times otherwise
)
