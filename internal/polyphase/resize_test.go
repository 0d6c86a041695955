package polyphase

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
)

var (
	everyCoordinate = []specs.Coordinate{specs.Asymmetric, specs.HalfPixel, specs.AlignCorners}
	everyRounding   = []specs.Rounding{specs.Floor, specs.Ceil, specs.RoundPreferFloor, specs.RoundPreferCeil}
)

// fraction is the coordinate of output o as num/den, by its definition.
func fraction(c specs.Coordinate, o, in, out int) (num, den int) {
	switch {
	case c == specs.HalfPixel:
		return (2*o+1)*in - out, 2 * out
	case c == specs.AlignCorners && out == 1:
		return 0, 1
	case c == specs.AlignCorners:
		return o * (in - 1), out - 1
	}
	return o * in, out
}

// nearer picks the input by looking at the distances.
func nearer(num, den int, how specs.Rounding) int {
	below := num / den
	if num < below*den {
		below--
	}
	up, down := (below+1)*den-num, num-below*den // distances times den
	switch {
	case down == 0 || how == specs.Floor:
		return below
	case how == specs.Ceil:
		return below + 1
	case down < up || down == up && how == specs.RoundPreferFloor:
		return below
	}
	return below + 1
}

// TestNearestMaps: all 2.1 million positions of up to 64 inputs and 256 outputs,
// for every coordinate and rounding, in exact fractions.
func TestNearestMaps(t *testing.T) {
	positions := 0
	at := make([]int, 256)
	for in := 1; in <= 64; in++ {
		for out := 1; out <= 256; out++ {
			positions += out
			for _, c := range everyCoordinate {
				for _, how := range everyRounding {
					NearestMap(at[:out], in, c, how)
					for o, got := range at[:out] {
						num, den := fraction(c, o, in, out)
						if want := min(max(nearer(num, den, how), 0), in-1); got != want {
							require.Equal(t, want, got, "%s %s output %d of %d -> %d", c, how, o, in, out)
						}
					}
				}
			}
		}
	}
	require.Equal(t, 64*256*257/2, positions)
}

// TestLinearMaps: the weights are the exact rest of the coordinates.
func TestLinearMaps(t *testing.T) {
	pairs := make([]Pair, 64)
	for in := 1; in <= 24; in++ {
		for out := 1; out <= 64; out++ {
			for _, c := range everyCoordinate {
				LinearMap(pairs[:out], in, c)
				for o, p := range pairs[:out] {
					num, den := fraction(c, o, in, out)
					num = min(max(num, 0), (in-1)*den) // repeated beyond the outermost inputs
					// First*(1-w) + Second*w, times both denominators
					got := int64(p.First)*p.Weight.Den + int64(p.Second-p.First)*p.Weight.Num
					require.Equal(t, int64(num)*p.Weight.Den, got*int64(den), "%s output %d of %d -> %d", c, o, in, out)
					require.True(t, p.First >= 0 && p.Second < in && p.Second-p.First <= 1)
					require.Equal(t, p.First == p.Second, p.Weight.Num == 0)
				}
			}
		}
	}
}

// TestScalesArePhases: the phases of a whole scale are the maps of any size.
func TestScalesArePhases(t *testing.T) {
	for scale := 1; scale <= 7; scale++ {
		for in := 1; in <= 6; in++ {
			for _, c := range everyCoordinate[:2] {
				for _, how := range everyRounding {
					a, at := Repeated(scale, c, how), make([]int, scale*in)
					NearestMap(at, in, c, how)
					require.Equal(t, len(at), a.Out(in))
					for o, want := range at {
						r, q := a.Position(o)
						require.Len(t, a.Phases[r].Taps, 1)
						require.Equal(t, want, clamp(int64(q+a.Phases[r].Taps[0].Delta), in), "s%d %s %s in %d o %d", scale, c, how, in, o)
					}
				}
				requireInterpolated(t, scale, in, c)
			}
		}
	}
}

func requireInterpolated(t *testing.T, scale, in int, c specs.Coordinate) {
	t.Helper()
	a, pairs := Interpolated(scale, c), make([]Pair, scale*in)
	LinearMap(pairs, in, c)
	for o, p := range pairs {
		r, q := a.Position(o)
		sum, den := 0, 1
		for _, tap := range a.Phases[r].Taps {
			sum = sum*tap.Weight.Den + clamp(int64(q+tap.Delta), in)*tap.Weight.Num*den
			den *= tap.Weight.Den
		}
		want := int64(p.First)*p.Weight.Den + int64(p.Second-p.First)*p.Weight.Num
		require.Equal(t, want*int64(den), int64(sum)*p.Weight.Den, "s%d %s in %d o %d", scale, c, in, o)
	}
}

func TestResizesShowTheirPhases(t *testing.T) {
	require.Equal(t, ""+
		"phase 0: in[q-1]*1/4 + in[q]*3/4   q in [0,in), interior [1,in)\n"+
		"phase 1: in[q]*3/4 + in[q+1]*1/4   q in [0,in), interior [0,in-1)\n", Interpolated(2, specs.HalfPixel).String())
	require.Equal(t, ""+
		"phase 0: in[q]   q in [0,in), interior [0,in)\n"+
		"phase 1: nothing   q in [0,in), interior [0,in)\n", Nails(2).String())
	require.Equal(t, ""+
		"phase 0: in[q-1]*w0 + in[q]*(w1+w2)   q in [0,in), interior [1,in)\n"+
		"phase 1: in[q]*(w0+w1) + in[q+1]*w2   q in [0,in), interior [0,in-1)\n",
		Resized(Geometry{Kernel: 3, Stride: 1, Dilation: 1, PadBegin: 1, PadEnd: 1}, 2).String())
	require.Equal(t, "phase 0: in[2*q-1]*w0 + in[2*q]*w1 + in[2*q+1]*w2   q in [0,(in+1)/2), interior [1,in/2)\n",
		Convolved(Geometry{Kernel: 3, Stride: 2, Dilation: 1, PadBegin: 1, PadEnd: 1}).String())
}

// FuzzMaps: whatever the sizes, positions lie on the input and never go back.
func FuzzMaps(f *testing.F) {
	f.Add(uint32(2092), uint16(60000), uint8(1), uint8(3))
	f.Add(uint32(1), uint16(1), uint8(2), uint8(0))
	f.Add(uint32(1<<31-1), uint16(3), uint8(0), uint8(2))
	f.Fuzz(func(t *testing.T, in uint32, out uint16, c, how uint8) {
		n := int(in>>1) + 1
		at, pairs := make([]int, int(out)+1), make([]Pair, int(out)+1)
		NearestMap(at, n, everyCoordinate[int(c)%3], everyRounding[int(how)%4])
		LinearMap(pairs, n, everyCoordinate[int(c)%3])
		for o, i := range at {
			require.True(t, i >= 0 && i < n && (o == 0 || at[o-1] <= i))
			p := pairs[o]
			require.True(t, p.First >= 0 && p.Second < n && p.First <= p.Second && p.Second-p.First <= 1)
			require.True(t, p.Weight.Num >= 0 && p.Weight.Num < p.Weight.Den)
		}
	})
}
