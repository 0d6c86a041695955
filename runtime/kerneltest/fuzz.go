package kerneltest

import (
	"fmt"
	"math/rand/v2"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Corpus is what Fuzz uses of a *testing.F.
type Corpus interface {
	Helper()
	Fatal(args ...any)
	Add(args ...any)
}

// Failer is what the function that Fuzz returns uses of a *testing.T.
type Failer interface {
	Helper()
	Error(args ...any)
}

// Fuzz returns the function for f.Fuzz, after it added its seeds to f: the bytes of
// the fuzzer choose as a [Fuzzer] has it. Kernels whose instructions this processor
// lacks are left out, unless UPCONV_REQUIRE names their instruction set: then it
// fails. f is a *testing.F, and the function's t a *testing.T.
func Fuzz(f Corpus, kernels []runtime.Kernel, layers []specs.Layer) func(t Failer, data []byte) {
	f.Helper()
	if err := checkTable(kernels, layers); err != nil {
		f.Fatal(err)
	}
	var able []runtime.Kernel
	for _, k := range kernels {
		switch message, required := Lacks(k); {
		case message == "":
			able = append(able, k)
		case required:
			f.Fatal(message)
		}
	}
	fuzzer := NewFuzzer(able, Unserved(kernels, layers), layers)
	if len(fuzzer.paths) == 0 {
		f.Fatal("kerneltest: this processor can run none of the kernels")
	}
	for i := range fuzzer.paths {
		f.Add([]byte{byte(i)})
		f.Add([]byte{byte(i), 3, 4, 2, 6, 8, 40, 1, 2, 1, 0, 1, 255})
	}
	return func(t Failer, data []byte) {
		t.Helper()
		if _, err := fuzzer.Check(data); err != nil {
			t.Error(err)
		}
	}
}

// Fuzzer turns bytes into a kernel, its layer, channel counts, sizes, goroutines,
// guards and data, and holds the outputs to the oracle.
type Fuzzer struct {
	paths  []fuzzPath
	layers []specs.Layer

	// Work is how many multiply-adds one check may ask for. What asks for more gets
	// small sizes; a layer that fixes its sizes may cost up to FixedWork, or is not
	// checked.
	Work, FixedWork int
}

// NewFuzzer makes a Fuzzer of the kernels, which this processor must be able to run,
// and of the generic path for other layers. The kernels also get those of the served
// layers that they serve. The limits of work suit compiled kernels.
func NewFuzzer(kernels []runtime.Kernel, generic, served []specs.Layer) *Fuzzer {
	f := &Fuzzer{layers: served, Work: fuzzWork, FixedWork: fixedFuzzWork}
	for _, k := range kernels {
		f.paths = append(f.paths, fuzzPath{k.Layer, &k})
	}
	for _, l := range generic {
		f.paths = append(f.paths, fuzzPath{layer: l})
	}
	return f
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

// choices turns bytes into choices; bytes that are missing choose 0.
type choices []byte

// below returns a number in [0, n), from two bytes where one has too few values.
func (c *choices) below(n int) int {
	if n > 256 {
		high := c.below(256)
		return (high<<8 | c.below(256)) % n
	}
	if len(*c) == 0 {
		return 0
	}
	b := int((*c)[0])
	*c = (*c)[1:]
	return b % n
}

// fuzzKinds are the distributions that a fuzzer draws from.
var fuzzKinds = []Kind{Integers, Normal, Wide, Cancelling, Denormal, Underflow, Special}

// The limits of a Fuzzer unless it is told others.
const (
	fuzzWork      = 1 << 22
	fixedFuzzWork = 1 << 27
)

// small are the sizes that replace large ones.
var small = size{batch: 1, input: [specs.MaxRank]int{2, 2, 9}, in: 3, out: 5}

// Check checks what data chooses; missing bytes choose the first of all. A report
// without outputs says that it was too much work.
func (f *Fuzzer) Check(data []byte) (Report, error) {
	c := choices(data)
	path := f.paths[c.below(len(f.paths))]
	made, p := f.size(&c, path)
	if p == nil {
		return Report{}, nil
	}
	setup := Setup{Guard: Placement(c.below(2)), Threads: 1 + c.below(4)}
	kind := fuzzKinds[c.below(len(fuzzKinds))]
	seed := rand.New(rand.NewPCG(uint64(c.below(256)), uint64(c.below(256)))).Uint64()
	d := p.data(kind, seed)
	c.overwrite(d)
	target := path.target(made.Layer)
	r, err := target.checkData(p, made, d, []Setup{setup}, seed)
	if err != nil {
		return r, fmt.Errorf("%s: %w", target.Name, err)
	}
	r.Cases = 1
	return r, nil
}

// size lets the bytes choose the layer and its sizes; the problem is nil where no
// sizes fit or all are too much work.
func (f *Fuzzer) size(c *choices, path fuzzPath) (Case, *problem) {
	layer, other := path.layer, false
	if i := c.below(1 + len(f.layers)); i > 0 && path.kernel != nil && serves(*path.kernel, f.layers[i-1]) {
		layer, other = f.layers[i-1], true
	}
	s := size{in: 1 + c.below(24), out: 1 + c.below(40), batch: 1 + c.below(3)}
	s.input = [specs.MaxRank]int{1 + c.below(6), 1 + c.below(12), 1 + c.below(70)}
	bias := c.below(2) == 0
	made, p := f.fit(s, layer, bias)
	if p != nil && other && !serves(*path.kernel, made.Layer) { // with other channels than its own
		made, p = f.fit(s, path.layer, bias)
	}
	return made, p
}

// fit fills in what the layer leaves open, with small sizes where others are too much work.
func (f *Fuzzer) fit(s size, l specs.Layer, bias bool) (Case, *problem) {
	made, p, err := s.fit(l, bias)
	if err != nil || p.work() > f.Work {
		made, p, err = small.fit(l, bias)
	}
	if err != nil || p.work() > f.FixedWork {
		return Case{}, nil
	}
	return made, p
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
