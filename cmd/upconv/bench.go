package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/upconv/upconv/internal/bench"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
)

// benchFlags are the flags of bench.
type benchFlags struct {
	isas    []string
	threads int
	rounds  int
	build   bool
	asJSON  bool
}

// benchPaths are the paths that bench times; all but the last one by default.
var benchPaths = []string{"avx512", "avx2", "go", "generic", bench.LoopISA}

func (a *app) benchCommand() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench [LAYER...]",
		Short: "Time layers on every kernel path beside this machine's limits",
		Long: `Bench times layers on each kernel path of this binary and prints
a row for each: the median time, the rate, the machine's limit that is nearer,
measured in the same rounds, and the share of it that the path reaches. The limit
is the multiply-add peak of the path's instruction set or, where that takes longer,
copying an array of the output's size.

LAYER is a row, such as T13 or T13_pose3, or a canonical name with channels and
sizes, such as conv_transpose2d_k4s2p1_c61x37_i19x23. Rows T1 to T21 are layers of
published networks, O1 to O10 layers of odd geometries and sizes, C1 to C5 a
resize_conv or a conv, rows R, U and P layers without weights; without a LAYER all
rows run.

With --threads above 1, scaling is the time on one thread over that on all, beside
the scaling of multiply-add loops pinned to as many processors. --isa loop adds
the plain nested loop that one would write without a generator, and how many
times faster than it the other paths are. --build times what happens once for
each layer, choosing a kernel and packing the weights, against a plain copy of the
weights.

Pin the process to a core for steady numbers on one thread: taskset -c 1 upconv bench.`,
		Example: `  upconv bench T13 T20 --isa avx512,go
  upconv bench conv_transpose2d_k4s2p1_c61x37_i19x23 --isa go,loop
  upconv bench T2 T6 --threads 2 --json
  upconv bench --build`,
		RunE: a.do(func(ctx context.Context, layers []string) error {
			cases, err := benchCases(layers)
			if err != nil {
				return err
			}
			return a.bench(ctx, cases, f)
		}),
	}
	cmd.Flags().StringSliceVar(&f.isas, "isa", benchPaths[:len(benchPaths)-1], "paths to time, where they exist; loop is the plain nested loop")
	cmd.Flags().IntVar(&f.threads, "threads", 1, "goroutines of a layer")
	cmd.Flags().IntVar(&f.rounds, "rounds", 5, "rounds; each takes about 50 ms a row and path")
	cmd.Flags().BoolVar(&f.build, "build", false, "time building layers, which packs their weights, beside a plain copy of the weights")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON object a line")
	return cmd
}

// canonical is how the canonical name of a layer begins.
var canonical = regexp.MustCompile(`^[a-z_]+[1-3]d_`)

// benchCases finds each layer among the rows, by name or by the part before the
// underscore, or takes it for a canonical name.
func benchCases(layers []string) ([]bench.Case, error) {
	all := bench.Cases()
	if len(layers) == 0 {
		return all, nil
	}
	var selected []bench.Case
	for _, name := range layers {
		i := slices.IndexFunc(all, func(c bench.Case) bool { return c.Name == name || strings.HasPrefix(c.Name, name+"_") })
		if i >= 0 {
			selected = append(selected, all[i])
			continue
		}
		if !canonical.MatchString(name) {
			return nil, fmt.Errorf("no row %q; there is %s to %s, and any canonical name with channels and sizes", name, all[0].Name, all[len(all)-1].Name)
		}
		c, err := bench.ParseCase(name)
		if err != nil {
			return nil, err
		}
		selected = append(selected, c)
	}
	return selected, nil
}

func (a *app) bench(ctx context.Context, cases []bench.Case, f benchFlags) error {
	if f.threads < 1 || f.rounds < 1 {
		return fmt.Errorf("--threads and --rounds must be at least 1")
	}
	for _, isa := range f.isas {
		if !slices.Contains(benchPaths, isa) {
			return fmt.Errorf("unknown path %q; there is: %s", isa, strings.Join(benchPaths, ", "))
		}
	}
	o := bench.Options{Kernels: prebuilt.Kernels(), ISAs: f.isas, Threads: f.threads, Rounds: f.rounds, Slice: 40 * time.Millisecond}
	if err := a.noteUnserved(cases, o.Kernels); err != nil {
		return err
	}
	m := measurement{a, cases, f.asJSON}
	if f.build {
		return measure(ctx, m, bench.Build, bench.NewBuildTable(m.tableWriter(), cases).Row, o)
	}
	return measure(ctx, m, bench.Run, bench.NewTable(m.tableWriter(), cases, o).Row, o)
}

// measurement is what one run of bench goes through.
type measurement struct {
	*app
	cases  []bench.Case
	asJSON bool
}

// tableWriter takes a table when one is wanted.
func (m measurement) tableWriter() io.Writer {
	if m.asJSON {
		return io.Discard
	}
	return m.stdout
}

// measure runs all cases and shows each result as it comes.
func measure[R any](ctx context.Context, m measurement, run func(context.Context, bench.Case, bench.Options) ([]R, error), row func(R), o bench.Options) error {
	p := startProgress(m.stderr, "measuring")
	defer p.stop()
	lines := json.NewEncoder(m.stdout)
	for i, c := range m.cases {
		p.step(fmt.Sprintf("%s, %d of %d", c.Name, i+1, len(m.cases)))
		results, err := run(ctx, c, o)
		if err != nil {
			return err
		}
		for _, r := range results {
			if row(r); !m.asJSON {
				continue
			}
			if err := lines.Encode(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteUnserved says on stderr which layers only the generic path runs.
func (a *app) noteUnserved(cases []bench.Case, kernels []runtime.Kernel) error {
	for _, c := range cases {
		served, err := bench.Served(c, kernels)
		if err != nil {
			return err
		}
		if !served {
			fmt.Fprintf(a.stderr, "upconv: this binary has no kernel for %s: it runs on the generic path; upconv generate writes kernels\n", c.Layer.Canonical())
		}
	}
	return nil
}
