package gen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/runtime/activate"
	"github.com/upconv/upconv/specs"
)

// FinishSource is where the headers of the Finish files say they come from.
const FinishSource = "gen/finish.go"

// Finish returns the files of package runtime/finish: for each vector instruction set
// the functions that apply activations to rows, and those that add a residual before.
func Finish() ([]File, error) {
	var files []File
	for _, t := range []plan.Target{plan.AVX2, plan.AVX512} {
		var text []byte
		for _, f := range finishers {
			for _, add := range []bool{false, true} {
				out, err := f.tried(t, add)
				if err != nil {
					return nil, err
				}
				if len(text) > 0 {
					text = append(text, '\n')
				}
				text = append(text, out.Text...)
			}
		}
		files = append(files, File{Name: t.Name + "_amd64.s", Data: assemblyFile(FinishSource, t.Name, text)})
	}
	return files, nil
}

// finisher is a function of an element and of parameters.
type finisher struct {
	name    string
	vectors int                                             // of a step of a long row
	begin   []nest.Node                                     // once a call; cursor p is at the parameters
	each    bool                                            // every element of a row has a parameter of its own
	apply   func(f *formula, x string)                      // x becomes the function of it
	params  func(width int, draw []float32) (all []float32) // of a trial, from random numbers
	meaning specs.Activation                                // of it, with these parameters
}

// finishers, whose parameters are: the limits; a slope; a slope for each element of a
// row; the constants of package activate.
var finishers = []finisher{
	{name: "clamp", vectors: 4, begin: []nest.Node{parameter("lo", 0), parameter("hi", 1)}, apply: clampFormula,
		params: func(int, []float32) []float32 { return []float32{-0.5, 0.25} }, meaning: specs.Activation{Function: specs.Clamp, A: -0.5, B: 0.25}},
	{name: "scale", vectors: 4, begin: []nest.Node{parameter("slope", 0), nest.Zero{Dst: "zero"}}, apply: scaleFormula,
		params: func(int, []float32) []float32 { return []float32{-1.5} }, meaning: specs.Activation{Function: specs.LeakyReLU, A: -1.5}},
	{name: "slopes", vectors: 1, begin: []nest.Node{nest.Zero{Dst: "zero"}}, each: true, apply: scaleFormula,
		params: func(width int, draw []float32) []float32 { return draw[:width] }, meaning: specs.Activation{Function: specs.PReLU}},
	{name: "sigmoid", vectors: 1, begin: []nest.Node{nest.Zero{Dst: "zero"}}, apply: sigmoidFormula,
		params: func(int, []float32) []float32 { return activate.Constants() }, meaning: specs.Activation{Function: specs.Sigmoid}},
	{name: "tanh", vectors: 1, begin: []nest.Node{nest.Zero{Dst: "zero"}}, apply: tanhFormula,
		params: func(int, []float32) []float32 { return activate.Constants() }, meaning: specs.Activation{Function: specs.Tanh}},
}

// parameter fills a register with a parameter.
func parameter(name string, at int) nest.Node {
	return nest.Splat{Dst: name, From: nest.Ref{Cursor: "p", Disp: at}}
}

func (f finisher) tried(t plan.Target, add bool) (asm.Output, error) {
	k := f.kernel(t, add)
	return tried(k, t, f.calls(t, add))
}

// kernel finishes rows of whole+tail elements, where whole is a multiple of the
// lanes and tail less. Rows lie dstRow apart in dst, and in residual likewise.
func (f finisher) kernel(t plan.Target, add bool) nest.Kernel {
	name := f.name + "_" + t.Name
	row := []nest.Node{nest.Point{Cursor: "d", From: "dRow"}}
	begin := slices.Clone(f.begin)
	if !f.each {
		begin = slices.Insert(begin, 0, nest.Node(nest.Point{Cursor: "p", From: "params"}))
	}
	begin = append(begin, nest.Mask{Dst: "inTail", Limit: "tail"}, nest.Point{Cursor: "dRow", From: "dst"})
	end := []nest.Node{nest.Advance{Cursor: "dRow", Dim: "dstRow", Times: 1}}
	if add {
		name = "add_" + name
		row = append(row, nest.Point{Cursor: "r", From: "rRow"})
		begin = append(begin, nest.Point{Cursor: "rRow", From: "residual"})
		end = append(end, nest.Advance{Cursor: "rRow", Dim: "dstRow", Times: 1})
	}
	if f.each {
		row = append(row, nest.Point{Cursor: "p", From: "params"})
	}
	if f.vectors > 1 {
		row = append(row, f.loop(t, f.vectors, add))
	}
	one := f.loop(t, 1, add)
	one.Continue = f.vectors > 1
	row = append(row, one, nest.If{Arg: "tail", Body: f.vector(0, add, "inTail")})
	row = append(row, end...)
	return nest.Kernel{
		Name: name, Lanes: t.Lanes,
		Slices: []string{"dst", "residual", "params"}, Ints: []string{"rows", "whole", "tail", "dstRow"},
		Body: append(begin, nest.Loop{Var: "row", To: "rows", Step: 1, Body: row}),
	}
}

// loop finishes vectors a step.
func (f finisher) loop(t plan.Target, vectors int, add bool) nest.Loop {
	var body []nest.Node
	for v := range vectors {
		body = append(body, f.vector(v*t.Lanes, add, "")...)
	}
	for _, cursor := range f.cursors(add) {
		body = append(body, nest.Advance{Cursor: cursor, Times: vectors * t.Lanes})
	}
	return nest.Loop{Var: "col", To: "whole", Step: vectors * t.Lanes, Body: body}
}

