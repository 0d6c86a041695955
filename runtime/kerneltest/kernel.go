package kerneltest

import (
	"sync/atomic"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// TargetOf returns the path through the registry that runs kernel k and no other.
// On one goroutine each call of the kernel sees guarded copies of what the runtime
// hands it; see guardCalls.
func TargetOf(k runtime.Kernel) Target {
	calls := new(atomic.Int64)
	build := func(l specs.Layer, w Weights, setup Setup) (Runner, error) {
		guarded := k
		if setup.Threads == 1 {
			guarded = guardKernel(k, setup.Guard, calls)
		}
		return newRunner([]runtime.Kernel{guarded}, k.ISA, l, w, setup)
	}
	return Target{Name: k.Name, Fused: k.Tile.Fused, Merge: merges(k.Layer), New: build, calls: calls}
}

// GenericTarget returns the runtime's own path for a layer.
func GenericTarget(l specs.Layer) Target {
	const isa = "generic"
	build := func(l specs.Layer, w Weights, setup Setup) (Runner, error) {
		return newRunner(nil, isa, l, w, setup)
	}
	return Target{Name: l.Canonical() + "_" + isa, New: build}
}

// newRunner builds a layer; it returns no Runner with an error.
func newRunner(kernels []runtime.Kernel, isa string, l specs.Layer, w Weights, setup Setup) (Runner, error) {
	registry, err := runtime.NewRegistry(kernels)
	if err != nil {
		return nil, err
	}
	opts := []runtime.Option{runtime.WithISA(isa), runtime.WithThreads(setup.Threads), runtime.WithLimits(specs.Limits{})}
	if w.Slopes != nil {
		opts = append(opts, runtime.WithSlopes(w.Slopes))
	}
	layer, err := registry.New(l, w.Weights, w.Bias, opts...)
	if err != nil {
		return nil, err
	}
	return layer, nil
}
