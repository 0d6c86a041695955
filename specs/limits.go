package specs

const (
	// MaxParameter is the largest kernel, stride, dilation, padding or output
	// padding of one axis.
	MaxParameter = 1 << 16
	// MaxSize is the largest channel count, input size or output size.
	MaxSize = 1<<31 - 1
)

// Limits caps what a layer may cost. A cap of 0 is no cap.
type Limits struct {
	TensorElements int // elements of the input, of the output (for one batch item) and of the weights
	KernelElements int // product of the kernel sizes: each one is an unrolled tap
	Phases         int // product of the strides: each one is a loop nest
}

// DefaultLimits are the caps of Layer.Validate.
func DefaultLimits() Limits {
	return Limits{TensorElements: 1<<31 - 1, KernelElements: 1 << 14, Phases: 1 << 12}
}
