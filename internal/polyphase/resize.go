package polyphase

import "github.com/upconv/upconv/specs"

// ramp is the exact coordinate of output o: (num + o*step)/den.
type ramp struct{ num, step, den int64 }

// coordinates returns the ramp of an axis of in inputs and out outputs.
func coordinates(in, out int, c specs.Coordinate) ramp {
	i, o := int64(in), int64(out)
	switch c {
	case specs.HalfPixel: // ((2o+1)*in - out) / (2*out)
		return ramp{i - o, 2 * i, 2 * o}
	case specs.AlignCorners:
		return ramp{0, i - 1, max(o-1, 1)}
	}
	return ramp{0, i, o}
}

// rounded returns the ramp whose floor is r rounded.
func (r ramp) rounded(how specs.Rounding) ramp {
	switch how {
	case specs.Ceil:
		r.num += r.den - 1
	case specs.RoundPreferFloor: // ceil(x - 1/2)
		return ramp{2*r.num + r.den - 1, 2 * r.step, 2 * r.den}
	case specs.RoundPreferCeil: // floor(x + 1/2)
		return ramp{2*r.num + r.den, 2 * r.step, 2 * r.den}
	}
	return r
}

// walk calls f with the floor and the rest of each of n coordinates. It adds and
// carries, so that no product of two sizes can overflow.
func (r ramp) walk(n int, f func(o int, floor, rest int64)) {
	quotient, rest := r.num/r.den, r.num%r.den
	if rest < 0 {
		quotient, rest = quotient-1, rest+r.den
	}
	wide, narrow := r.step/r.den, r.step%r.den
	for o := range n {
		f(o, quotient, rest)
		quotient, rest = quotient+wide, rest+narrow
		if rest >= r.den {
			quotient, rest = quotient+1, rest-r.den
		}
	}
}

// NearestMap fills at with the input that each output of a nearest resize repeats,
// for an axis of in inputs and len(at) outputs.
func NearestMap(at []int, in int, c specs.Coordinate, how specs.Rounding) {
	coordinates(in, len(at), c).rounded(how).walk(len(at), func(o int, floor, _ int64) {
		at[o] = clamp(floor, in)
	})
}

// Pair is what an output of a linear resize is made of: (1-w)*in[First] +
// w*in[Second], where w is Weight. A pair that reads one input has Weight.Num 0.
type Pair struct {
	First, Second int
	Weight        Ratio64
}

// Ratio64 is Num/Den for sizes of any platform.
type Ratio64 struct{ Num, Den int64 }

// LinearMap fills pairs with what each output of a linear resize is made of, for
// an axis of in inputs and len(pairs) outputs.
func LinearMap(pairs []Pair, in int, c specs.Coordinate) {
	r := coordinates(in, len(pairs), c)
	r.walk(len(pairs), func(o int, floor, rest int64) {
		p := Pair{clamp(floor, in), clamp(floor+1, in), Ratio64{rest, r.den}}
		if p.First == p.Second || rest == 0 {
			p.Second, p.Weight.Num = p.First, 0
		}
		pairs[o] = p
	})
}

func clamp(i int64, in int) int { return int(max(0, min(i, int64(in)-1))) }

// Repeated returns the axis of a nearest resize by a whole scale.
func Repeated(scale int, c specs.Coordinate, how specs.Rounding) Axis {
	a := Axis{OutStride: scale, InStride: 1, Clamp: true}
	coordinates(1, scale, c).rounded(how).walk(scale, func(r int, floor, _ int64) {
		a.Phases = append(a.Phases, Phase{Offset: r, Taps: []Tap{{Delta: int(floor), Weight: Ratio{1, 1}}}}.inside(1))
	})
	return a
}

// Interpolated returns the axis of a linear resize by a whole scale.
func Interpolated(scale int, c specs.Coordinate) Axis {
	a := Axis{OutStride: scale, InStride: 1, Clamp: true}
	r := coordinates(1, scale, c)
	r.walk(scale, func(o int, floor, rest int64) {
		d := int(floor)
		taps := []Tap{{Delta: d, Weight: lowest(int(r.den-rest), int(r.den))}}
		if rest > 0 {
			taps = append(taps, Tap{Delta: d + 1, Weight: lowest(int(rest), int(r.den))})
		}
		a.Phases = append(a.Phases, Phase{Offset: o, Taps: taps}.inside(1))
	})
	return a
}

// lowest is a fraction in its lowest terms.
func lowest(num, den int) Ratio {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return Ratio{num / a, den / a}
}
