package golang

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/upconv/upconv/specs"
)

// layersFile declares the layers and their constructors.
func layersFile(t Table) ([]byte, error) {
	f := newFile(t.Package, t.Header)
	f.Comment("Layers lists the layers of the spec, in its order.")
	f.Func().Id("Layers").Params().Index().Qual(specsPath, "Layer").Block(
		jen.Return(jen.Index().Qual(specsPath, "Layer").ValuesFunc(func(g *jen.Group) {
			for _, l := range t.Layers {
				g.Id(layerFunc(l.Name)).Call()
			}
		})),
	)
	for _, l := range t.Layers {
		constructor(f, l)
		f.Func().Id(layerFunc(l.Name)).Params().Qual(specsPath, "Layer").Block(jen.Return(layerLiteral(l)))
	}
	return render(f)
}

// constructor prints the function that builds one layer.
func constructor(f *jen.File, l specs.Layer) {
	name := "New" + specs.GoName(l.Name)
	for _, line := range constructorDoc(name, l) {
		f.Comment(line)
	}
	free := freeChannels(l)
	params := []jen.Code{}
	if len(free) > 0 {
		params = append(params, names(free).Int())
	}
	if l.Op.Weighted() {
		params = append(params, jen.List(jen.Id("weights"), jen.Id("bias")).Index().Float32())
	}
	params = append(params, jen.Id("opts").Op("...").Qual(runtimePath, "Option"))
	f.Func().Id(name).Params(params...).Params(jen.Op("*").Qual(runtimePath, "Layer"), jen.Error()).BlockFunc(func(g *jen.Group) {
		g.List(jen.Id("r"), jen.Err()).Op(":=").Qual(runtimePath, "NewRegistry").Call(jen.Id("Kernels").Call())
		g.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err()))
		g.Id("l").Op(":=").Id(layerFunc(l.Name)).Call()
		for _, field := range []struct{ name, param string }{{"InChannels", "inChannels"}, {"OutChannels", "outChannels"}} {
			setChannels(g, field.name, field.param, l, free)
		}
		if l.Op.Weighted() {
			g.Return(jen.Id("r").Dot("New").Call(jen.Id("l"), jen.Id("weights"), jen.Id("bias"), options(l).Op("...")))
			return
		}
		if len(free) > 0 && !l.Op.KeepsChannels() {
			g.Id("l").Op("=").Id("l").Dot("WithChannels").Call()
		}
		g.Return(jen.Id("r").Dot("New").Call(jen.Id("l"), jen.Nil(), jen.Nil(), options(l).Op("...")))
	})
}

// options are those of the caller, and of a layer that was generated beyond a default cap
// that there is none.
func options(l specs.Layer) *jen.Statement {
	opts := jen.Id("opts")
	if len(l.Validate()) == 0 {
		return opts
	}
	uncapped := jen.Qual(runtimePath, "WithLimits").Call(jen.Qual(specsPath, "Limits").Values())
	return jen.Append(jen.Index().Qual(runtimePath, "Option").Values(uncapped), opts.Op("..."))
}

// freeChannels are the channel counts that the constructor asks for.
func freeChannels(l specs.Layer) (params []string) {
	if l.Depthwise || l.Op.KeepsChannels() {
		if l.InChannels == 0 {
			params = append(params, "channels")
		}
		return params
	}
	if !l.Op.Weighted() { // the other count follows
		if l.InChannels == 0 {
			params = append(params, "inChannels")
		}
		return params
	}
	if l.InChannels == 0 {
		params = append(params, "inChannels")
	}
	if l.OutChannels == 0 {
		params = append(params, "outChannels")
	}
	return params
}

// setChannels prints l.InChannels = inChannels for a free channel count.
func setChannels(g *jen.Group, field, param string, l specs.Layer, free []string) {
	for _, f := range free {
		if f == param || f == "channels" {
			g.Id("l").Dot(field).Op("=").Id(f)
		}
	}
}

