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
	Bias        bool
}

// Spatial returns the axes that the layer has, outermost first. A layer of an
// impossible rank, which Validate reports, has those of the nearest possible one.
func (l *Layer) Spatial() []Axis { return l.Axes[:min(max(l.Rank, 0), MaxRank)] }
