package demo

import (
	"fmt"
	"time"

	"github.com/upconv/upconv/internal/picture"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// A layer is timed over several runs: at least minRuns, since the first one
// meets memory that was never touched, and then until either bound is reached.
const (
	minRuns    = 2
	maxRuns    = 5
	enoughTime = 100 * time.Millisecond
)

// measured is one application of a layer to a picture.
type measured struct {
	result  string // such as "bilinear x2"
	kernel  string
	in, out size
	elapsed time.Duration // of the fastest run
	flops   int           // multiplications and additions; 0 for a layer without weights
}

type size struct{ width, height int }

func (s size) String() string { return fmt.Sprintf("%d x %d", s.width, s.height) }

func sizeOf(p *picture.Picture) size { return size{p.Width, p.Height} }

// rate is in 10^9 operations a second or, without any, in 10^9 bytes read and written.
func (m measured) rate() string {
	ns := max(float64(m.elapsed.Nanoseconds()), 1)
	if m.flops == 0 {
		bytes := 4 * picture.Channels * (m.in.width*m.in.height + m.out.width*m.out.height)
		return fmt.Sprintf("%.2f GB/s", float64(bytes)/ns)
	}
	return fmt.Sprintf("%.2f GFLOP/s", float64(m.flops)/ns)
}

// double applies the model's layer once. The result uses the memory of scratch
// if that has the right size; nil never has.
func (m model) double(p, scratch *picture.Picture) (*picture.Picture, measured, error) {
	args, in, err := m.arguments(p)
	if err != nil {
		return nil, measured{}, err
	}
	out, err := m.up.OutputShape(in)
	if err != nil {
		return nil, measured{}, err
	}
	q := scratch
	if want := (size{out.Input[1], out.Input[0]}); q == nil || sizeOf(q) != want {
		q = picture.New(want.width, want.height)
	}
	args.Dst = q.Pix
	elapsed, err := fastest(func() error { return m.up.Run(args, in) })
	if err != nil {
		return nil, measured{}, err
	}
	flops, err := operations(m.layer, in.Input[0], in.Input[1])
	return q, measured{kernel: m.up.Kernel(), in: size{in.Input[1], in.Input[0]}, out: sizeOf(q), elapsed: elapsed, flops: flops}, err
}

// arguments are the arrays that the layer reads: the picture, or its maxima and where
// they are.
func (m model) arguments(p *picture.Picture) (runtime.Args, runtime.Shape, error) {
	shape := runtime.NewShape(1, p.Height, p.Width)
	if m.pool == nil {
		return runtime.Args{Src: p.Pix}, shape, nil
	}
	pooled, err := m.pool.OutputShape(shape)
	if err != nil {
		return runtime.Args{}, shape, err
	}
	n := picture.Channels * pooled.Input[0] * pooled.Input[1]
	maxima, places := make([]float32, n), make([]int64, n)
	err = m.pool.Run(runtime.Args{Dst: maxima, Src: p.Pix, Indices: places}, shape)
	return runtime.Args{Src: maxima, Indices: places}, runtime.NewShape(1, pooled.Input[0], pooled.Input[1]), err
}

// fastest repeats f and returns its shortest time.
func fastest(f func() error) (time.Duration, error) {
	best, start := time.Duration(0), time.Now()
	for run := 0; run < minRuns || run < maxRuns && time.Since(start) < enoughTime; run++ {
		begin := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		if d := time.Since(begin); run == 0 || d < best {
			best = d
		}
	}
	return best, nil
}

// operations counts two for each product that reaches the output; the parts of
// stamps that the padding crops do not count.
func operations(l specs.Layer, input ...int) (int, error) {
	if !l.Op.Weighted() {
		return 0, nil
	}
	extents, err := l.Resolve(input)
	if err != nil {
		return 0, err
	}
	n := 2 * l.InChannels * l.WeightsShape()[1]
	for _, e := range extents {
		if l.Op == specs.ResizeConv {
			n *= e.Out * e.Kernel // the border is read, not left out
		} else {
			n *= terms(e)
		}
	}
	return n, nil
}

// terms counts, on one axis, the pairs of an input element and a kernel
// element that meet inside the output.
func terms(e specs.Extent) int {
	n := 0
	for i := range e.In {
		for k := range e.Kernel {
			if o := e.Stride*i + e.Dilation*k - e.PadBegin; o >= 0 && o < e.Out {
				n++
			}
		}
	}
	return n
}
