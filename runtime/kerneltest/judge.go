package kerneltest

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// sampledWork is how many multiply-adds the oracle spends on one comparison. A
// larger layer is held to the bound on some of its output planes only; integers
// are compared on all of them, through a projection.
const sampledWork = 1 << 19

// judge compares dst with what the definition says about the data.
func (t Target) judge(p *problem, d *Data, dst []float32, indices []int64, seed uint64) (r Report, err error) {
	if !p.layer.Op.Weighted() {
		return p.judgeMoved(d, dst, indices)
	}
	if d.Kind.exact() && choosers(p.layer.Activation.Function) && p.layer.Interpolation == "" {
		return p.judgeExact(d, dst, seed)
	}
	planes := p.sample(seed)
	r.Outputs = len(planes) * p.outPlane
	documented, expect := p, p.expect
	if t.Merge {
		m, plain := p.merge(d.Weights), d
		documented = m.problem
		expect = func(planes []int, _ *Data) *Expect { return p.expectMerged(m, planes, plain) }
		d = m.data(d)
	}
	if d.Kind != Special {
		e := expect(planes, d)
		if r.Worst, err = e.Within(dst, t.Fused); err != nil {
			return r, err
		}
		if err := d.weak(e, dst); err != nil {
			return r, err
		}
	}
	return r, documented.reference(planes, d, t.Fused).Equal(dst)
}

func (p *problem) judgeExact(d *Data, dst []float32, seed uint64) (Report, error) {
	r := Report{Outputs: len(dst)}
	planes := p.sample(seed)
	e := p.expect(planes, d)
	if err := errors.Join(e.Equal(dst), d.weak(e, dst)); err != nil {
		return r, err
	}
	if len(planes) == p.batch*p.layer.OutChannels || d.Kind == Denormal || p.layer.Interpolation != "" || p.layer.Activation.Function != specs.None {
		return r, nil
	}
	return r, p.judgeProjection(d, dst, seed)
}

// sample chooses output planes: all, or the first, the last and a few more.
func (p *problem) sample(seed uint64) []int {
	all := p.planes()
	count := max(4, sampledWork/max(1, p.work()/len(all)))
	if count >= len(all) {
		return all
	}
	r := rand.New(rand.NewPCG(seed, 1))
	last := len(all) - 1
	r.Shuffle(last-1, func(i, j int) { all[i+1], all[j+1] = all[j+1], all[i+1] })
	all[1], all[last] = all[last], all[1]
	return all[:count]
}

// judgeProjection compares all outputs of a large layer at the price of one output
// channel a group. The layer is linear, so for any integers m
//
//	sum over oc of m[oc] * dst[oc] = the layer with the one kernel sum m[oc] * w[oc]
//
// and with integer data both sides are exact. A wrong output shows unless others
// at the same place make up for it.
func (p *problem) judgeProjection(d *Data, dst []float32, seed uint64) error {
	m := p.multipliers(seed)
	l := p.layer
	l.Depthwise, l.Groups = false, p.layer.GroupCount()
	l.OutChannels = l.Groups
	l.Add = false
	q, err := newProblem(l, p.shape())
	if err != nil {
		return err
	}
	var bias []float32
	if d.Bias != nil {
		bias = project(d.Bias, m, p.groupOut, 1)
	}
	want := q.expect(q.planes(), &Data{Src: d.Src, Weights: p.projectWeights(q, d.Weights, m), Bias: bias})
	for i, w := range want.Exact {
		if d.Residual != nil {
			w += p.projectAt(d.Residual, m, i)
		}
		if got := p.projectAt(dst, m, i); got != w {
			n, group, place := i/q.outPlane/l.Groups, i/q.outPlane%l.Groups, i%q.outPlane
			return fmt.Errorf("not exact: a combination of the output channels from %s on is %v, want %v",
				p.name(n*p.layer.OutChannels+group*p.groupOut, place), got, w)
		}
	}
	return nil
}

// multipliers draws one non-zero integer for each output channel, so small that
// float32 holds the projected weights.
func (p *problem) multipliers(seed uint64) []float32 {
	limit := (1<<24 - 1) / (p.groupOut * integerRange(p.mostTerms()))
	m := make([]float32, p.layer.OutChannels)
	integers(m, rand.New(rand.NewPCG(seed, 2)), max(1, min(16, limit)), 1)
	return m
}

// project sums each run of count blocks of size elements, block c times m[c].
func project(s, m []float32, count, size int) []float32 {
	out := make([]float32, len(s)/count)
	for i, v := range s {
		block := i / size
		out[block/count*size+i%size] += m[block] * v
	}
	return out
}

// projectWeights adds up the kernels of each group for q, which has one output
// channel a group.
func (p *problem) projectWeights(q *problem, weights, m []float32) []float32 {
	out := make([]float32, q.weightsLen)
	for oc, by := range m {
		group := oc / p.groupOut
		for i := range p.groupIn {
			ic := group*p.groupIn + i
			to := out[q.kernelAt(ic, group):][:p.kernelPlane]
			for k, w := range weights[p.kernelAt(ic, oc):][:p.kernelPlane] {
				to[k] += by * w
			}
		}
	}
	return out
}

// projectAt projects dst onto element i of [N, groups, out...].
func (p *problem) projectAt(dst, m []float32, i int) (sum float64) {
	block, place := i/p.outPlane, i%p.outPlane
	for c := range p.groupOut {
		oc := block*p.groupOut + c
		sum += float64(m[oc%p.layer.OutChannels]) * float64(dst[p.at(oc, place)])
	}
	return sum
}

// shape is the shape that the problem was made for.
func (p *problem) shape() runtime.Shape {
	s := runtime.Shape{Batch: p.batch}
	for i := range p.layer.Rank {
		s.Input[i] = p.sizeIn[len(p.axes)-p.layer.Rank+i]
	}
	return s
}
