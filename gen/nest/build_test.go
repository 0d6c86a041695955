package nest_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

var targets = []plan.Target{plan.Go, plan.AVX2, plan.AVX512}

// trial is one call of a kernel: one block of output channels and one y phase, or
// all of them where the plan has them in a tile.
type trial struct {
	kernel                nest.Kernel
	plan                  plan.Plan
	x                     polyphase.Axis // in the kernel's frame
	y                     []polyphase.Phase
	down                  []int // rows of inputs from the first to that of each tap
	rows, cols, width     int
	channels              int
	least, span, pitch    int
	dst, src, weights, bs []float32
	packed                pack.Packed
	raw                   pack.Weights
}

// newTrial builds the nest of a layer and the arguments of a call of it: every
// column of the frame, width outputs a row, all y taps of phase 0 inside.
func newTrial(t *testing.T, name string, target plan.Target, rows, cols, cut int) *trial {
	t.Helper()
	l, err := specs.ParseName(name)
	require.NoError(t, err)
	prob, p, err := plan.For(l, target)
	require.NoError(t, err, name)
	r := &trial{kernel: nest.Build(name, prob, p), plan: p, x: p.Layout().Frame(prob.X), rows: rows, cols: cols, channels: 3}
	r.setRows(prob.Y)
	r.width = cols * r.x.OutStride
	if p.Order == pack.Planar {
		r.width -= cut // whole vectors of phases are not cut
	}
	least, most := r.x.Reach()
	r.least, r.span = least, most-least
	if r.pitch = cols + r.span*r.apart(); p.Masked {
		r.pitch = cols + 1 // rows with more inputs than columns q
	}
	r.raw = pack.Weights{Groups: 1, In: r.channels, Out: p.Channels, Y: prob.Y, X: r.x, KernelY: prob.Y.Taps(), KernelX: prob.X.Taps()}
	r.raw.Data = integers(r.channels*p.Channels*prob.Y.Taps()*prob.X.Taps(), 5)
	r.packed = p.Layout().Plan(r.raw)
	r.fill()
	return r
}

// setRows chooses the y phases of the call. Without Rows, taps are a row apart
// whatever the dilation, as srcTap says.
func (r *trial) setRows(y polyphase.Axis) {
	r.y = y.Phases[:1]
	least, _ := y.Reach()
	if r.plan.Rows > 0 {
		r.y = y.Phases
	}
	for _, ph := range r.y {
		for i, tap := range ph.Taps {
			if r.plan.Rows > 0 {
				i = tap.Delta - least
			}
			r.down = append(r.down, i)
		}
	}
}

// integers are small and not 0; sums of them are exact in float32.
func integers(n, seed int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32((seed*(i+3)*(i+11))%17 - 8)
		if v[i] == 0 {
			v[i] = 9
		}
	}
	return v
}

// fill makes the slices; src ends with the last element that scalar code reads,
// and slack for vectors where the plan asks for it.
func (r *trial) fill() {
	n := r.srcPlane()*r.channels + r.slack()
	r.src = integers(n, 7)
	r.weights = r.packed.Pack(r.raw)[:r.channels*r.weightStep()]
	for _, b := range integers(r.plan.Channels, 3) {
		r.bs = append(r.bs, slices.Repeat([]float32{b}, r.plan.Layout().BiasRepeat())...)
	}
	r.dst = slices.Repeat([]float32{float32(math.NaN())}, r.dstPlane()*r.plan.Channels)
}

func (r *trial) slack() int {
	if r.plan.Slack() || r.plan.Masked {
		return r.plan.Columns + r.plan.Target.Lanes
	}
	return 0
}

// apart is the distance between inputs that neighbouring taps read.
func (r *trial) apart() int { return max(1, r.plan.Shifted) }

func (r *trial) taps() int {
	return len(r.plan.Layout().Walk(polyphase.Axis{Phases: r.y}).Phases[0].Taps)
}
func (r *trial) srcPlane() int   { return r.pitch * (r.rows + slices.Max(r.down)) }
func (r *trial) dstRow() int     { return r.width + 2 }
func (r *trial) dstPlane() int   { return r.dstRow() * r.rows * len(r.y) }
func (r *trial) weightStep() int { return r.taps() * r.packed.Panel }

