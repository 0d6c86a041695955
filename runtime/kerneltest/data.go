package kerneltest

import (
	"math"
	"math/rand/v2"

	"github.com/upconv/upconv/specs"
)

// Kind names a distribution of test data.
type Kind string

// The kinds of data that Verify draws.
const (
	// Integers are non-zero and differ from their neighbours; every partial sum is
	// an integer that float32 holds, so results are compared exactly.
	Integers Kind = "integers"
	// Denormal is Integers with src and bias scaled by 2^-149: a kernel that
	// flushes denormals, of inputs or of results, returns 0.
	Denormal Kind = "denormal"
	// Normal is the normal distribution.
	Normal Kind = "normal"
	// Wide spreads exponents evenly over 2^-20 to 2^20.
	Wide Kind = "wide"
	// Cancelling makes odd input channels nearly undo even ones.
	Cancelling Kind = "cancelling"
	// Underflow has products near the smallest denormal.
	Underflow Kind = "underflow"
	// Special is Normal with NaN, infinities, the largest float, -0 and a
	// denormal at single places.
	Special Kind = "special"
	// Impulses are images with a single 1 each, and weights that all differ: the
	// outputs are the whole linear map of the layer.
	Impulses Kind = "impulses"
)

// Data is the input of one run. Bias is nil when the layer has none.
type Data struct {
	Kind               Kind
	Src, Weights, Bias []float32
	Residual           []float32 // in the layer's layout; nil for a layer that adds none
	Slopes             []float32 // of prelu; else nil
	Indices            []int64   // of max_unpool; else nil

	chosen bool // by a fuzzer: outputs may well be 0
}

// weak is the complaint about outputs that are mostly zero, for drawn data. Sums
// of few products near the smallest denormal round to zero by right, and one input
// reaches few outputs.
func (d *Data) weak(e *Expect, dst []float32) error {
	if d.chosen || d.Kind == Underflow || d.Kind == Impulses || e.acts != nil {
		return nil
	}
	return e.weak(dst)
}

// draws says how each kind fills the slices.
var draws = map[Kind]func(*problem, *rand.Rand, *Data){
	Integers:   drawIntegers,
	Denormal:   drawDenormal,
	Normal:     drawNormal,
	Wide:       drawWide,
	Cancelling: drawCancelling,
	Underflow:  drawUnderflow,
	Special:    drawSpecial,
	Impulses:   drawImpulses,
}

// exact reports whether results of the kind are compared with no error at all.
func (k Kind) exact() bool { return k == Integers || k == Denormal || k == Impulses }

// data draws the inputs of p; the same seed gives the same data everywhere.
func (p *problem) data(kind Kind, seed uint64) *Data {
	d := &Data{Kind: kind, Src: make([]float32, p.srcLen), Weights: make([]float32, p.weightsLen)}
	for _, s := range []struct {
		to *[]float32
		n  int
	}{{&d.Bias, p.biasLen}, {&d.Residual, p.residualLen}, {&d.Slopes, p.slopesLen}} {
		if s.n > 0 {
			*s.to = make([]float32, s.n)
		}
	}
	draws[kind](p, rand.New(rand.NewPCG(seed, 0)), d)
	if p.layer.Op == specs.MaxUnpool {
		d.Indices = p.drawIndices(kind, seed)
	}
	return d
}

// each calls draw for every element of all arrays.
func (d *Data) each(draw func() float32) {
	for _, s := range [][]float32{d.Src, d.Weights, d.Bias, d.Residual, d.Slopes} {
		for i := range s {
			s[i] = draw()
		}
	}
}

// integerRange is the largest R, at most 64, with (terms+1)*R*R < 2^24: no sum of
// that many products of integers in +-R, and a bias, leaves what float32 holds
// exactly.
func integerRange(terms int) int {
	return min(64, int(math.Sqrt(float64(1<<24-1)/float64(terms+1))))
}

