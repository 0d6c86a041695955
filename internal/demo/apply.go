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
	flops   int           // multiplications and additions
}

type size struct{ width, height int }

func (s size) String() string { return fmt.Sprintf("%d x %d", s.width, s.height) }

func sizeOf(p *picture.Picture) size { return size{p.Width, p.Height} }

// gflops is the rate in 10^9 operations a second.
func (m measured) gflops() float64 {
	return float64(m.flops) / max(float64(m.elapsed.Nanoseconds()), 1)
}

// double applies the model's layer once. The result uses the memory of scratch
// if that has the right size; nil never has.
func (m model) double(p, scratch *picture.Picture) (*picture.Picture, measured, error) {
	shape := runtime.NewShape(1, p.Height, p.Width)
	out, err := m.up.OutputShape(shape)
	if err != nil {
		return nil, measured{}, err
	}
	q := scratch
	if want := (size{out.Input[1], out.Input[0]}); q == nil || sizeOf(q) != want {
		q = picture.New(want.width, want.height)
	}
	elapsed, err := fastest(func() error { return m.up.Forward(q.Pix, p.Pix, shape) })
	if err != nil {
		return nil, measured{}, err
	}
	flops, err := operations(m.layer, p.Height, p.Width)
	return q, measured{kernel: m.up.Kernel(), in: sizeOf(p), out: sizeOf(q), elapsed: elapsed, flops: flops}, err
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
	extents, err := l.Resolve(input)
	if err != nil {
		return 0, err
	}
	n := 2 * l.InChannels * l.WeightsShape()[1]
	for _, e := range extents {
		n *= terms(e)
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
