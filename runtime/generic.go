package runtime

import (
	"fmt"

	"github.com/upconv/upconv/specs"
)

// parameters are what a layer learned. Those it has none of are nil.
type parameters struct{ weights, bias, slopes []float32 }

// generics build the generic engine of each op: any layer, on any processor.
var generics = map[specs.Op]func(specs.Layer, parameters) engine{
	specs.ConvTranspose:  newFilter,
	specs.Conv:           newFilter,
	specs.Nearest:        newNearest,
	specs.Bilinear:       newBilinear,
	specs.BedOfNails:     newNails,
	specs.MaxPool:        newPool,
	specs.MaxUnpool:      newUnpool,
	specs.PixelShuffle:   newShuffle,
	specs.PixelUnshuffle: newShuffle,
	specs.ResizeConv:     newEnlarge,
}

// genericKernel names the generic path for a layer.
func genericKernel(l specs.Layer) Kernel {
	return Kernel{Name: l.Canonical() + "_generic", ISA: "generic", Layer: l}
}

// newGeneric returns the generic engine of a valid layer.
func newGeneric(l specs.Layer, p parameters) engine {
	build, ok := generics[l.Op]
	if !ok {
		panic(fmt.Sprintf("runtime: the validated op %s has no generic path", l.Op))
	}
	return build(l, p)
}
