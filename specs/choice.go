package specs

import "strings"

// Coordinate says where on the input an output of a resize lies; in and out are
// the sizes of an axis, o counts outputs.
type Coordinate string

const (
	// Asymmetric is o*in/out (PyTorch nearest).
	Asymmetric Coordinate = "asymmetric"
	// HalfPixel is (o+1/2)*in/out - 1/2 (PyTorch nearest-exact, and bilinear with
	// align_corners=False).
	HalfPixel Coordinate = "half_pixel"
	// AlignCorners is o*(in-1)/(out-1), or 0 for a single output.
	AlignCorners Coordinate = "align_corners"
)

// Rounding says which input is the nearest; ties are coordinates half-way between
// two inputs.
type Rounding string

const (
	Floor            Rounding = "floor"              // the one before
	Ceil             Rounding = "ceil"               // the one after
	RoundPreferFloor Rounding = "round_prefer_floor" // the nearer one, of ties the first
	RoundPreferCeil  Rounding = "round_prefer_ceil"  // the nearer one, of ties the second
)

// Indices says what an index of a maximum counts.
type Indices string

const (
	PlaneIndices  Indices = ""       // elements of the plane of one channel (PyTorch)
	TensorIndices Indices = "tensor" // elements of the whole array, as it lies in memory (ONNX)
)

// Order says which channel becomes which pixel of a block.
type Order string

const (
	CRD Order = ""    // C_in = [C_out, block...] (PyTorch)
	DCR Order = "dcr" // C_in = [block..., C_out] (TensorFlow)
)

// Interpolation says how a ResizeConv enlarges.
type Interpolation string

const (
	InterpolateNearest  Interpolation = ""         // Nearest, Asymmetric, Floor
	InterpolateBilinear Interpolation = "bilinear" // Bilinear, HalfPixel
)

// Border says what a ResizeConv finds beyond the enlarged input.
type Border string

const (
	ZeroBorder Border = ""          // nothing: no term
	Reflect    Border = "reflect"   // the inputs mirrored at the outermost one
	Replicate  Border = "replicate" // the outermost input
)

// Choice is a key of a spec whose value is one of a few words.
type Choice struct {
	Key     string
	values  []choiceValue
	get     func(*Layer) string
	set     func(*Layer, string)
	initial func(*Layer) string // the value of a layer that does not say
}

// choiceValue is one value: as a spec spells it, as a layer holds it, and as a
// canonical name spells it where it is not the initial one.
type choiceValue struct{ text, stored, word string }

func choiceOf[T ~string](key string, of func(*Layer) *T, initial func(*Layer) T, values ...choiceValue) Choice {
	return Choice{
		Key: key, values: values,
		get:     func(l *Layer) string { return string(*of(l)) },
		set:     func(l *Layer, v string) { *of(l) = T(v) },
		initial: func(l *Layer) string { return string(initial(l)) },
	}
}

func first[T ~string](*Layer) T { return "" }

// choices are in the order of a canonical name.
var choices = []Choice{
	choiceOf("coordinate", func(l *Layer) *Coordinate { return &l.Coordinate }, usualCoordinate,
		choiceValue{"asymmetric", "asymmetric", "asymmetric"}, choiceValue{"half_pixel", "half_pixel", "halfpixel"},
		choiceValue{"align_corners", "align_corners", "aligncorners"}),
	choiceOf("rounding", func(l *Layer) *Rounding { return &l.Rounding }, usualRounding,
		choiceValue{"floor", "floor", "floor"}, choiceValue{"ceil", "ceil", "ceil"},
		choiceValue{"round_prefer_floor", "round_prefer_floor", "preferfloor"},
		choiceValue{"round_prefer_ceil", "round_prefer_ceil", "preferceil"}),
	choiceOf("indices", func(l *Layer) *Indices { return &l.Indices }, first,
		choiceValue{"plane", "", ""}, choiceValue{"tensor", "tensor", "tensor"}),
	choiceOf("order", func(l *Layer) *Order { return &l.Order }, first,
		choiceValue{"crd", "", ""}, choiceValue{"dcr", "dcr", "dcr"}),
	choiceOf("interpolation", func(l *Layer) *Interpolation { return &l.Interpolation }, first,
		choiceValue{"nearest", "", ""}, choiceValue{"bilinear", "bilinear", "bilinear"}),
	choiceOf("border", func(l *Layer) *Border { return &l.Border }, first,
		choiceValue{"zero", "", ""}, choiceValue{"reflect", "reflect", "reflect"}, choiceValue{"replicate", "replicate", "replicate"}),
	choiceOf("layout", func(l *Layer) *Layout { return &l.Layout }, first,
		choiceValue{"nchw", "", ""}, choiceValue{"nhwc", "nhwc", "_nhwc"}),
}

// usualCoordinate is PyTorch's.
func usualCoordinate(l *Layer) Coordinate {
	if l.Op == Bilinear {
		return HalfPixel
	}
	return Asymmetric
}

// usualRounding is PyTorch's: floor for nearest, and what nearest-exact amounts to.
func usualRounding(l *Layer) Rounding {
	if l.Coordinate == Asymmetric {
		return Floor
	}
	return RoundPreferCeil
}

// Choices lists the choices that a layer of the op has; one may depend on those
// before it.
func (o Op) Choices() (list []Choice) {
	for _, c := range choices {
		if o.Takes(c.Key) {
			list = append(list, c)
		}
	}
	return list
}

// Default sets the value of a layer that does not say.
func (c Choice) Default(l *Layer) { c.set(l, c.initial(l)) }

// Set sets the value that a spec spells; ok is false for a word that is none.
func (c Choice) Set(l *Layer, text string) (ok bool) {
	for _, v := range c.values {
		if v.text == text {
			c.set(l, v.stored)
			return true
		}
	}
	return false
}

// Text is the layer's value as a spec spells it; initial says that it is the one
// of a layer that does not say.
func (c Choice) Text(l *Layer) (text string, initial bool) {
	for _, v := range c.values {
		if v.stored == c.get(l) {
			text = v.text
		}
	}
	return text, c.get(l) == c.initial(l)
}

// Values lists the words of the choice in a message.
func (c Choice) Values() string {
	var words []string
	for _, v := range c.values {
		words = append(words, v.text)
	}
	return strings.Join(words, ", ")
}

// sound reports whether the layer holds one of the values.
func (c Choice) sound(l *Layer) bool {
	for _, v := range c.values {
		if v.stored == c.get(l) {
			return true
		}
	}
	return false
}

// spell writes the value in a canonical name: nothing for the initial one.
func (c Choice) spell(l *Layer) string {
	if c.get(l) == c.initial(l) {
		return ""
	}
	for _, v := range c.values {
		if v.stored == c.get(l) {
			return v.word
		}
	}
	return ""
}
