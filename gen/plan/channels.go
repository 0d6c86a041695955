package plan

import (
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
	frame := prob.X
	c := Plan{Target: t, Order: pack.Channels, Section: 1, RowTaps: prob.Y.MaxTaps()}
	c.Source = prob.Source
	c.Halo = needsHalo(frame) || c.Source != AsTheyAre
	if w := prob.WidthIn; w > 0 {
		c.Map = (frame.Out(w) + frame.OutStride - 1) / frame.OutStride
	}
	in := prob.Layer.InChannels / prob.Layer.GroupCount()
	c.Once = in > 0 && in <= pack.LeastPass && c.Source != Stacked
	c.tile(prob)
	return c, c.Columns > 0
}

// suitsChannels reports whether a layer [N, C, y, x] is faster with vectors along
// output channels, although its outputs must be transposed then. What decides was
// measured on 256->256 k4 s2 at 32x24 (84 % of the peak of AVX-512, 72 % along x)
// and on layers that lack one of the conditions.
func suitsChannels(prob Problem, t Target, p Plan) bool {
	y, x, rows := prob.Y, prob.X, prob.rows()
	channels := outChannels(prob.Layer)
	switch {
	case p.Order != pack.Planar:
		return false
	case channels == 0 || vectors(channels, t.Lanes)*t.Lanes*leastFilled > channels*100:
		return false // few or, perhaps, few channels: too many lanes for none
	case y.MinTaps() < leastTaps || x.MinTaps() < leastTaps:
		return false // a line of inputs serves too few terms: 1024->512 k2 s2 65 % instead of 80 %
	case t.Lanes == 8 && (p.Shifted > 0 || prob.tileBytes(p) <= nearCache):
		return false // half as wide loads are no bottleneck: 128->64 at 16x16 81 % instead of 93 %
	}
	return rows.in == 0 || p.Map == 0 || p.Map >= leastMap
}

// tileBytes is what one tile along x reads of inputs, in whole cache lines.
func (prob Problem) tileBytes(p Plan) int {
	const lineBytes, float32Bytes = 64, 4
	in := usualChannels
	if l := prob.Layer; l.InChannels > 0 {
		in = l.InChannels / l.GroupCount()
	}
	return in * p.RowTaps * (1 + p.Columns*float32Bytes/lineBytes) * lineBytes
}

// nearCache is the size of a first level cache, in bytes.
const nearCache = 48 << 10

const (
	leastFilled = 85 // percent of the lanes that have a channel, at least
	leastTaps   = 2
	leastMap    = 64 // positions; weights that come from far are used too few times otherwise
)
