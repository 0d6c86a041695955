package runtime

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// Args are the arrays of one run. Which of them a layer takes follows from its op;
// those it does not take are nil.
type Args struct {
	Dst, Src []float32 // as for Layer.Forward

	// Residual has the shape of Dst. A layer with Add adds it to its sums, before
	// the activation.
	Residual []float32
	// Indices has the shape of Dst for max_pool, which writes them where this is not
	// nil, and of Src for max_unpool, which reads them, here or in Indices32.
	Indices   []int64
	Indices32 []int32
}

// argument is one slice of Args: its name, its length and what that should be.
type argument struct {
	name       string
	got        int
	takes      bool // the layer has a use for it
	needs      bool // the layer does not run without it
	want       int
	whatItDoes string // of a layer that takes it
}

// check reports the first argument that does not fit.
func (l *Layer) check(a *Args, srcLen, dstLen int, e *extents, batch int) error {
	switch {
	case len(a.Src) != srcLen:
		return fmt.Errorf("runtime: src has %d elements, want %d = %s", len(a.Src), srcLen, l.product(batch, l.spec.InChannels, e[0].In, e[1].In, e[2].In))
	case len(a.Dst) != dstLen:
		return fmt.Errorf("runtime: dst has %d elements, want %d = %s", len(a.Dst), dstLen, l.product(batch, l.spec.OutChannels, e[0].Out, e[1].Out, e[2].Out))
	case overlap(a.Dst, a.Src):
		return fmt.Errorf("runtime: dst and src overlap")
	}
	pool, unpool := l.spec.Op == specs.MaxPool, l.spec.Op == specs.MaxUnpool
	want := dstLen
	if unpool {
		want = srcLen
	}
	for _, x := range [...]argument{
		{"residual", len(a.Residual), l.spec.Add, l.spec.Add, dstLen, "adds a residual"},
		{"indices", len(a.Indices), pool || unpool, unpool && a.Indices32 == nil, want, "reads indices"},
		{"indices32", len(a.Indices32), unpool, unpool && a.Indices == nil, want, "reads indices"},
	} {
		if err := x.check(l); err != nil {
			return err
		}
	}
	switch {
	case overlap(a.Dst, a.Residual):
		return fmt.Errorf("runtime: dst and residual overlap")
	case len(a.Indices) > 0 && len(a.Indices32) > 0:
		return fmt.Errorf("runtime: indices and indices32 are both given; leave out one of them")
	}
	return nil
}

func (x argument) check(l *Layer) error {
	switch {
	case x.got == 0 && x.needs:
		return fmt.Errorf("runtime: %s %s: give them to Run", l.spec.Canonical(), x.whatItDoes)
	case x.got == 0:
		return nil
	case !x.takes:
		return fmt.Errorf("runtime: %s takes no %s, but got %d elements", l.spec.Canonical(), x.name, x.got)
	case x.got != x.want:
		return fmt.Errorf("runtime: %s has %d elements, want %d", x.name, x.got, x.want)
	}
	return nil
}

// Run computes a.Dst from a.Src and the other arrays that the layer takes. Its
// rules are those of Forward; max_unpool also checks every index before it writes.
func (l *Layer) Run(a Args, s Shape) error {
	e, err := resolve(&l.spec, s)
	if err != nil {
		return err
	}
	srcLen, dstLen, err := e.lengths(&l.spec, s.Batch)
	if err != nil {
		return err
	}
	if err := l.check(&a, srcLen, dstLen, &e, s.Batch); err != nil {
		return err
	}
	if err := l.compute(a, s.Batch, e, srcLen+dstLen); err != nil {
		return err
	}
	for _, z := range l.rest {
		if err := z.compute(a, s.Batch, e, srcLen+dstLen); err != nil {
			return err
		}
	}
	return nil
}

// compute runs the layer, of more axes one z phase of it, on arrays of so many floats.
func (l *Layer) compute(a Args, batch int, e extents, floats int) error {
	c := l.idle.take(l)
	c.Args = a
	if c.batch != batch || c.asked != e {
		c.begin(batch, e, floats)
		c.reserve()
	}
	err := c.forward()
	l.idle.put(c)
	return err
}