// args are the arguments in the kernel's own order.
func (r *trial) args(t *testing.T) nest.Args {
	t.Helper()
	slices := map[string][]float32{"dst": r.dst, "src": r.src, "weights": r.weights, "bias": r.bs}
	ints := map[string]int{
		"rows": r.rows, "whole": r.width / r.x.OutStride, "cols": r.cols, "width": r.width, "channels": r.channels, "taps": r.taps(),
		"dstPlane": r.dstPlane(), "dstRow": r.dstRow(), "srcPlane": r.srcPlane(), "srcRow": r.pitch, "srcTap": r.pitch, "weightStep": r.weightStep(),
		"termStep": 0, "termSkip": 0, "again": 0, // of the channels order alone
	}
	var a nest.Args
	for _, n := range r.kernel.Slices {
		require.Contains(t, slices, n)
		a.Slices = append(a.Slices, slices[n])
	}
	for _, n := range r.kernel.Ints {
		require.Contains(t, ints, n)
		a.Ints = append(a.Ints, ints[n])
	}
	return a
}

// want is the call by its definition: one sum for each output.
func (r *trial) want() []float32 {
	dst := slices.Repeat([]float32{float32(math.NaN())}, len(r.dst))
	for m := range r.plan.Channels {
		for row := range r.rows {
			down := r.down
			for i, ph := range r.y {
				for o := range r.width {
					dst[m*r.dstPlane()+(row*len(r.y)+i)*r.dstRow()+o] = r.sum(m, row, o, ph.Taps, down)
				}
				down = down[len(ph.Taps):]
			}
		}
	}
	return dst
}

// sum is output o of a row of channel m whose y taps read down rows further.
func (r *trial) sum(m, row, o int, taps []polyphase.Tap, down []int) float32 {
	phase, q := r.x.Position(o)
	sum := r.bs[m*r.plan.Layout().BiasRepeat()]
	for ic := range r.channels {
		for tap, ty := range taps {
			for _, tx := range r.x.Phases[phase].Taps {
				if at := q + tx.Delta; r.plan.Masked && (at < 0 || at >= r.pitch) {
					continue // the row ends there
				}
				w := r.raw.Data[((ic*r.plan.Channels+m)*r.raw.KernelY+ty.Kernel[0])*r.raw.KernelX+tx.Kernel[0]]
				sum += w * r.src[ic*r.srcPlane()+(row+down[tap])*r.pitch+q+(tx.Delta-r.least)*r.apart()]
			}
		}
	}
	return sum
}

// small are layers with halo and without, more phases than taps, phases without
// taps, sections, dilation, several y taps, and whole vectors of phases.
var small = []string{
	"conv_transpose2d_k4s2p1", "conv_transpose2d_k2s2", "conv_transpose1d_k3s2p1", "conv_transpose1d_k1s3", "conv_transpose2d_k5s3p2",
	"conv_transpose1d_k3d2", "conv_transpose2d_k4x7s1x6", "conv_transpose1d_k16s8p4", "conv_transpose1d_k32s16", "conv_transpose1d_k8s4p1_c3x5", "conv_transpose2d_k3", "conv_transpose1d_k1",
	"conv_transpose2d_k4s2p1_c3x1", "conv_transpose2d_k9s3p4o2_c3x1", "conv_transpose2d_k5s2p2_c4x2", "conv_transpose2d_k3x4s5x2d2x1_c3x1", "conv_transpose2d_k4s2p1dw", "conv_transpose2d_k4s2p1_c3x4_i4x4",
}

// TestEvalIsTheDefinition on sizes below and above a tile, cut within a column.
func TestEvalIsTheDefinition(t *testing.T) {
	ran := 0
	for _, name := range small {
		for _, target := range targets {
			for _, size := range [][3]int{{1, 1, 0}, {2, 5, 1}, {2, 19, 0}, {1, 70, 1}, {3, 33, 0}} {
				r := newTrial(t, name, target, size[0], size[1], size[2]%newTrial(t, name, target, 1, 1, 0).x.OutStride)
				require.NoError(t, r.kernel.Eval(r.args(t)), "%s %v %v", name, r.plan, size)
				requireSame(t, r.want(), r.dst, fmt.Sprintf("%s %v %v", name, r.plan, size))
				ran++
			}
		}
	}
	require.Equal(t, len(small)*len(targets)*5, ran)
}

