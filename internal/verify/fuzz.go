package verify

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// Limits of one random check of an interpreted path, in multiply-adds.
const (
	slowFuzzWork      = 1 << 14
	slowFuzzFixedWork = 1 << 20
)

// corpus is what the random checks choose from.
type corpus struct {
	kernels map[Way][]runtime.Kernel
	generic []specs.Layer
	layers  []specs.Layer
}

// add makes a path one that is chosen.
func (c *corpus) add(p path) {
	switch {
	case p.kernel != nil:
		if c.kernels == nil {
			c.kernels = map[Way][]runtime.Kernel{}
		}
		c.kernels[p.way] = append(c.kernels[p.way], *p.kernel)
	case p.absent == nil: // the generic path, which every layer has
		c.generic = append(c.generic, p.layer)
		c.layers = append(c.layers, p.layer)
	}
}

// fuzz checks random shapes and data until the time is over, each way for its share
// of it, and makes a row for each.
func (r *run) fuzz() error {
	if r.Fuzz <= 0 {
		return nil
	}
	ways := []Way{Native}
	for _, way := range []Way{Nest, Simulated} {
		if len(r.corpus.kernels[way]) > 0 {
			ways = append(ways, way)
		}
	}
	for _, way := range ways {
		share := r.Fuzz / time.Duration(len(ways))
		check := func(seed uint64, next func(string) error) (kerneltest.Report, error) {
			return r.corpus.random(way, seed, time.Now().Add(share), next)
		}
		if err := r.row("random", "all", way, "", check); err != nil {
			return err
		}
	}
	return nil
}

// random checks until the time; the error says how far it was, which the seed repeats.
func (c *corpus) random(way Way, seed uint64, end time.Time, next func(string) error) (total kerneltest.Report, err error) {
	fuzzer := kerneltest.NewFuzzer(c.kernels[way], nil, c.layers)
	if way == Native {
		fuzzer = kerneltest.NewFuzzer(c.kernels[way], c.generic, c.layers)
	} else {
		fuzzer.Work, fuzzer.FixedWork = slowFuzzWork, slowFuzzFixedWork
	}
	random := rand.New(rand.NewPCG(seed, 0))
	for n := 1; n == 1 || time.Now().Before(end); n++ {
		if err := next(fmt.Sprintf("random case %d", n)); err != nil {
			return total, err
		}
		r, err := fuzzer.Check(draw(random))
		total.Add(r)
		if err != nil {
			return total, fmt.Errorf("random case %d of seed %d: %w", n, seed, err)
		}
	}
	if total.Outputs == 0 {
		return total, notRun("every random case was too much work to interpret")
	}
	return total, nil
}

// chosen is more bytes than a random check takes to choose everything but the data.
const chosen = 16

// draw draws the bytes that choose; in one of four some are left for the data.
func draw(random *rand.Rand) []byte {
	n := chosen
	if random.IntN(4) == 0 {
		n += random.IntN(64)
	}
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	return data
}