func drawIntegers(p *problem, r *rand.Rand, d *Data) {
	limit := integerRange(p.mostTerms())
	x, y, step := p.axes[2], p.axes[1], 1
	if p.layer.Layout == specs.NHWC {
		step = p.layer.InChannels
	}
	integers(d.Src, r, limit, 1, step, step*p.sizeIn[2], step*p.sizeIn[2]*p.sizeIn[1], p.inPlane)
	integers(d.Weights, r, limit, 1, x.kernel, x.kernel*y.kernel, p.kernelPlane, p.kernelPlane*p.groupOut)
	integers(d.Bias, r, limit, 1)
	integers(d.Residual, r, limit, 1)
	integers(d.Slopes, r, limit, 1)
}

// integers draws from +-{1..limit}; an element differs from those that lie one of
// the given distances before it.
func integers(s []float32, r *rand.Rand, limit int, distances ...int) {
	for i := range s {
		const attempts = 16 // enough but for limits that no real layer has
		for range attempts {
			s[i] = float32(1 + r.IntN(limit))
			if r.IntN(2) == 0 {
				s[i] = -s[i]
			}
			if !repeats(s, i, distances) {
				break
			}
		}
	}
}

func repeats(s []float32, i int, distances []int) bool {
	for _, d := range distances {
		if i >= d && s[i-d] == s[i] {
			return true
		}
	}
	return false
}

func drawDenormal(p *problem, r *rand.Rand, d *Data) {
	drawIntegers(p, r, d)
	scale(d.Src, 0x1p-149)
	scale(d.Bias, 0x1p-149)
	scale(d.Residual, 0x1p-149)
}

func drawNormal(_ *problem, r *rand.Rand, d *Data) {
	d.each(func() float32 { return float32(r.NormFloat64()) })
}

func drawWide(_ *problem, r *rand.Rand, d *Data) {
	d.each(func() float32 {
		m := math.Ldexp(1+r.Float64(), r.IntN(41)-20)
		if r.IntN(2) == 0 {
			m = -m
		}
		return float32(m)
	})
}

// drawCancelling repeats each even channel of src in the odd one that follows it,
// with its weights negated and a little changed: the sum falls from large to
// small again and again.
func drawCancelling(p *problem, r *rand.Rand, d *Data) {
	drawNormal(p, r, d)
	scale(d.Src, 1000)
	if p.enlarged > 0 || !p.layer.Op.Weighted() {
		return
	}
	for ic := 1; ic < p.layer.InChannels; ic += 2 {
		p.negate(d.Weights, ic, r)
		for n := range p.batch {
			even, odd := p.input(d.Src, n, ic-1), p.input(d.Src, n, ic)
			for i := range p.inPlane {
				odd.data[i*odd.step] = even.data[i*even.step]
			}
		}
	}
}

// negate makes the kernels of input channel ic the negative of those before it,
// where both are of one group, and a little different.
func (p *problem) negate(weights []float32, ic int, r *rand.Rand) {
	if ic%p.groupIn == 0 {
		return
	}
	for i := range p.groupOut {
		oc := ic/p.groupIn*p.groupOut + i
		from := weights[p.kernelAt(ic-1, oc):][:p.kernelPlane]
		for k := range p.kernelPlane {
			weights[p.kernelAt(ic, oc)+k] = -from[k] * (1 + float32(r.NormFloat64())*0x1p-20)
		}
	}
}

func drawUnderflow(p *problem, r *rand.Rand, d *Data) {
	drawNormal(p, r, d)
	scale(d.Src, 0x1p-74)
	scale(d.Weights, 0x1p-72)
	scale(d.Bias, 0x1p-146)
	scale(d.Residual, 0x1p-146)
}

func drawSpecial(p *problem, r *rand.Rand, d *Data) {
	drawNormal(p, r, d)
	values := []float32{
		float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)),
		math.MaxFloat32, float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32,
	}
	for i, s := range [][]float32{d.Src, d.Src, d.Weights, d.Bias} {
		if len(s) > 0 {
			s[r.IntN(len(s))] = values[(i+r.IntN(len(values)))%len(values)]
		}
	}
}

func scale(s []float32, by float32) {
	for i := range s {
		s[i] *= by
	}
}
