package schema

// about says what the keys of a layer mean, where an editor shows it.
var about = map[string]string{
	"name":           "Go identifier; up_conv1 gives the constructor NewUpConv1",
	"kernel":         "one size for each spatial axis, outermost first: [16], [4, 4], [3, 3, 3]",
	"stride":         "a number for all axes, or a list; 1 if left out",
	"scale":          "outputs for each input, a number for each axis",
	"padding":        "what conv_transpose and max_unpool crop from the full output and the others add to the input: a number, a list, {begin: , end: }, same_upper, same_lower or valid; 0 if left out",
	"output_padding": "elements added at the end, less than max(stride, dilation); 0 if left out",
	"output_size":    "the wanted sizes, instead of output_padding or scale",
	"dilation":       "distance between kernel elements; 1 if left out",
	"coordinate":     "where an output lies on the input; asymmetric if nearest leaves it out, half_pixel if bilinear does",
	"rounding":       "to which input nearest goes from there; floor with asymmetric, else round_prefer_ceil, if left out",
	"ceil_mode":      "a last window that leaves the input counts, if it starts in it or in the padding before it; false if left out",
	"indices":        "what indices count: the elements of a plane, as in PyTorch, or of the whole tensor, as in ONNX; plane if left out",
	"order":          "channels of a shuffle are [C, block] (crd, PyTorch) or [block, C] (dcr, TensorFlow); crd if left out",
	"interpolation":  "how resize_conv enlarges; nearest if left out",
	"border":         "what resize_conv finds beyond the enlarged input; zero if left out",
	"groups":         "divides both channel counts; 1 if left out",
	"depthwise":      "one group for each channel, instead of groups",
	"in_channels":    "left out: an argument of the constructor",
	"out_channels":   "left out: an argument of the constructor",
	"input":          "sizes of the input; left out: taken from the shape at run time",
	"layout":         "nchw: arrays are [N, C, spatial...]; nhwc: [N, spatial..., C]; nchw if left out",
	"bias":           "false: the constructor takes nil; true if left out",
	"activation":     "none, relu, relu6, leaky_relu(a), prelu, sigmoid, tanh or clamp(lo, hi); none if left out",
	"add":            "true: a residual of the output's shape is added to the sums, before the activation",
}
