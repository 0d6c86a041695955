package runtime

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// isas are the instruction sets, worst first. Generic runs any layer.
var isas = []string{"generic", "go", "avx2", "avx512"}

func isaRank(name string) int { return slices.Index(isas, name) }

// Registry is a set of kernels to choose from. It is a value: nothing registers
// itself anywhere.
type Registry struct{ kernels []Kernel }

// NewRegistry returns a registry of the tables' kernels. Of equally good kernels
// the first one listed is preferred. Errors name a kernel that is malformed.
func NewRegistry(tables ...[]Kernel) (*Registry, error) {
	r := &Registry{kernels: slices.Concat(tables...)}
	for _, k := range r.kernels {
		if err := k.check(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Kernels lists the registry's kernels in the order of preference given.
func (r *Registry) Kernels() []Kernel { return slices.Clone(r.kernels) }

// Candidates lists the kernels that serve l on a processor with features f, best
// first: by instruction set, then by how much of the layer the kernel fixes.
// The last one is the generic path, so the list is never empty.
func (r *Registry) Candidates(l specs.Layer, f cpu.Features) []Kernel {
	var ks []Kernel
	for _, k := range r.kernels {
		if f.Has(k.Needs) && k.serves(l) {
			ks = append(ks, k)
		}
	}
	slices.SortStableFunc(ks, func(a, b Kernel) int {
		return cmp.Or(isaRank(b.ISA)-isaRank(a.ISA), b.specificity()-a.specificity())
	})
	return append(ks, genericKernel(l))
}

// New builds a layer: it chooses the kernel and packs the weights, which it
// copies. Weights are [C_in, C_out/groups, k...] for conv_transpose, and
// [C_out, C_in/groups, k...] for conv and resize_conv; bias has C_out values, or is
// nil for none; a layer without a bias takes none, and an op without weights takes
// neither. Prelu wants WithSlopes. The layer's channels must be set.
//
// The instruction set is that of WithISA, else that of the environment variable
// UPCONV_ISA, else the best there is; asking for one that is not there is an
// error that names those that are.
func (r *Registry) New(l specs.Layer, weights, bias []float32, opts ...Option) (*Layer, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	p := parameters{weights, bias, o.slopes}
	if err := p.check(l, o.limits); err != nil {
		return nil, err
	}
	k, err := pick(r.Candidates(l, o.features), l, o.isa)
	if err != nil {
		return nil, err
	}
	return newLayer(l, k, p, o), nil
}

// pick returns the first candidate of the wanted instruction set.
func pick(candidates []Kernel, l specs.Layer, isa string) (Kernel, error) {
	if isa == "" {
		return candidates[0], nil
	}
	var have []string
	for _, k := range candidates {
		if k.ISA == isa {
			return k, nil
		}
		if !slices.Contains(have, k.ISA) {
			have = append(have, k.ISA)
		}
	}
	return Kernel{}, fmt.Errorf("runtime: no %s kernel for %s on this processor; there is: %s", isa, l.Canonical(), strings.Join(have, ", "))
}

// checkLayer reports a layer that cannot be built.
func checkLayer(l specs.Layer, limits specs.Limits) error {
	for _, problem := range l.ValidateWithin(limits) {
		return fmt.Errorf("runtime: %s: %s: %s", l.Canonical(), problem.Field, problem.Message)
	}
	if l.InChannels == 0 || l.OutChannels == 0 {
		return fmt.Errorf("runtime: %s: the channels are not set", l.Canonical())
	}
	return nil
}

// check reports a layer that cannot be built, or not from these parameters.
func (p parameters) check(l specs.Layer, limits specs.Limits) error {
	if err := checkLayer(l, limits); err != nil {
		return err
	}
	if !l.Op.Weighted() && len(p.weights) > 0 {
		return fmt.Errorf("runtime: %s has no weights, but got %d values", l.Canonical(), len(p.weights))
	}
	if want, _ := specs.Product(l.WeightsShape()...); l.Op.Weighted() && len(p.weights) != want {
		return fmt.Errorf("runtime: %s: weights have %d values, want %d = %v", l.Canonical(), len(p.weights), want, l.WeightsShape())
	}
	switch {
	case p.bias == nil:
	case !l.Bias:
		return fmt.Errorf("runtime: %s has no bias, but got one of %d values", l.Canonical(), len(p.bias))
	case len(p.bias) != l.OutChannels:
		return fmt.Errorf("runtime: %s: bias has %d values, want %d, or nil for none", l.Canonical(), len(p.bias), l.OutChannels)
	}
	return p.checkSlopes(l)
}

func (p parameters) checkSlopes(l specs.Layer) error {
	prelu := l.Activation.Function == specs.PReLU
	switch {
	case !prelu && p.slopes != nil:
		return fmt.Errorf("runtime: %s has no prelu, but got %d slopes", l.Canonical(), len(p.slopes))
	case prelu && len(p.slopes) != l.OutChannels:
		return fmt.Errorf("runtime: %s: prelu has %d slopes, want %d", l.Canonical(), len(p.slopes), l.OutChannels)
	}
	return nil
}
