package runtime

import (
	"math"
	"slices"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/finish"
	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// tiled computes a 1-D or 2-D layer with a generated kernel. Work is a grid of
// (image, group, strip of rows q, chunk of channel blocks). For each part the
// inputs of the strip are copied once with zero columns between rows, where the
// layer reads beyond a row; then the kernel runs for each y phase and block.
type tiled struct {
	spec    specs.Layer
	kernel  Kernel
	y, x    polyphase.Axis // x in the kernel's frame
	walk    polyphase.Axis // y as calls of the kernel walk it
	depth   depth          // which planes of outputs are computed
	seen    *seen          // nil: the kernel sees the layer's own input
	crop    int            // frame outputs before the first output of a row
	groups  int
	in, out int // channels a group, as the kernel sees them
	packed  pack.Packed
	weights []float32
	bias    []float32 // padded to whole blocks
	least   int       // x taps read columns q+least ...
	most    int       // ... to q+most
	leastY  int
	mostY   int
	border  *border // nil if all weights are finite
	move    move.Mover
	finish  *finish.Finisher // nil: the sums are the outputs
	slopes  []float32        // of prelu, slopesEach for each channel
}

// newTiled returns an engine for each z phase of the layer, of which those with fewer
// axes have one.
func newTiled(l specs.Layer, k Kernel, from parameters) []engine {
	var engines []engine
	for _, z := range filterDepth(&l) {
		t, w := withoutWeights(l, k, z)
		w.Data = z.weights(l, mergeWeights(l, from.weights))
		t.weights = t.packed.Pack(w)
		t.bias = t.packBias(from.bias)
		t.slopes = t.packSlopes(from.slopes)
		if t.padded() && !finite(w.Data) {
			w.Data = slices.Clone(w.Data)
			t.border = &border{x: mergedAxes(&l)[2], weights: w}
		}
		engines = append(engines, t)
	}
	return engines
}

// withoutWeights is what does not depend on the weights, and how they are packed.
func withoutWeights(l specs.Layer, k Kernel, z depth) (*tiled, pack.Weights) {
	axes := mergedAxes(&l)
	t := &tiled{spec: l, kernel: k, groups: l.GroupCount(), move: move.For(k.ISA), depth: z, seen: newSeen(l)}
	t.finish = finish.New(l.Activation, l.Add, k.Tile.Fold > 0 || l.Layout == specs.NHWC && l.OutChannels > 1, k.ISA)
	t.in, t.out = l.InChannels/t.groups*len(z.Taps), l.OutChannels/t.groups
	if k.Tile.Fold > 0 {
		axes = t.fold(axes)
	}
	t.y, t.x = axes[1], k.Pack.Frame(axes[2])
	if k.Pack.Order == pack.Phases {
		_, t.crop = axes[2].Uncropped()
	}
	t.least, t.most = t.x.ReachColumns()
	t.leastY, t.mostY = t.y.Reach()
	t.walk = k.Pack.Walk(t.y)
	w := pack.Weights{Groups: t.groups, In: t.in, Out: t.out, Y: t.y, X: t.x, KernelY: t.y.Taps(), KernelX: t.x.Taps(), OutFirst: l.Op != specs.ConvTranspose}
	t.packed = k.Pack.Plan(w)
	return t, w
}

// fold sees the outputs of a single input as one row of channels, each Tile.Fold
// long.
func (t *tiled) fold(axes [specs.MaxRank]polyphase.Axis) [specs.MaxRank]polyphase.Axis {
	n := t.kernel.Tile.Fold
	t.out = t.out * axes[1].Taps() * axes[2].Taps() / n
	axes[1], axes[2] = polyphase.Trivial(), polyphase.Transposed(polyphase.Geometry{Kernel: n, Stride: n, Dilation: 1})
	return axes
}

// lines is the number of rows of a copy that a row of inputs is: one for the columns
// with each remainder modulo the input stride.
func (t *tiled) lines() int { return t.x.InStride }

// strides reports whether neighbouring outputs read inputs that are further apart.
func (t *tiled) strides() bool { return t.x.InStride*t.y.InStride > 1 }

// rowPhases is the number of y phases that a call of the kernel computes.
func (t *tiled) rowPhases() int { return max(1, t.kernel.Pack.Rows) }

// zeroRows reports whether rows of zeros stand in the copy for those outside the
// input: the kernel takes all y taps of every row.
func (t *tiled) zeroRows() bool { return t.kernel.Tile.Shifted > 0 || t.kernel.Pack.Rows > 0 }

// padded reports whether the kernel reads zeros in place of padding.
func (t *tiled) padded() bool {
	return t.kernel.Tile.Fold == 0 && (t.seen == nil || t.spec.Border == specs.ZeroBorder)
}

// made reports whether the rows that the kernel reads are always a copy.
func (t *tiled) made() bool { return t.seen != nil || t.strides() || t.spec.Rank == specs.MaxRank }

// packBias spreads the bias over whole blocks, repeated for the phases order, and
// over the outputs of a folded channel; without a bias it is 0.
func (t *tiled) packBias(bias []float32) []float32 {
	m, repeat := t.kernel.Pack.Channels, t.kernel.Pack.BiasRepeat()
	padded := make([]float32, t.groups*t.packed.Blocks*m*repeat)
	if n := len(bias); t.kernel.Tile.Fold > 0 && n > 0 {
		each := len(padded) / n
		for i, b := range bias {
			fill(padded[i*each:(i+1)*each], b)
		}
		return padded
	}
	for i, b := range bias {
		at := (i/t.out*t.packed.Blocks*m + i%t.out) * repeat
		fill(padded[at:at+repeat], b)
	}
	return padded
}

func (t *tiled) biasOf(group, block int) []float32 {
	n := t.kernel.Pack.Channels * t.kernel.Pack.BiasRepeat()
	return t.bias[(group*t.packed.Blocks+block)*n:][:n]
}

// finite reports whether no value is an infinity or a NaN. Those have the largest
// exponent; values below 2 do not even have it when their bits are put together.
func finite(values []float32) bool {
	const exponent = 0xff << 23
	bits, rest := uint32(0), values
	for ; len(rest) >= 8; rest = rest[8:] {
		v := (*[8]float32)(rest)
		bits |= math.Float32bits(v[0]) | math.Float32bits(v[1]) | math.Float32bits(v[2]) | math.Float32bits(v[3]) |
			math.Float32bits(v[4]) | math.Float32bits(v[5]) | math.Float32bits(v[6]) | math.Float32bits(v[7])
	}
	if bits&exponent != exponent {
		values = rest
	}
	for _, v := range values {
		if math.Float32bits(v)&exponent == exponent {
			return false
		}
	}
	return true
}