func constructorDoc(name string, l specs.Layer) []string {
	doc := []string{fmt.Sprintf("%s builds layer %s, %s.", name, l.Name, l.Canonical())}
	if l.Op.Weighted() {
		bias := "bias has one value for each output channel, or is nil."
		if !l.Bias {
			bias = "the layer has no bias: pass nil."
		}
		doc = []string{
			fmt.Sprintf("%s builds layer %s, %s, from its weights", name, l.Name, l.Canonical()),
			fmt.Sprintf("%s; %s", weightsDoc(l), bias),
		}
	}
	for _, line := range []struct {
		holds bool
		text  string
	}{
		{l.Activation.Function == specs.PReLU, "Prelu wants runtime.WithSlopes, one for each output channel."},
		{l.Add, "Run it with a residual: runtime.Args."},
		{l.Op == specs.MaxPool, "Run it with Args.Indices where the places of the maxima are wanted."},
		{l.Op == specs.MaxUnpool, "Run it with Args.Indices or Args.Indices32."},
		{l.Layout == specs.NHWC, "Forward's arrays are [N, spatial..., C]."},
	} {
		if line.holds {
			doc = append(doc, line.text)
		}
	}
	return doc
}

// weightsDoc prints [C_in, C_out/groups, k...], or [C_out, C_in/groups, k...], with
// the numbers that are known.
func weightsDoc(l specs.Layer) string {
	whole, part := counted{"C_in", l.InChannels}, counted{"C_out", l.OutChannels}
	if l.Op != specs.ConvTranspose {
		whole, part = part, whole
	}
	s := fmt.Sprintf("[%s, %s", whole.over(1), part.over(l.Groups))
	for _, a := range l.Spatial() {
		s += fmt.Sprintf(", %d", a.Kernel)
	}
	return s + "]"
}

// counted is a channel count, 0 where it is free, and its name.
type counted struct {
	name string
	n    int
}

// over is the count of one of some groups; a depthwise layer has 0.
func (c counted) over(groups int) string {
	switch {
	case groups == 0:
		return "1"
	case c.n != 0:
		return fmt.Sprint(c.n / groups)
	case groups > 1:
		return fmt.Sprintf("%s/%d", c.name, groups)
	}
	return c.name
}

// layerLiteral prints a specs.Layer without its zero fields.
func layerLiteral(l specs.Layer) *jen.Statement {
	fields := []jen.Code{
		jen.Id("Name").Op(":").Lit(l.Name),
		jen.Id("Op").Op(":").Qual(specsPath, opNames[l.Op]),
		jen.Id("Rank").Op(":").Lit(l.Rank),
		jen.Id("Axes").Op(":").Index(jen.Qual(specsPath, "MaxRank")).Qual(specsPath, "Axis").ValuesFunc(func(g *jen.Group) {
			for _, a := range l.Spatial() {
				g.Line().Values(axisFields(a)...)
			}
			g.Line()
		}),
	}
	if l.Padding != specs.Explicit {
		fields = append(fields, jen.Id("Padding").Op(":").Qual(specsPath, paddingNames[l.Padding]))
	}
	fields = appendInts(fields, []field{{"Groups", l.Groups}, {"InChannels", l.InChannels}, {"OutChannels", l.OutChannels}})
	if l.Layout == specs.NHWC {
		fields = append(fields, jen.Id("Layout").Op(":").Qual(specsPath, "NHWC"))
	}
	if l.Depthwise {
		fields = append(fields, jen.Id("Depthwise").Op(":").True())
	}
	if l.Bias {
		fields = append(fields, jen.Id("Bias").Op(":").True())
	}
	fields = append(fields, choiceFields(l)...)
	if l.CeilMode {
		fields = append(fields, jen.Id("CeilMode").Op(":").True())
	}
	if l.Add {
		fields = append(fields, jen.Id("Add").Op(":").True())
	}
	if l.Activation.Function != specs.None {
		fields = append(fields, jen.Id("Activation").Op(":").Qual(specsPath, "Activation").Values(activationFields(l.Activation)...))
	}
	return jen.Qual(specsPath, "Layer").Values(fields...)
}