// requireSame compares values; NaN equals NaN: nothing was written there.
func requireSame(t *testing.T, want, got []float32, message string) {
	t.Helper()
	for i := range want {
		if want[i] != got[i] && !(want[i] != want[i] && got[i] != got[i]) {
			require.Fail(t, "outputs differ", "element %d is %v, want %v: %s", i, got[i], want[i], message)
		}
	}
}

// TestNoChannelsStoreTheBias.
func TestNoChannelsStoreTheBias(t *testing.T) {
	for _, name := range small {
		for _, target := range targets {
			r := newTrial(t, name, target, 2, 21, 0)
			r.channels = 0
			r.src, r.weights = nil, nil
			require.NoError(t, r.kernel.Eval(r.args(t)), "%s %v", name, r.plan)
			requireSame(t, r.want(), r.dst, name)
		}
	}
}

// TestShortSlicesAreErrors: a slice one element short is named, with the node.
func TestShortSlicesAreErrors(t *testing.T) {
	for _, name := range small {
		for _, target := range targets {
			for _, c := range []struct {
				slice, node string
				cut         func(*trial)
			}{
				{"dst", `store`, func(r *trial) { r.dst = r.dst[:len(r.dst)-3] }}, // dstRow has two spare elements
				{"weights", `splat|load`, func(r *trial) { r.weights = r.weights[:len(r.weights)-1] }},
				{"bias", `splat|load`, func(r *trial) { r.bs = r.bs[:len(r.bs)-1] }},
				{"src", `splat|load`, func(r *trial) { r.src = r.src[:len(r.src)-r.slack()-1] }},
			} {
				r := newTrial(t, name, target, 2, 20, 0)
				c.cut(r)
				err := r.kernel.Eval(r.args(t))
				require.Error(t, err, "%s %v: short %s", name, r.plan, c.slice)
				require.Regexp(t, `^.*(`+c.node+`).*: elements \[-?\d+,\d+\) of `+c.slice+`, which has \d+$`, err.Error())
			}
		}
	}
}

// TestStringShowsTheNest of g2 of DCGAN: the signature, loops inside loops, the
// phases as polyphase prints them, one multiply-add a line.
func TestStringShowsTheNest(t *testing.T) {
	for _, target := range targets {
		r := newTrial(t, "conv_transpose2d_k4s2p1_c512x256_i4x4", target, 1, 4, 0)
		text := r.kernel.String()
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		require.Regexp(t, `^conv_transpose2d_k4s2p1_c512x256_i4x4\(dst, src, weights, bias \[\]float32; rows, .*\bcols\b.* int\)  lanes \d+$`, lines[0])
		last := 0
		for _, loop := range []string{`for row = 0; row < rows; row \+= 1`, `for col = .*; col \+= \d+`, `for channel = 0; channel < channels; channel \+= 1`, `for tap = 0; tap < taps; tap \+= 1`} {
			depth := regexp.MustCompile(`(?m)^( +)` + loop + `$`).FindStringSubmatch(text)
			require.NotNil(t, depth, "%s in\n%s", loop, text)
			require.Greater(t, len(depth[1]), last, loop)
			last = len(depth[1])
		}
		for _, term := range []string{"phase 0: in[q-1]*w3", "phase 0: in[q]*w1", "phase 1: in[q]*w2", "phase 1: in[q+1]*w0"} {
			require.Contains(t, text, "// "+term+"\n")
		}
		require.Equal(t, target.Lanes > 1, strings.Contains(text, "interleave "))
		product := `w\d+`
		if target.Embedded { // tiles of one vector
			product = `splat wTap\[\d+\]`
		}
		require.Regexp(t, `(?m)^ +a\w+ \+= x\d+ \* `+product+`$`, text)
		require.Regexp(t, `(?m)^ +store out\[\d+\] = a\w+ where kept$`, text)
		for _, line := range lines[1:] {
			require.Regexp(t, `^(    )+\S`, line)
		}
	}
}

// TestBuildsAreEqual: a nest depends on its plan alone.
func TestBuildsAreEqual(t *testing.T) {
	for _, name := range small {
		for _, target := range targets {
			a, b := newTrial(t, name, target, 1, 1, 0), newTrial(t, name, target, 1, 1, 0)
			require.Equal(t, a.kernel, b.kernel)
		}
	}
}
