package bench

import "github.com/upconv/upconv/specs"

const (
	// LoopISA names the plain loop among the paths to time.
	LoopISA = "loop"
	// LoopName stands for it where a kernel's name would.
	LoopName = "plain nested loop"
)

// loop is a transposed convolution as one writes it down: every input stamps the
// kernel onto the output. It is a reference for speed. Other ops have none.
type loop struct {
	arrays
	groups, in, out int // channels of a group
	e               [specs.MaxRank]specs.Extent
}

// newLoop returns a function that computes the case into its dst.
func newLoop(a arrays) (func() error, error) {
	l := &a.c.Layer
	extents, err := l.Resolve(a.c.Shape.Input[:l.Rank])
	if err != nil {
		return nil, err
	}
	p := &loop{arrays: a, groups: l.GroupCount()}
	p.in, p.out = l.InChannels/p.groups, l.OutChannels/p.groups
	for i := range p.e {
		p.e[i] = specs.Extent{In: 1, Out: 1, Kernel: 1, Stride: 1, Dilation: 1}
	}
	copy(p.e[specs.MaxRank-l.Rank:], extents)
	return func() error { p.run(); return nil }, nil
}

func (p *loop) run() {
	clear(p.dst)
	for n := range p.c.Shape.Batch * p.groups {
		for oc := range p.out {
			for ic := range p.in {
				p.stamp(n*p.in+ic, n*p.out+oc, (n%p.groups*p.in+ic)*p.out+oc)
			}
		}
	}
}

// stamp adds an input map, times the kernel of one pair of channels, to an output
// map.
func (p *loop) stamp(in, out, pair int) {
	z, y, x := &p.e[0], &p.e[1], &p.e[2]
	src := p.src[in*z.In*y.In*x.In:]
	dst := p.dst[out*z.Out*y.Out*x.Out:]
	w := p.weights[pair*z.Kernel*y.Kernel*x.Kernel:]
	for iz := range z.In {
		for iy := range y.In {
			for ix := range x.In {
				v := src[(iz*y.In+iy)*x.In+ix]
				for kz := range z.Kernel {
					oz := iz*z.Stride + kz*z.Dilation - z.PadBegin
					if oz < 0 || oz >= z.Out {
						continue
					}
					for ky := range y.Kernel {
						oy := iy*y.Stride + ky*y.Dilation - y.PadBegin
						if oy < 0 || oy >= y.Out {
							continue
						}
						for kx := range x.Kernel {
							ox := ix*x.Stride + kx*x.Dilation - x.PadBegin
							if ox < 0 || ox >= x.Out {
								continue
							}
							dst[(oz*y.Out+oy)*x.Out+ox] += v * w[(kz*y.Kernel+ky)*x.Kernel+kx]
						}
					}
				}
			}
		}
	}
}
