package kerneltest

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Runner is a layer that is ready to run; *runtime.Layer is one.
type Runner interface {
	Run(a runtime.Args, shape runtime.Shape) error
	Kernel() string // the name of the kernel that runs
}

// Target is one path under test.
type Target struct {
	Name  string // what Runner.Kernel must answer
	Fused bool   // one rounding for each term
	Merge bool   // adds up weights that meet the same input before it multiplies
	New   func(l specs.Layer, w Weights, setup Setup) (Runner, error)

	calls *atomic.Int64 // of the kernel, between guards of their own; nil: there are none
}

// Weights are what a layer is built from; those it has none of are nil.
type Weights struct{ Weights, Bias, Slopes []float32 }

// Case is a layer with its channels set, and the sizes to run it with.
type Case struct {
	Layer specs.Layer
	Shape runtime.Shape
}

func (c Case) String() string {
	bias := ""
	if !c.Layer.Bias {
		bias = " no bias"
	}
	return fmt.Sprintf("%s batch %d input %v%s", c.Layer.Canonical(), c.Shape.Batch, c.Shape.Input[:c.Layer.Rank], bias)
}

// Work is the number of multiply-adds of the case, before cropping.
func (c Case) Work() (int, error) {
	p, err := newProblem(c.Layer, c.Shape)
	if err != nil {
		return 0, err
	}
	return p.work(), nil
}

// Setup is one way to run the same data.
type Setup struct {
	Guard   Placement // which end of the buffers has the guard
	Threads int       // goroutines
}

func (s Setup) String() string {
	return fmt.Sprintf("%d goroutines, guard at the %v", s.Threads, s.Guard)
}

// elsewhere stands for a shift of 1 to 15 elements, as the seed says.
const elsewhere Placement = -1

// placed is the setup for a seed.
func (s Setup) placed(seed uint64) Setup {
	if s.Guard == elsewhere {
		s.Guard = Shifted(1 + int(seed%15))
	}
	return s
}

// plan is the runs that one kind of data gets.
type plan struct {
	kind   Kind
	setups []Setup
}

// allPlans is what a case gets; every run of a plan must return the same bits.
// One goroutine comes first: a fault is caught only there.
var allPlans = []plan{
	{Integers, []Setup{{Head, 1}, {Tail, 1}, {Tail, 3}}},
	{Normal, []Setup{{Tail, 1}, {elsewhere, 3}}},
	{Denormal, []Setup{{Head, 1}}},
	{Wide, []Setup{{Tail, 1}}},
	{Cancelling, []Setup{{Head, 1}}},
	{Underflow, []Setup{{Tail, 1}}},
	{Special, []Setup{{Head, 1}}},
}

// heavyPlans is what a case of more than heavyWork multiply-adds gets.
var heavyPlans = []plan{
	{Integers, []Setup{{Head, 1}, {Tail, 3}}},
	{Normal, []Setup{{Tail, 1}}},
}

const heavyWork = 1 << 23

// Report says what a check compared.
type Report struct {
	Cases   int     // cases that were checked
	Outputs int     // output elements that were compared
	Guarded int     // runs of layers and calls of kernels whose slices lay between guards
	Worst   float64 // the largest error as a fraction of its bound
}

// Add adds what another check compared.
func (r *Report) Add(other Report) {
	r.Cases += other.Cases
	r.Outputs += other.Outputs
	r.Guarded += other.Guarded
	r.Worst = max(r.Worst, other.Worst)
}

// Check proves the target on one case with all kinds of data, and returns what it
// saw. The error names the case, the kind of data and the run.
func (t Target) Check(c Case, seed uint64) (Report, error) {
	var total Report
	p, err := newProblem(c.Layer, c.Shape)
	if err != nil {
		return total, fmt.Errorf("%v: %w", c, err)
	}
	plans := allPlans
	if p.work() > heavyWork {
		plans = heavyPlans
	}
	for _, plan := range plans {
		r, err := t.checkData(p, c, p.data(plan.kind, seed), plan.setups, seed)
		if err != nil {
			return total, err
		}
		total.Add(r)
	}
	total.Cases = 1
	return total, nil
}

