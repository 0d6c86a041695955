package kerneltest

import (
	"fmt"
	"math"
	"math/big"

	"github.com/upconv/upconv/specs"
)

// moved is what the definition of a layer without weights says: values are
// [N, C_out, out...], and so are the indices of a max_pool.
type moved struct {
	values  []float32
	indices []int64
	exact   []float64 // of a resize that rounds, in float64; else nil
	weight  []float64 // sum of |w*x| of each of them
}

// movers are the definitions of the ops without weights, element by element.
var movers = map[specs.Op]func(p *problem, d *Data) *moved{
	specs.Nearest:        (*problem).moveNearest,
	specs.Bilinear:       (*problem).moveBilinear,
	specs.BedOfNails:     (*problem).moveNails,
	specs.MaxPool:        (*problem).movePool,
	specs.MaxUnpool:      (*problem).moveUnpool,
	specs.PixelShuffle:   (*problem).moveShuffle,
	specs.PixelUnshuffle: (*problem).moveShuffle,
}

// place3 is a position in a plane: z, y, x.
type place3 [specs.MaxRank]int

func (a place3) flat(size place3) int { return (a[0]*size[1]+a[1])*size[2] + a[2] }

func unflat(i int, size place3) place3 {
	return place3{i / (size[1] * size[2]), i / size[2] % size[1], i % size[2]}
}

// outputs calls f with every output: the input plane that it is of, its place, and its
// index among [N, C_out, out...]. The layer keeps its channels.
func (p *problem) outputs(d *Data, f func(in view, at place3, i int)) {
	i := 0
	for plane := range p.batch * p.layer.OutChannels {
		in := p.plane(d, plane)
		for z := range p.sizeOut[0] {
			for y := range p.sizeOut[1] {
				for x := range p.sizeOut[2] {
					f(in, place3{z, y, x}, i)
					i++
				}
			}
		}
	}
}

// plane is the input plane n*C_in + c.
func (p *problem) plane(d *Data, plane int) view {
	return p.input(d.Src, plane/p.layer.InChannels, plane%p.layer.InChannels)
}

// value is element i of a plane.
func (v view) value(i int) float32 { return v.data[i*v.step] }

// coordinate is where output o of an axis lies on its input, exactly.
func coordinate(c specs.Coordinate, o, in, out int) *big.Rat {
	r := func(num, den int) *big.Rat { return big.NewRat(int64(num), int64(den)) }
	switch {
	case c == specs.HalfPixel:
		x := new(big.Rat).Add(r(o, 1), r(1, 2))
		x.Mul(x, r(in, out))
		return x.Sub(x, r(1, 2))
	case c == specs.AlignCorners && out == 1:
		return r(0, 1)
	case c == specs.AlignCorners:
		return new(big.Rat).Mul(r(o, 1), r(in-1, out-1))
	}
	return new(big.Rat).Mul(r(o, 1), r(in, out))
}

func floorOf(x *big.Rat) int {
	return int(new(big.Int).Div(x.Num(), x.Denom()).Int64()) // Euclid: down for a positive divisor
}

// nearestOf rounds a coordinate to an input.
func nearestOf(x *big.Rat, how specs.Rounding, in int) int {
	half := big.NewRat(1, 2)
	i := floorOf(x)
	rest := new(big.Rat).Sub(x, big.NewRat(int64(i), 1))
	up := false
	switch how {
	case specs.Ceil:
		up = rest.Sign() > 0
	case specs.RoundPreferFloor:
		up = rest.Cmp(half) > 0
	case specs.RoundPreferCeil:
		up = rest.Cmp(half) >= 0
	}
	if up {
		i++
	}
	return min(max(i, 0), in-1)
}

func (p *problem) moveNearest(d *Data) *moved {
	var maps [specs.MaxRank][]int
	for a := range maps {
		for o := range p.sizeOut[a] {
			maps[a] = append(maps[a], nearestOf(coordinate(p.layer.Coordinate, o, p.sizeIn[a], p.sizeOut[a]), p.layer.Rounding, p.sizeIn[a]))
		}
	}
	m := &moved{values: make([]float32, p.dstLen)}
	p.outputs(d, func(in view, at place3, i int) {
		m.values[i] = in.value(place3{maps[0][at[0]], maps[1][at[1]], maps[2][at[2]]}.flat(p.sizeIn))
	})
	return m
}

