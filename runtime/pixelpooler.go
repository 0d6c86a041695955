package runtime

import (
	"fmt"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/internal/witness"
	"github.com/upconv/upconv/specs"
)

// pixelPooler runs the generated kernel of a max_pool whose channels lie together on
// the pixels of a row of outputs whose windows lie inside the input; the others are
// the generic path's. A task is a row of outputs.
type pixelPooler struct {
	pool
	kernel  Kernel
	windows polyphase.Windows
}

func newPixelPooler(l specs.Layer, k Kernel) engine {
	w, err := polyphase.WindowsOf(&l)
	if err != nil {
		panic(fmt.Sprintf("runtime: kernel %s was chosen for %s: %v", k.Name, l.Canonical(), err))
	}
	return &pixelPooler{pool{grid{l}}, k, w}
}

func (p *pixelPooler) run(c *call, _ *worker, task int) {
	from, to := windowsInside(&c.ext[2], p.windows.Span())
	if c.Indices != nil && !countable(len(c.src)) {
		from, to = 0, 0
	}
	p.columns(c, task, 0, from)
	p.inside(c, task, from, to)
	p.columns(c, task, to, c.ext[2].Out)
}

// inside computes pixels of a row whose windows lie inside the input, in parts that
// are short calls: some pixels, or some channels of one.
func (p *pixelPooler) inside(c *call, task, from, to int) {
	_, _, oy := p.place(c, task)
	window, n := windowOf(&c.ext[1], oy), p.inner()
	size, lanes := window.count*p.windows.Kernel, p.kernel.Tile.Lanes
	channels := min(n, max(1, poolWork/(size*lanes))*lanes)
	pixels := max(1, poolWork/(size*channels))
	for ; from < to; from += pixels {
		for first := 0; first < n; first += channels {
			part := pixelPart{task, from, min(pixels, to-from), first, min(channels, n-first), window}
			p.part(c, part)
		}
	}
}

// pixelPart are some channels of neighbouring outputs of a row.
type pixelPart struct {
	task          int // the row
	from, pixels  int
	first, number int    // channels
	window        window // along y
}

// part finds the maxima, then, where that is wanted, their places: both steps read
// inputs that the first one has brought close. A goroutine that is asked to stop does so
// on entry.
//
//go:noinline
func (p *pixelPooler) part(c *call, t pixelPart) {
	y, x, n := &c.ext[1], &c.ext[2], p.inner()
	plane, _, _ := p.place(c, t.task)
	pixel := t.window.first*x.In + t.from*x.Stride - x.PadBegin // of the plane
	start := (plane*y.In*x.In+pixel)*n + t.first
	apart, width, srcTap := x.Stride*n, x.Dilation*n, t.window.step*x.In*n
	src := c.src[start:][:(t.pixels-1)*apart+(t.window.count-1)*srcTap+(p.windows.Kernel-1)*width+t.number]
	at := (t.task*x.Out+t.from)*n + t.first
	to := at + (t.pixels-1)*n + t.number
	if witness.Enabled {
		witness.Reads(src)
		witness.WritesSpan(c.dst[at:to], witness.Span{Planes: 1, Rows: t.pixels, Step: n, Width: t.number})
	}
	p.kernel.Pool(c.dst[at:to], src, nil, 1, 0, 0, t.pixels, 0, t.number, width, t.window.count, n, apart, srcTap, 0, 0, 2*t.number)
	if c.Indices == nil {
		return
	}
	dst := words(c.Indices[at:to])
	if witness.Enabled {
		witness.WritesSpan(dst, witness.Span{Planes: 1, Rows: t.pixels, Step: 2 * n, Width: 2 * t.number})
	}
	wide, narrow, first := 0, 1, pixel
	if p.spec.Indices == specs.TensorIndices {
		wide, narrow, first = 1, 0, start
	}
	down := t.window.step * x.In
	p.kernel.Pool(dst, src, c.dst[at:to], 0, wide, narrow, t.pixels, down, t.number, width, t.window.count, 2*n, apart, srcTap, n, first, 2*t.number)
}