// checkData runs the same data in several ways, which must return the same bits,
// and judges the result.
func (t Target) checkData(p *problem, c Case, d *Data, setups []Setup, seed uint64) (r Report, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%v: %s: %w", c, d.Kind, err)
		}
	}()
	var first []float32
	var indices []int64
	for _, setup := range setups {
		setup = setup.placed(seed)
		dst, found, err := t.forward(p, c, d, setup)
		if err != nil {
			return r, fmt.Errorf("%v: %w", setup, err)
		}
		if first == nil {
			first, indices = dst, found
		}
		if !slices.Equal(indices, found) {
			return r, fmt.Errorf("%v: the indices are not those of the first run", setup)
		}
		if i := differ(first, dst); i >= 0 {
			return r, fmt.Errorf("%v: %s is %v, the first run returned %v",
				setup, p.name(p.locate(i)), dst[i], first[i])
		}
	}
	r, err = t.judge(p, d, first, indices, seed)
	if r.Guarded = len(setups); t.calls != nil {
		r.Guarded += int(t.calls.Swap(0))
	}
	return r, err
}

// differ returns the first index where the bits differ, or -1. NaN are equal.
func differ(a, b []float32) int {
	for i, v := range a {
		if math.Float32bits(v) != math.Float32bits(b[i]) && (v == v || b[i] == b[i]) {
			return i
		}
	}
	return -1
}

// forward runs d between guards, on a dst full of NaN, and returns a copy of dst and
// the indices of a max_pool.
func (t Target) forward(p *problem, c Case, d *Data, setup Setup) (dst []float32, indices []int64, err error) {
	b, err := newBuffers(p, d, setup.Guard)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if closing := b.close(); err == nil {
			err = closing
		}
	}()
	args := runtime.Args{Dst: b.dst.Data, Src: b.src.Data, Residual: b.residual.data()}
	if err := b.guardIndices(p, d, setup.Guard, &args); err != nil {
		return nil, nil, err
	}
	err = Guarded(func() error {
		layer, err := t.New(c.Layer, Weights{b.weights.data(), b.bias.data(), b.slopes.data()}, setup)
		if err != nil {
			return err
		}
		if got := layer.Kernel(); got != t.Name {
			return fmt.Errorf("kernel %s ran, not %s", got, t.Name)
		}
		return layer.Run(args, c.Shape)
	}, b.all...)
	if err != nil {
		return nil, nil, err
	}
	if indices = d.Indices; p.layer.Op == specs.MaxPool {
		indices = slices.Clone(args.Indices)
	}
	return append(dst, b.dst.Data...), indices, nil
}

// buffers are the guarded slices of one run.
type buffers struct {
	dst, src                        *Buffer
	weights, bias, slopes, residual *Buffer // nil when the layer has none
	all                             []*Buffer
}

func newBuffers(p *problem, d *Data, at Placement) (b *buffers, err error) {
	b = &buffers{}
	keep := func(to **Buffer, made *Buffer, madeErr error) {
		if madeErr != nil {
			err = madeErr
			return
		}
		*to = made
		b.all = append(b.all, made)
	}
	dst, dstErr := NewBuffer("dst", p.dstLen, at)
	keep(&b.dst, dst, dstErr)
	for _, s := range []struct {
		to   **Buffer
		name string
		data []float32
	}{{&b.src, "src", d.Src}, {&b.weights, "weights", d.Weights}, {&b.bias, "bias", d.Bias}, {&b.slopes, "slopes", d.Slopes}, {&b.residual, "residual", d.Residual}} {
		if s.data != nil {
			made, madeErr := BufferOf(s.name, s.data, at)
			keep(s.to, made, madeErr)
		}
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// data is the buffer's slice, or nil where there is no buffer.
func (b *Buffer) data() []float32 {
	if b == nil {
		return nil
	}
	return b.Data
}

func (b *buffers) close() (err error) {
	for _, buffer := range b.all {
		if closing := buffer.Close(); err == nil {
			err = closing
		}
	}
	return err
}