// share is one input of an output of a linear resize, and its weight.
type share struct {
	at     int
	weight float64
}

// shares are the inputs of output o: one where it lies on an input or beyond the
// outermost one, else two.
func shares(c specs.Coordinate, o, in, out int) []share {
	x := coordinate(c, o, in, out)
	i := floorOf(x)
	w, _ := new(big.Rat).Sub(x, big.NewRat(int64(i), 1)).Float64()
	keep, _ := new(big.Rat).Sub(big.NewRat(int64(i+1), 1), x).Float64()
	switch {
	case i < 0:
		return []share{{0, 1}}
	case i >= in-1 || w == 0:
		return []share{{min(i, in-1), 1}}
	}
	return []share{{i, keep}, {i + 1, w}}
}

func (p *problem) moveBilinear(d *Data) *moved {
	m := &moved{values: make([]float32, p.dstLen), exact: make([]float64, p.dstLen), weight: make([]float64, p.dstLen)}
	var all [specs.MaxRank][][]share
	for a := range all {
		for o := range p.sizeOut[a] {
			all[a] = append(all[a], shares(p.layer.Coordinate, o, p.sizeIn[a], p.sizeOut[a]))
		}
	}
	p.outputs(d, func(in view, at place3, i int) {
		s := [specs.MaxRank][]share{all[0][at[0]], all[1][at[1]], all[2][at[2]]}
		m.values[i] = p.blend(in, &s, 0, 0)
		for _, z := range s[0] {
			for _, y := range s[1] {
				for _, x := range s[2] {
					term := z.weight * y.weight * x.weight * float64(in.value(place3{z.at, y.at, x.at}.flat(p.sizeIn)))
					m.exact[i] += term
					m.weight[i] += math.Abs(term)
				}
			}
		}
	})
	return m
}

// blend is the output in float32, in the documented order: the innermost axis
// first, both products and the sum rounded. The outer axes chose the place at.
func (p *problem) blend(in view, s *[specs.MaxRank][]share, axis, at int) float32 {
	if axis == specs.MaxRank {
		return in.value(at)
	}
	sum := float32(0)
	for i, one := range s[axis] {
		v := p.blend(in, s, axis+1, at*p.sizeIn[axis]+one.at)
		if len(s[axis]) == 1 {
			return v
		}
		if v = float32(v * float32(one.weight)); i == 0 {
			sum = v
		} else {
			sum = float32(sum + v)
		}
	}
	return sum
}

func (p *problem) moveNails(d *Data) *moved {
	m := &moved{values: make([]float32, p.dstLen)}
	for plane := range p.batch * p.layer.InChannels {
		in := p.plane(d, plane)
		for i := range p.inPlane {
			at := unflat(i, p.sizeIn)
			to := place3{at[0] * p.scale[0], at[1] * p.scale[1], at[2] * p.scale[2]}
			m.values[plane*p.outPlane+to.flat(p.sizeOut)] = in.value(i)
		}
	}
	return m
}

// movePool offers every input, in order, to the windows that hold it.
func (p *problem) movePool(d *Data) *moved {
	m := &moved{values: make([]float32, p.dstLen), indices: make([]int64, p.dstLen)}
	fill(m.indices, -1)
	for plane := range p.batch * p.layer.InChannels {
		in := p.plane(d, plane)
		for i := range p.inPlane {
			at := unflat(i, p.sizeIn)
			v := in.value(i)
			for _, z := range p.axes[0].stamps[at[0]] {
				for _, y := range p.axes[1].stamps[at[1]] {
					for _, x := range p.axes[2].stamps[at[2]] {
						o := plane*p.outPlane + place3{z.out, y.out, x.out}.flat(p.sizeOut)
						if old := m.values[o]; m.indices[o] < 0 || v > old || v != v && old == old {
							m.values[o], m.indices[o] = v, p.indexOf(plane, i)
						}
					}
				}
			}
		}
	}
	return m
}