// cursors are those that walk along a row.
func (f finisher) cursors(add bool) []string {
	list := []string{"d"}
	if add {
		list = append(list, "r")
	}
	if f.each {
		list = append(list, "p")
	}
	return list
}

// vector finishes the vector that begins at elements after the cursors.
func (f finisher) vector(at int, add bool, mask string) []nest.Node {
	load := func(dst, cursor string) nest.Node {
		return nest.Load{Dst: dst, From: nest.Ref{Cursor: cursor, Disp: at}, Mask: mask}
	}
	x := fmt.Sprintf("x%d", at)
	nodes := []nest.Node{load(x, "d")}
	if add {
		nodes = append(nodes, load("more", "r"), nest.Compute{Dst: x, Op: nest.Add, A: x, B: "more"})
	}
	if f.each {
		nodes = append(nodes, load("slope", "p"))
	}
	var body formula
	f.apply(&body, x)
	return append(append(nodes, body.nodes...), nest.Store{To: nest.Ref{Cursor: "d", Disp: at}, Src: x, Mask: mask})
}

// calls try each number of whole vectors that the two loops can leave to each other
// and each tail, and a long row, with numbers of every size and with those that are none.
func (f finisher) calls(t plan.Target, add bool) (calls []trial.Call) {
	for n := range 2*t.Lanes + 1 {
		const rows = 5
		whole, tail := (n+n/t.Lanes)%(2*f.vectors+2)*t.Lanes, n%t.Lanes // no tail after some vectors, too
		if n == 2*t.Lanes {                                             // so many steps that one of another length is a vector off
			whole = (f.vectors*t.Lanes + 1) * t.Lanes
		}
		width := whole + tail
		row := width + 2
		outputs := make([]bool, rows*row-2)
		for i := range outputs {
			outputs[i] = i%row < width
		}
		c := trial.Draw([]int{rows, whole, tail, row}, outputs, rows*row-2, width)
		c.Sums = true
		c.Args.Slices[2] = f.params(width, c.Args.Slices[2])
		for i := range c.Args.Slices[0] {
			c.Args.Slices[0][i] = finishInputs[(i+5*n)%len(finishInputs)]
		}
		other := ofEverySize(c, n)
		for _, c := range []trial.Call{c, other, nearOne(c, n), betweenPowers(c, n)} {
			c.Want = f.finished(c, add)
			calls = append(calls, c)
		}
	}
	none := trial.Draw([]int{0, t.Lanes, 1, t.Lanes}, nil, 0, t.Lanes+1)
	none.Args.Slices[2] = f.params(t.Lanes+1, none.Args.Slices[2])
	return append(calls, none)
}

// finished is what a call has to leave in dst: what package activate makes of each row.
func (f finisher) finished(c trial.Call, add bool) []float32 {
	dst, residual, params := slices.Clone(c.Args.Slices[0]), c.Args.Slices[1], c.Args.Slices[2]
	rows, width, apart := c.Args.Ints[0], c.Args.Ints[1]+c.Args.Ints[2], c.Args.Ints[3]
	for r := range rows {
		row := dst[r*apart:][:width]
		if add {
			for i := range row {
				row[i] += residual[r*apart+i]
			}
		}
		activate.Apply(f.meaning, row, params)
	}
	return dst
}

// ofEverySize is the call with numbers from 2^-12 to 2^7 of either sign in every lane.
func ofEverySize(c trial.Call, seed int) trial.Call {
	r := rand.New(rand.NewPCG(uint64(seed), 2))
	return drawn(c, func() float64 { return math.Ldexp(2*r.Float64()-1, r.IntN(20)-12) })
}

// nearOne is the call with numbers where functions have most of their bits.
func nearOne(c trial.Call, seed int) trial.Call {
	r := rand.New(rand.NewPCG(uint64(seed), 3))
	return drawn(c, func() float64 { return 4*r.Float64() - 2 })
}

// betweenPowers is the call with numbers near multiples of ln 2 / 4: of those between powers of
// 2, for e^x or e^2x, the last terms of its polynomial count most.
func betweenPowers(c trial.Call, seed int) trial.Call {
	r := rand.New(rand.NewPCG(uint64(seed), 4))
	return drawn(c, func() float64 {
		return math.Ln2 / 4 * (float64(r.IntN(33)-16) + (r.Float64()-0.5)/16)
	})
}

// drawn is the call with other numbers.
func drawn(c trial.Call, number func() float64) trial.Call {
	c.Args.Slices = slices.Clone(c.Args.Slices)
	c.Args.Slices[0] = make([]float32, len(c.Outputs))
	for i := range c.Args.Slices[0] {
		c.Args.Slices[0][i] = float32(number())
	}
	return c
}

// finishInputs are what functions distinguish: both sides of every limit, the ends
// of exp, zeros, denormals, infinities and NaN.
var finishInputs = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 0.3, -0.3, 0.6249, 0.6251, -0.6249, -0.6251, 0.25, -0.5, 7, -7,
	17.3, -17.3, 51.9, -51.9, 52.1, -52.1, 87.5, -87.5, 103.9, -103.9, 104.1, -104.1, 1e-40, -1e-40, 3e38, -3e38,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
}
