package kerneltest

import (
	"cmp"
	"fmt"
	"math"

	"github.com/upconv/upconv/specs"
)

// A kernel of a resize_conv that enlarges by repeating adds up the weights that meet
// the same input before it multiplies: the documented order is the float32 sum over
// the elements of the kernel, ascending, then one term for each input. What it solves
// is a problem of its own, with these sums for weights. A border surrounds the input
// with copies of its ends, each an input of its own.

// merges reports whether kernels of l add up weights: not where a bilinear input or a
// border that reflects beyond the copies of the outermost input would need weights that
// differ from output to output, nor where dilated elements would meet inputs at distances
// that differ.
func merges(l specs.Layer) bool {
	if l.Op != specs.ResizeConv || l.Interpolation != specs.InterpolateNearest {
		return false
	}
	for i := range l.Spatial() {
		const any = 1 << 10 // inputs: the padding of a stride of 1 is that of any size
		e, err := l.Extent(i, cmp.Or(l.Axes[i].Input, any))
		if err != nil || l.Border == specs.Reflect && (e.PadBegin >= e.Scale || e.PadEnd >= e.Scale) {
			return false
		}
		if e.Kernel > 1 && e.Dilation > e.Scale && e.Dilation%e.Scale > 0 {
			return false
		}
	}
	return true
}

// merged is that problem, its weights, and the largest error of each from rounding.
type merged struct {
	*problem
	weights, lost []float32
}

// merge adds up weights.
func (p *problem) merge(weights []float32) *merged {
	q := *p
	q.enlarged, q.kernelPlane = 0, 1
	var elements [len(q.axes)][][]int
	begin := p.begins()
	for i := range q.axes {
		q.axes[i], elements[i] = p.axes[i].merge(p.scale[i], begin[i])
		q.kernelPlane *= q.axes[i].kernel
	}
	if p.layer.Border != specs.ZeroBorder {
		q.repeatEnds(p.scale, begin)
	}
	m := &merged{problem: &q}
	for at := 0; at < len(weights); at += p.kernelPlane {
		kernel := weights[at:][:p.kernelPlane]
		for _, z := range elements[0] {
			for _, y := range elements[1] {
				for _, x := range elements[2] {
					m.sum(p, kernel, z, y, x)
				}
			}
		}
	}
	q.weightsLen = len(m.weights)
	return m
}

// repeatEnds makes p's first step that of copying the ends of the input into the
// border, of so many enlarged elements at the beginning.
func (p *problem) repeatEnds(scale, begin place3) {
	p.enlarged = 1
	p.layer.Border, p.layer.Padding = specs.Replicate, specs.Explicit
	for i := range p.axes {
		p.enlarged *= p.axes[i].in
		if missing := len(p.axes) - p.layer.Rank; i >= missing {
			before := (begin[i] + scale[i] - 1) / scale[i]
			p.layer.Axes[i-missing] = specs.Axis{Kernel: 1, Stride: 1, Dilation: 1, Scale: 1, PadBegin: before, PadEnd: p.axes[i].in - p.sizeIn[i] - before}
		}
	}
}

// merge is the axis of the input that a is the axis of, scale times enlarged and with
// a border of begin elements before it, and the elements of a's kernel that each of its
// own stands for.
func (a axis) merge(scale, begin int) (axis, [][]int) {
	before := (begin + scale - 1) / scale
	first := begin - before*scale // of the enlarged elements of b's first
	b := axis{in: (a.in - first + scale - 1) / scale, out: a.out, terms: make([]int, a.out)}
	b.stamps = make([][]stamp, b.in)
	var elements [][]int
	number := map[string]int{}
	for i := range b.stamps {
		reach := map[int][]int{}
		from := first + i*scale
		for _, wide := range a.stamps[max(0, from):min(from+scale, a.in)] {
			for _, s := range wide {
				reach[s.out] = append(reach[s.out], s.kernel)
			}
		}
		for o := range b.out {
			ks := reach[o]
			if len(ks) == 0 {
				continue
			}
			key := fmt.Sprint(ks)
			if _, ok := number[key]; !ok {
				number[key] = len(elements)
				elements = append(elements, ks)
			}
			b.stamps[i] = append(b.stamps[i], stamp{number[key], o})
			b.terms[o]++
		}
	}
	b.kernel = len(elements)
	return b, elements
}

// sum appends the sum of some elements of a kernel. Each addition errs by at most u
// relative to its result; sums that are denormal are exact.
func (m *merged) sum(p *problem, kernel []float32, z, y, x []int) {
	var sum float32
	lost, first := 0.0, true
	for _, kz := range z {
		for _, ky := range y {
			for _, kx := range x {
				w := kernel[(kz*p.axes[1].kernel+ky)*p.axes[2].kernel+kx]
				if first {
					sum, first = w, false
					continue
				}
				sum += w
				lost += unit * math.Abs(float64(sum))
			}
		}
	}
	m.weights = append(m.weights, sum)
	m.lost = append(m.lost, math.Nextafter32(float32(lost), math.MaxFloat32))
}

// data is d with the sums for weights.
func (m *merged) data(d *Data) *Data {
	sums := *d
	sums.Weights = m.weights
	return &sums
}

// expectMerged is what the definition says about p's outputs for a kernel that solves
// m: the bound is that of m's terms, and beyond that |x| times the error of its weight
// for each term, and the rounding of the definition's own sums.
func (p *problem) expectMerged(m *merged, planes []int, d *Data) *Expect {
	e, definition := m.expect(planes, m.data(d)), p.expect(planes, d)
	e.Exact = definition.Exact
	e.Merged = make([]float64, len(e.Exact))
	src := make([]float32, len(d.Src))
	for i, v := range d.Src {
		src[i] = float32(math.Abs(float64(v)))
	}
	src = m.enlarge(src)
	spare := make([]float64, m.outPlane)
	for i, plane := range planes {
		m.scatter(plane, src, m.lost, &sums{e.Merged[i*m.outPlane:][:m.outPlane], spare, spare})
	}
	for i, partial := range definition.Partial {
		e.Merged[i] += unit64 * partial
	}
	return e
}