// activationFields prints an activation without its zero numbers.
func activationFields(a specs.Activation) []jen.Code {
	fields := []jen.Code{jen.Id("Function").Op(":").Qual(specsPath, functionNames[a.Function])}
	for _, n := range []struct {
		name  string
		value float32
	}{{"A", a.A}, {"B", a.B}} {
		if n.value != 0 {
			fields = append(fields, jen.Id(n.name).Op(":").Lit(float64(n.value)))
		}
	}
	return fields
}

// choiceFields prints the words of a layer that are not those of the zero value.
func choiceFields(l specs.Layer) (fields []jen.Code) {
	for _, f := range []struct{ name, constant string }{
		{"Coordinate", coordinateNames[l.Coordinate]}, {"Rounding", roundingNames[l.Rounding]},
		{"Indices", map[specs.Indices]string{specs.TensorIndices: "TensorIndices"}[l.Indices]},
		{"Order", map[specs.Order]string{specs.DCR: "DCR"}[l.Order]},
		{"Interpolation", map[specs.Interpolation]string{specs.InterpolateBilinear: "InterpolateBilinear"}[l.Interpolation]},
		{"Border", map[specs.Border]string{specs.Reflect: "Reflect", specs.Replicate: "Replicate"}[l.Border]},
	} {
		if f.constant != "" {
			fields = append(fields, jen.Id(f.name).Op(":").Qual(specsPath, f.constant))
		}
	}
	return fields
}

// The names of the constants of package specs.
var (
	functionNames = map[specs.Function]string{
		specs.ReLU: "ReLU", specs.ReLU6: "ReLU6", specs.LeakyReLU: "LeakyReLU", specs.PReLU: "PReLU",
		specs.Sigmoid: "Sigmoid", specs.Tanh: "Tanh", specs.Clamp: "Clamp",
	}
	coordinateNames = map[specs.Coordinate]string{
		specs.Asymmetric: "Asymmetric", specs.HalfPixel: "HalfPixel", specs.AlignCorners: "AlignCorners",
	}
	roundingNames = map[specs.Rounding]string{
		specs.Floor: "Floor", specs.Ceil: "Ceil", specs.RoundPreferFloor: "RoundPreferFloor", specs.RoundPreferCeil: "RoundPreferCeil",
	}
)

var (
	opNames = map[specs.Op]string{
		specs.ConvTranspose: "ConvTranspose", specs.Conv: "Conv", specs.Nearest: "Nearest", specs.Bilinear: "Bilinear", specs.BedOfNails: "BedOfNails",
		specs.MaxPool: "MaxPool", specs.MaxUnpool: "MaxUnpool", specs.PixelShuffle: "PixelShuffle", specs.PixelUnshuffle: "PixelUnshuffle",
		specs.ResizeConv: "ResizeConv",
	}
	paddingNames = map[specs.Padding]string{specs.SameUpper: "SameUpper", specs.SameLower: "SameLower", specs.Valid: "Valid"}
)

type field struct {
	name  string
	value int
}

func appendInts(codes []jen.Code, fields []field) []jen.Code {
	for _, f := range fields {
		if f.value != 0 {
			codes = append(codes, jen.Id(f.name).Op(":").Lit(f.value))
		}
	}
	return codes
}

func axisFields(a specs.Axis) []jen.Code {
	return appendInts(nil, []field{
		{"Kernel", a.Kernel}, {"Stride", a.Stride}, {"Scale", a.Scale}, {"Dilation", a.Dilation}, {"PadBegin", a.PadBegin}, {"PadEnd", a.PadEnd},
		{"OutputPadding", a.OutputPadding}, {"OutputSize", a.OutputSize}, {"Input", a.Input},
	})
}
