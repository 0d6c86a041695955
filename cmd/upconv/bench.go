package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/upconv/upconv/internal/bench"
	"github.com/upconv/upconv/internal/prebuilt"
)

// benchFlags are the flags of bench.
type benchFlags struct {
	isas    []string
	threads int
	rounds  int
	asJSON  bool
}

func (a *app) benchCommand() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench [ROW...]",
		Short: "Time layers of published networks on every kernel path",
		Long: `Bench times transposed convolutions of published networks on each kernel path of
this binary and prints a row for each: the median time, GFLOP/s, and the share
of the multiply-add peak of the kernel's instruction set, which is measured in
the same rounds. ROW names rows, such as T13 or T13_pose3; without any, all run.
Pin the process to a core for steady numbers: taskset -c 1 upconv bench.`,
		RunE: a.do(func(ctx context.Context, rows []string) error {
			cases, err := benchCases(rows)
			if err != nil {
				return err
			}
			return a.bench(ctx, cases, f)
		}),
	}
	cmd.Flags().StringSliceVar(&f.isas, "isa", []string{"avx512", "avx2", "go", "generic"}, "instruction sets to time, where they exist")
	cmd.Flags().IntVar(&f.threads, "threads", 1, "goroutines of a layer")
	cmd.Flags().IntVar(&f.rounds, "rounds", 5, "rounds; each takes about 50 ms a row and path")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON object a line")
	return cmd
}

// benchCases selects rows by name or by the part before the underscore.
func benchCases(rows []string) ([]bench.Case, error) {
	all := bench.Cases()
	if len(rows) == 0 {
		return all, nil
	}
	var selected []bench.Case
	for _, row := range rows {
		i := slices.IndexFunc(all, func(c bench.Case) bool { return c.Name == row || strings.HasPrefix(c.Name, row+"_") })
		if i < 0 {
			return nil, fmt.Errorf("no row %q; there is %s to %s", row, all[0].Name, all[len(all)-1].Name)
		}
		selected = append(selected, all[i])
	}
	return selected, nil
}

func (a *app) bench(ctx context.Context, cases []bench.Case, f benchFlags) error {
	if f.threads < 1 || f.rounds < 1 {
		return fmt.Errorf("--threads and --rounds must be at least 1")
	}
	p := startProgress(a.stderr, "measuring")
	defer p.stop()
	if !f.asJSON {
		bench.Header(a.stdout)
	}
	for i, c := range cases {
		p.step(fmt.Sprintf("%s, %d of %d", c.Name, i+1, len(cases)))
		results, err := bench.Run(ctx, c, bench.Options{
			Kernels: prebuilt.Kernels(), ISAs: f.isas, Threads: f.threads, Rounds: f.rounds, Slice: 40 * time.Millisecond,
		})
		if err != nil {
			return err
		}
		for _, r := range results {
			if err := printResult(a.stdout, r, f.asJSON); err != nil {
				return err
			}
		}
	}
	return nil
}

func printResult(w io.Writer, r bench.Result, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(r)
	}
	bench.Row(w, r)
	return nil
}
