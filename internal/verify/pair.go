package verify

import (
	"slices"

	"github.com/upconv/upconv/runtime/kerneltest"
)

// samePaths are the paths that promise the same bits.
var samePaths = [][2]string{{"avx2", "avx512"}, {"go", genericPath}}

// pair is two paths of a layer that promise the same bits.
type pair struct{ first, second path }

// pairsOf finds them among the paths that are not simulated: the simulator compares
// each call with the nest itself.
func pairsOf(paths []path) (pairs []pair) {
	find := func(name string) (path, bool) {
		i := slices.IndexFunc(paths, func(p path) bool { return p.name == name && p.way != Simulated && p.absent == nil })
		if i < 0 {
			return path{}, false
		}
		return paths[i], true
	}
	for _, names := range samePaths {
		first, ok := find(names[0])
		second, also := find(names[1])
		if ok && also && first.merges() == second.merges() {
			pairs = append(pairs, pair{first, second})
		}
	}
	return pairs
}

// merges reports whether the path adds up weights first, which gives other bits.
func (p path) merges() bool { return p.target(kerneltest.Case{Layer: p.layer}).Merge }

func (p pair) name() string { return p.first.name + " = " + p.second.name }

// way is that of the path that is further from the processor.
func (p pair) way() Way {
	if p.first.way == Nest || p.second.way == Nest {
		return Nest
	}
	return Native
}

// check compares all outputs on the cases of the first path that are not too large
// for either.
func (p pair) check(seed uint64, next func(string) error) (total kerneltest.Report, err error) {
	both := p.first
	if both.most == 0 || p.second.most != 0 && p.second.most < both.most {
		both.most = p.second.most
	}
	cases, err := both.affordable()
	for i, c := range cases {
		if err := next(c.String()); err != nil {
			return total, err
		}
		r, err := kerneltest.Agree(p.first.target(c), p.second.target(c), c, seed<<8+uint64(i))
		total.Add(r)
		if err != nil {
			return total, err
		}
	}
	if err == nil && total.Outputs == 0 {
		err = notRun("interpreting it takes too long")
	}
	return total, err
}
