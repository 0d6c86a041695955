package kerneltest

import (
	"math/rand/v2"
	"testing"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Fuzz lets the bytes of the fuzzer choose the kernel, its layer, channel counts,
// sizes, goroutines, guards and data, and holds the outputs to the oracle. Kernels
// whose instructions this processor lacks are left out, unless UPCONV_REQUIRE names
// their instruction set: then it fails.
func Fuzz(f *testing.F, kernels []runtime.Kernel, layers []specs.Layer) {
	if err := checkTable(kernels, layers); err != nil {
		f.Fatal(err)
	}
	able := fuzzPaths(f, kernels, layers)
	if len(able) == 0 {
		f.Fatal("kerneltest: this processor can run none of the kernels")
	}
	for i := range able {
		f.Add([]byte{byte(i)})
		f.Add([]byte{byte(i), 3, 4, 2, 6, 8, 40, 1, 2, 1, 0, 1, 255})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := fuzzOne(able, layers, data); err != nil {
			t.Error(err)
		}
	})
}

// fuzzPath is a way to compute a layer: with a kernel, or without one.
type fuzzPath struct {
	layer  specs.Layer
	kernel *runtime.Kernel // nil: the generic path
}

// target is the path for the layer with its channels set.
func (p fuzzPath) target(l specs.Layer) Target {
	if p.kernel == nil {
		return GenericTarget(l)
	}
	return TargetOf(*p.kernel)
}

// fuzzPaths lists the kernels that this processor can run, and the generic path
// for layers that no kernel serves.
func fuzzPaths(f *testing.F, kernels []runtime.Kernel, layers []specs.Layer) (able []fuzzPath) {
	for _, k := range kernels {
		if lacks(k) == 0 {
			able = append(able, fuzzPath{k.Layer, &k})
		} else if required(k.ISA) {
			f.Fatal(lackMessage(k))
		}
	}
	for _, l := range unserved(kernels, layers) {
		able = append(able, fuzzPath{layer: l})
	}
	return able
}

// choices turns bytes into choices; bytes that are missing choose 0.
type choices []byte

// below returns a number in [0, n).
func (c *choices) below(n int) int {
	if len(*c) == 0 {
		return 0
	}
	b := int((*c)[0])
	*c = (*c)[1:]
	return b % n
}

// fuzzKinds are the distributions that a fuzzer draws from.
var fuzzKinds = []Kind{Integers, Normal, Wide, Cancelling, Denormal, Underflow, Special}

// fuzzWork is how many multiply-adds one input may ask for. What asks for more gets
// small sizes; a layer that fixes its sizes may cost up to fixedFuzzWork.
const (
	fuzzWork      = 1 << 22
	fixedFuzzWork = 1 << 27
)

// small are the sizes that replace large ones.
var small = size{batch: 1, input: [specs.MaxRank]int{2, 2, 9}, in: 3, out: 5}

func fuzzOne(paths []fuzzPath, layers []specs.Layer, data []byte) error {
	c := choices(data)
	path := paths[c.below(len(paths))]
	layer := path.layer
	if i := c.below(1 + len(layers)); i > 0 && path.kernel != nil && serves(*path.kernel, layers[i-1]) {
		layer = layers[i-1]
	}
	s := size{in: 1 + c.below(24), out: 1 + c.below(40), batch: 1 + c.below(3)}
	s.input = [specs.MaxRank]int{1 + c.below(6), 1 + c.below(12), 1 + c.below(70)}
	bias := c.below(2) == 0
	made, p, err := s.fit(layer, bias)
	if err != nil || p.work() > fuzzWork {
		made, p, err = small.fit(layer, bias)
	}
	if err != nil || p.work() > fixedFuzzWork {
		return nil
	}
	setup := Setup{Guard: Placement(c.below(2)), Threads: 1 + c.below(4)}
	kind := fuzzKinds[c.below(len(fuzzKinds))]
	seed := rand.New(rand.NewPCG(uint64(c.below(256)), uint64(c.below(256)))).Uint64()
	d := p.data(kind, seed)
	c.overwrite(d)
	_, err = path.target(made.Layer).checkData(p, made, d, []Setup{setup}, seed)
	return err
}

// overwrite puts what is left of the fuzzer's bytes into the data, where it need
// not be exact: each byte is a weight and an input.
func (c *choices) overwrite(d *Data) {
	if d.Kind.exact() {
		return
	}
	d.chosen = len(*c) > 0
	for i, b := range *c {
		if i < len(d.Src) {
			d.Src[i] = float32(int8(b)) / 16
		}
		if i < len(d.Weights) {
			d.Weights[i] = float32(int8(b^0x5a)) / 16
		}
	}
}
