package runtime

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs"
)

// Option changes how a layer is built.
type Option func(*options)

type options struct {
	threads  int
	isa      string
	features cpu.Features
	cache    int
	slopes   []float32
	limits   specs.Limits
}

// WithThreads splits Forward over at most n goroutines, the caller's and helpers;
// the default is GOMAXPROCS when the layer is built. Results do not depend on it.
// All layers share their helpers, fewer than GOMAXPROCS, which stay awake for at most
// 200 microseconds after a call, so that the next one finds them, and then end. A short
// call gets none unless calls follow each other within 50 microseconds.
func WithThreads(n int) Option { return func(o *options) { o.threads = n } }

// WithISA asks for an instruction set: generic, go, avx2 or avx512. "" leaves
// the choice to UPCONV_ISA, then to the processor.
func WithISA(isa string) Option {
	return func(o *options) {
		if isa != "" {
			o.isa = isa
		}
	}
}

// WithSlopes gives a layer with the activation prelu its slopes, one for each
// output channel; they are copied.
func WithSlopes(slopes []float32) Option { return func(o *options) { o.slopes = slopes } }

// WithFeatures chooses kernels as if the processor had just these features.
func WithFeatures(f cpu.Features) Option { return func(o *options) { o.features = f } }

// WithCache sets the bytes of outputs above which layers that move, weigh or unpool values
// write them past the caches, because what follows would not find them there; 0 is
// never. The default is the size of the last level cache, where the processor tells it.
func WithCache(bytes int) Option { return func(o *options) { o.cache = bytes } }

// WithLimits caps what the layer may cost; the default is specs.DefaultLimits.
func WithLimits(l specs.Limits) Option { return func(o *options) { o.limits = l } }

func newOptions(opts []Option) (options, error) {
	o := options{threads: runtime.GOMAXPROCS(0), isa: os.Getenv("UPCONV_ISA"), features: cpu.Detect(), cache: cpu.LastLevelCache(), limits: specs.DefaultLimits()}
	for _, f := range opts {
		f(&o)
	}
	if o.threads < 1 {
		return o, fmt.Errorf("runtime: %d threads; want at least 1", o.threads)
	}
	if o.cache < 0 {
		return o, fmt.Errorf("runtime: a cache of %d bytes; want 0 or more", o.cache)
	}
	if o.isa != "" && isaRank(o.isa) < 0 {
		return o, fmt.Errorf("runtime: unknown instruction set %q; there is: %s", o.isa, strings.Join(isas, ", "))
	}
	return o, nil
}