// indexOf is what the layer calls element i of an input plane n*C + c.
func (p *problem) indexOf(plane, i int) int64 {
	c := p.layer.InChannels
	switch {
	case p.layer.Indices == specs.PlaneIndices:
		return int64(i)
	case p.layer.Layout == specs.NHWC:
		return int64((plane/c*p.inPlane+i)*c + plane%c)
	}
	return int64(plane*p.inPlane + i)
}

// moveUnpool stores the inputs in the order of memory.
func (p *problem) moveUnpool(d *Data) *moved {
	m := &moved{values: make([]float32, p.dstLen)}
	dst := make([]float32, p.dstLen) // in the layer's layout
	c := p.layer.InChannels
	for i, v := range d.Src {
		at, n, channel := int(d.Indices[i]), i/p.inPlane/c, i/p.inPlane%c
		if p.layer.Layout == specs.NHWC {
			channel = i % c
		}
		if p.layer.Indices == specs.PlaneIndices {
			at = p.at(n*c+channel, at)
		}
		dst[at] = v
	}
	for i := range m.values {
		m.values[i] = dst[p.at(i/p.outPlane, i%p.outPlane)]
	}
	return m
}

// moveShuffle finds the coarse element of each fine one.
func (p *problem) moveShuffle(d *Data) *moved {
	m := &moved{values: make([]float32, p.dstLen)}
	fine, coarse, channels := p.sizeOut, p.sizeIn, p.layer.OutChannels
	if p.layer.Op == specs.PixelUnshuffle {
		fine, coarse, channels = p.sizeIn, p.sizeOut, p.layer.InChannels
	}
	block := p.scale[0] * p.scale[1] * p.scale[2]
	for i := range p.batch * channels * fine[0] * fine[1] * fine[2] {
		plane := i / (fine[0] * fine[1] * fine[2])
		n, c, at := plane/channels, plane%channels, unflat(i%(fine[0]*fine[1]*fine[2]), fine)
		var from, part place3
		for a := range at {
			from[a], part[a] = at[a]/p.scale[a], at[a]%p.scale[a]
		}
		channel := c*block + part.flat(p.scale)
		if p.layer.Order == specs.DCR {
			channel = part.flat(p.scale)*channels + c
		}
		coarsePlane := n*channels*block + channel
		if p.layer.Op == specs.PixelShuffle {
			m.values[i] = p.plane(d, coarsePlane).value(from.flat(p.sizeIn))
		} else {
			m.values[coarsePlane*p.outPlane+from.flat(coarse)] = p.plane(d, plane).value(at.flat(p.sizeIn))
		}
	}
	return m
}

// judgeMoved compares all outputs, bit for bit, and the indices of a max_pool; a
// resize that rounds is held to a bound too.
func (p *problem) judgeMoved(d *Data, dst []float32, indices []int64) (r Report, err error) {
	want := movers[p.layer.Op](p, d)
	planes := p.planes()
	r.Outputs = len(dst)
	if err := (&Bits{Values: want.values, problem: p, at: planes}).Equal(dst); err != nil {
		return r, err
	}
	for i, index := range want.indices {
		if plane, at := i/p.outPlane, i%p.outPlane; indices[p.at(plane, at)] != index {
			return r, fmt.Errorf("not exact: the index of %s is %d, want %d", p.name(plane, at), indices[p.at(plane, at)], index)
		}
	}
	if want.exact == nil || d.Kind == Special {
		return r, nil
	}
	c := newComparison(p, planes, "within the bound")
	for i, exact := range want.exact {
		// On each axis a weight, its product and the sum are rounded.
		bound := float64(3*p.layer.Rank+1)*unit*want.weight[i] + 12*tiny
		got := float64(dst[p.at(i/p.outPlane, i%p.outPlane)])
		if off := math.Abs(got - exact); off > bound {
			c.differ(i, "is %v, want %v; error %.3g, bound %.3g", got, exact, off, bound)
		} else if c.same(); bound > 0 {
			r.Worst = max(r.Worst, off/bound)
		}
	}
	return r, c.err()
}
