// Package specs owns what a user says about a layer: its fields, their
// validation, the shapes that follow from them and the layer's canonical name.
//
// It knows nothing of phases, vector lanes, Go text or assembly, and it imports
// the standard library alone, because generated code and the runtime import it.
package specs

// MaxRank is the largest number of spatial axes a layer can have.
const MaxRank = 3

// Op names the operation of a layer.
type Op string

// ConvTranspose is the transposed convolution: every input element stamps the
// kernel, scaled by its value, onto the output; overlapping stamps add up.
// Weights are [C_in, C_out/groups, k...] (PyTorch ConvTranspose{1,2,3}d, ONNX
// ConvTranspose).
const ConvTranspose Op = "conv_transpose"

// Padding says how the padding of a layer was given.
type Padding string

const (
	// Explicit padding crops PadBegin and PadEnd of each Axis from the full
	// output.
	Explicit Padding = ""
	// SameUpper makes the output stride times the input (or OutputSize); an odd
	// total crops one more element at the end (ONNX auto_pad SAME_UPPER).
	SameUpper Padding = "same_upper"
	// SameLower is SameUpper with the odd element cropped at the beginning.
	SameLower Padding = "same_lower"
	// Valid crops nothing.
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
// OutputSize and Input; the other fields hold their value.
type Axis struct {
	Kernel        int // kernel elements
	Stride        int // output elements per input element
	Dilation      int // distance between kernel elements on the output
	PadBegin      int // output elements cropped at the beginning
	PadEnd        int // output elements cropped at the end
	OutputPadding int // output elements added at the end
	OutputSize    int // wanted output elements; 0: follows from the rest
	Input         int // input elements; 0: given at run time
}

// Layer is one layer as a user specified it. It is comparable: two layers that
// compute the same thing in the same way are equal once Name is cleared.
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
}

// Spatial returns the axes that the layer has, outermost first. A layer of an
// impossible rank, which Validate reports, has those of the nearest possible one.
func (l *Layer) Spatial() []Axis { return l.Axes[:min(max(l.Rank, 0), MaxRank)] }
