// Package specs owns what a user says about a layer: its fields, their
// validation, the shapes that follow from them and the layer's canonical name.
//
// It knows nothing of phases, vector lanes, Go text or assembly, and it imports
// the standard library alone, because generated code and the runtime import it.
package specs

// MaxRank is the largest number of spatial axes a layer can have.
const MaxRank = 3

// Padding says how the padding of a layer was given.
type Padding string

const (
	// Explicit padding is PadBegin and PadEnd of each Axis: what conv_transpose and
	// max_unpool crop from the full output, and what the others add to the input.
	Explicit Padding = ""
	// SameUpper makes the output stride times the input (or OutputSize); an odd
	// total crops one more element at the end (ONNX auto_pad SAME_UPPER). For conv
	// and max_pool it makes the output the input divided by the stride, rounded up,
	// and an odd total adds one more element at the end.
	SameUpper Padding = "same_upper"
	// SameLower is SameUpper with the odd element at the beginning.
	SameLower Padding = "same_lower"
	// Valid crops or adds nothing.
	Valid Padding = "valid"
)

// Layout is the order in which a layer's input and output lie in memory. It says
// nothing of the weights, whose order is the same for both.
type Layout string

const (
	// NCHW arrays are [N, C, spatial...]: one plane for each channel.
	NCHW Layout = ""
	// NHWC arrays are [N, spatial..., C]: the channels of a position are neighbours.
	NHWC Layout = "nhwc"
)

// Shape is the shape of an array: batch, channels and spatial sizes in the
// layout's order.
func (o Layout) Shape(batch, channels int, sizes ...int) []int {
	if o == NHWC {
		return append(append([]int{batch}, sizes...), channels)
	}
	return append([]int{batch, channels}, sizes...)
}

// Parts takes a shape of at least two dimensions apart: Shape undoes it.
func (o Layout) Parts(shape []int) (batch, channels int, sizes []int) {
	last := len(shape) - 1
	if o == NHWC {
		return shape[0], shape[last], shape[1:last]
	}
	return shape[0], shape[1], shape[2:]
}

// Axis holds the parameters of one spatial axis. Zero means "not given" for
// Scale, OutputSize and Input, and for what the op does not take; the other
// fields hold their value.
type Axis struct {
	Kernel        int // kernel elements
	Stride        int // output elements per input element; with conv and max_pool, input elements per output
	Scale         int // output elements per input element of a resize or a block
	Dilation      int // distance between kernel elements on the output; with conv, resize_conv and max_pool, on the input
	PadBegin      int // elements cropped from the output or added to the input at the beginning
	PadEnd        int // the same at the end
	OutputPadding int // output elements added at the end
	OutputSize    int // wanted output elements; 0: follows from the rest
	Input         int // input elements; 0: given at run time
}

// Layer is one layer as a user specified it. It is comparable: two layers that
// compute the same thing in the same way are equal once Name is cleared.
//
// Which fields a layer uses follows from its Op: see Op.Takes. Those of keys that
// it does not take are zero.
type Layer struct {
	Name        string // the user's name for it, such as "up1"
	Op          Op
	Rank        int           // number of spatial axes, 1 to MaxRank
	Axes        [MaxRank]Axis // outermost first; entries from Rank on are zero
	Padding     Padding
	Groups      int  // 0 when Depthwise
	Depthwise   bool // one group per channel, whatever the channel count
	InChannels  int  // 0: given at run time
	OutChannels int  // 0: given at run time
	Layout      Layout
	Bias        bool

	Coordinate    Coordinate
	Rounding      Rounding
	CeilMode      bool // a last window that leaves the input counts too
	Indices       Indices
	Order         Order
	Interpolation Interpolation
	Border        Border

	Add        bool // a residual of the output's shape is added, before the activation
	Activation Activation
}

// Spatial returns the axes that the layer has, outermost first. A layer of an
// impossible rank, which Validate reports, has those of the nearest possible one.
func (l *Layer) Spatial() []Axis { return l.Axes[:min(max(l.Rank, 0), MaxRank)] }

// NewLayer returns a layer of the op with every field that has a default at it:
// the kernel, or what else gives the op its shape, is still missing.
func NewLayer(op Op, rank int) Layer {
	l := Layer{Op: op, Rank: rank, Bias: op.Takes("bias")}
	if op.Takes("groups") {
		l.Groups = 1
	}
	for i := range l.Spatial() {
		if op.Takes("stride") {
			l.Axes[i].Stride = 1
		}
		if op.Takes("dilation") {
			l.Axes[i].Dilation = 1
		}
	}
	for _, c := range op.Choices() {
		c.Default(&l)
	}
	return l
}

// Sums returns the layer without what becomes of its sums, the residual and the
// activation: kernels compute those, and serve all layers with the same ones.
func (l Layer) Sums() Layer {
	l.Add, l.Activation = false, Activation{}
	return l
}

// WithChannels returns the layer with a missing channel count that follows from
// the other one: of depthwise layers, of ops that keep their channels, and of
// those that turn channels into pixels.
func (l Layer) WithChannels() Layer {
	in, out := &l.InChannels, &l.OutChannels
	block := l.blockSize()
	switch {
	case l.Depthwise || l.Op.KeepsChannels():
		*in, *out = either(*in, *out), either(*out, *in)
	case l.Op == PixelShuffle:
		*in, *out = either(*in, times(*out, block)), either(*out, part(*in, block))
	case l.Op == PixelUnshuffle:
		*in, *out = either(*in, part(*out, block)), either(*out, times(*in, block))
	}
	return l
}

// either is n, or where that is not given, other.
func either(n, other int) int {
	if n == 0 {
		return max(other, 0)
	}
	return n
}

// times is the product, or 0 where that is no channel count.
func times(n, block int) int {
	if p, ok := Product(max(n, 0), block); ok && p <= MaxSize {
		return p
	}
	return 0
}

// part is n divided by the block where that goes.
func part(n, block int) int {
	if n < 0 || block < 1 || n%block != 0 {
		return 0
	}
	return n / block
}

// blockSize is the product of the scales, 0 when they overflow or are faulty.
func (l *Layer) blockSize() int {
	block := 1
	for _, a := range l.Spatial() {
		var ok bool
		if block, ok = Product(block, a.Scale); !ok {
			return 0
		}
	}
	return block
}
