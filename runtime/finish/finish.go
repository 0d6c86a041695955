// Package finish makes sums the outputs of a layer: it adds the residual and applies
// the activation, in rows of dst, while they are in a near cache. Every instruction
// set gives the bits of package activate.
package finish

import (
	"math"

	"github.com/upconv/upconv/internal/witness"
	"github.com/upconv/upconv/runtime/activate"
	"github.com/upconv/upconv/specs"
)

//go:generate go run ../../internal/selfgen finish

// Finisher is what happens to the sums of a layer.
type Finisher struct {
	activation specs.Activation
	add        bool
	vector     vectorFunc // nil: the portable function
	lanes      int
	params     []float32 // of vector; nil: the slopes
	each       bool      // there is a slope for each element of a row
}

// vectorFunc finishes rows of whole+tail elements, where whole is a multiple of the
// lanes and tail less; rows lie row apart. What params are, gen/finish.go says.
type vectorFunc func(dst, residual, params []float32, rows, whole, tail, row int)

// vectorSet are the functions of an instruction set.
type vectorSet struct {
	lanes     int
	functions map[form]vectorFunc
}

// form is a function of the assembly.
type form struct {
	kind string
	add  bool
}

// New returns what happens to the sums of a layer, with the vectors of an instruction
// set, or nil if nothing does. Together tells that rows are of several channels, with
// a slope for each element, and not of one channel. The processor must have the instruction set.
func New(a specs.Activation, add, together bool, isa string) *Finisher {
	if a.Function == specs.None && !add {
		return nil
	}
	kind, params := vectorOf(a, together)
	set := assembly()[isa]
	return &Finisher{activation: a, add: add, vector: set.functions[form{kind, add}], lanes: set.lanes, params: params, each: kind == "slopes"}
}

// vectorOf is the kind of the vector function of an activation, and its parameters
// but for slopes.
func vectorOf(a specs.Activation, together bool) (kind string, params []float32) {
	inf := float32(math.Inf(1))
	switch a.Function {
	case specs.ReLU:
		return "clamp", []float32{0, inf}
	case specs.ReLU6:
		return "clamp", []float32{0, 6}
	case specs.Clamp:
		return "clamp", []float32{a.A, a.B}
	case specs.LeakyReLU:
		return "scale", []float32{a.A}
	case specs.Sigmoid:
		return "sigmoid", activate.Constants()
	case specs.Tanh:
		return "tanh", activate.Constants()
	case specs.PReLU:
		if together {
			return "slopes", nil
		}
		return "scale", nil
	}
	return "clamp", []float32{-inf, inf} // the residual alone
}

// PerChannel reports whether neighbouring channels are finished differently.
func (f *Finisher) PerChannel() bool { return f.activation.Function == specs.PReLU }

// Rows finishes rows of width elements, which lie row apart in dst; the residual, for
// a layer with one, is laid out like dst. Prelu takes one slope, or where channels are
// together one for each element of a row.
func (f *Finisher) Rows(dst, residual, slopes []float32, rows, width, row int) {
	if rows <= 0 || width <= 0 {
		return
	}
	dst = dst[:(rows-1)*row+width]
	if f.add {
		residual = residual[:len(dst)]
	}
	if f.vector == nil {
		f.portable(dst, residual, slopes, rows, width, row)
		return
	}
	params := f.params
	if params == nil {
		params = slopes
	}
	if width > Most {
		for r := range rows {
			f.longRow(dst[r*row:], residual[min(r*row, len(residual)):], params, width)
		}
		return
	}
	for n := Most / width; rows > 0; rows -= n {
		f.call(dst, residual, params, min(n, rows), width, row)
		dst, residual = dst[min(n*row, len(dst)):], residual[min(n*row, len(residual)):]
	}
}

// Most is the number of elements that one call into assembly finishes: it cannot be
// interrupted, and a collection of garbage waits for it.
const Most = 32 << 10

// longRow finishes one row in parts.
func (f *Finisher) longRow(dst, residual, params []float32, width int) {
	for from := 0; from < width; from += Most {
		part := params
		if f.each {
			part = params[from:]
		}
		f.call(dst[from:], residual[min(from, len(residual)):], part, 1, min(Most, width-from), 0)
	}
}

// call finishes rows in one call into assembly. A goroutine that is asked to stop does so
// on entry.
//
//go:noinline
func (f *Finisher) call(dst, residual, params []float32, rows, width, row int) {
	if witness.Enabled {
		rowsOf := witness.Span{Planes: 1, Rows: rows, Step: row, Width: width}
		if f.add {
			witness.ReadsSpan(residual, rowsOf)
		}
		witness.WritesSpan(dst, rowsOf)
	}
	tail := width % f.lanes
	f.vector(dst, residual, params, rows, width-tail, tail, row)
}

func (f *Finisher) portable(dst, residual, slopes []float32, rows, width, row int) {
	for r := range rows {
		to := dst[r*row:][:width]
		if f.add {
			for i, v := range residual[r*row:][:width] {
				to[i] += v
			}
		}
		activate.Apply(f.activation, to, slopes)
	}
}
