package differential

import (
	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/runtime"
)

// Link is the design's kernel with its calls going to run. Errors of run are panics:
// the runtime knows of none.
func Link(d gen.Design, run func(nest.Args) error) runtime.Kernel {
	k := d.Kernel
	linkers[d.Field](&k, func(slices [][]float32, ints ...int) {
		if err := run(nest.Args{Slices: slices, Ints: ints}); err != nil {
			panic(err)
		}
	})
	return k
}

// linkers set the fields of runtime.Kernel that hold functions.
var linkers = map[string]func(k *runtime.Kernel, call func(slices [][]float32, ints ...int)){
	"Run": func(k *runtime.Kernel, call func(slices [][]float32, ints ...int)) {
		k.Run = func(dst, src, weights, bias []float32, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again int) {
			call([][]float32{dst, src, weights, bias}, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again)
		}
	},
	"Move": func(k *runtime.Kernel, call func(slices [][]float32, ints ...int)) {
		k.Move = func(dst, src []float32, rows, cols, width, dstRow, srcRow, plane int) {
			call([][]float32{dst, src}, rows, cols, width, dstRow, srcRow, plane)
		}
	},
	"Linear": func(k *runtime.Kernel, call func(slices [][]float32, ints ...int)) {
		k.Linear = func(dst, src, weights, table, steps []float32, groups, copies, blends, cols, dstRow, dstGroup, srcRow, pair, wide, channels int) {
			call([][]float32{dst, src, weights, table, steps}, groups, copies, blends, cols, dstRow, dstGroup, srcRow, pair, wide, channels)
		}
	},
	"Pool": func(k *runtime.Kernel, call func(slices [][]float32, ints ...int)) {
		k.Pool = func(dst, src, aid []float32, move, wide, narrow, rows, whole, cols, width, taps, dstRow, srcRow, srcTap, aidRow, first, line int) {
			call([][]float32{dst, src, aid}, move, wide, narrow, rows, whole, cols, width, taps, dstRow, srcRow, srcTap, aidRow, first, line)
		}
	},
}
