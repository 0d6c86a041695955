package gen

import (
	"fmt"

	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Descriptor is what a generated table says of a plan's kernel for l, without its
// function and what its instructions need.
func Descriptor(l specs.Layer, p plan.Plan) runtime.Kernel {
	l = l.Sums()
	return runtime.Kernel{
		Name: l.Canonical() + "_" + p.Target.Name, ISA: p.Target.Name, Layer: l, Pack: p.Layout(),
		Tile: runtime.Tile{Lanes: p.Target.Lanes, Columns: p.Columns, Slack: p.Slack(), Masked: p.Masked, Row: p.Row(), Shifted: p.Shifted, Fold: p.Fold, Fused: p.Target.Fused, Pass: p.Pass, Once: p.Pass > 0 && p.Once},
	}
}

// explainScratch says how much memory kernel k works in, when the layer
// fixes all sizes that it depends on; else nothing.
func explainScratch(l specs.Layer, k runtime.Kernel) (string, error) {
	sizes := []int{l.InChannels, l.OutChannels}
	for _, a := range l.Spatial() {
		sizes = append(sizes, a.Input)
	}
	for _, n := range sizes {
		if n == 0 {
			return "", nil
		}
	}
	bytes, err := k.Scratch(l, runtime.NewShape(1, sizes[2:]...))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("    scratch memory %.1f KiB a goroutine, beside the packed weights\n", float64(bytes)/1024), nil
}
