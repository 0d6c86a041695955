package verify

import (
	"fmt"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// The sizes that are left of a layer that is too large to interpret: channels of a group,
// more than two blocks of any kernel, and input positions, more than a tile. None is a
// multiple of anything.
const (
	shrunkInputs  = 5
	shrunkOutputs = 67
	shrunkRows    = 3
	shrunkColumns = 131
)

// shrink gives the path the same loop nest on a smaller layer. Counts are arguments of a
// kernel, so that it runs the same code; what the kernels of the layer are made for stays.
func (p *path) shrink() error {
	l := p.layer.Sums()
	if !l.Op.Weighted() {
		return nil
	}
	if groups := l.GroupCount(); l.Depthwise {
		l.InChannels = min(l.InChannels, shrunkOutputs)
		l.OutChannels = l.InChannels
	} else {
		l.InChannels = groups * min(l.InChannels/groups, shrunkInputs)
		l.OutChannels = groups * min(l.OutChannels/groups, shrunkOutputs)
	}
	if !madeForASize(p.layer) {
		shrinkInput(&l)
	}
	k := *p.kernel
	k.Layer, k.Name = l, l.Canonical()+"_"+k.ISA
	p.kernel, p.note = &k, fmt.Sprintf("its loop nest on %s", l.Canonical())
	var err error
	p.cases, err = kerneltest.Cases(l, slowCasesWork)
	return err
}

// madeForASize reports whether a kernel of the layer serves its channels or its inputs
// alone.
func madeForASize(l specs.Layer) bool {
	for _, target := range gen.Targets {
		d, err := gen.DesignOf(l, target)
		if t := d.Kernel.Tile; err == nil && (t.Row > 0 || t.Shifted > 0 || t.Fold > 0) {
			return true
		}
	}
	return false
}

// shrinkInput leaves a few rows and columns.
func shrinkInput(l *specs.Layer) {
	for i := range l.Axes[:l.Rank] {
		most := shrunkRows
		if i == l.Rank-1 {
			most = shrunkColumns
		}
		if a := &l.Axes[i]; a.OutputSize == 0 {
			a.Input = min(a.Input, max(most, a.Kernel))
		}
	}
}
