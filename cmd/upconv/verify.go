package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/spf13/cobra"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/internal/verify"
	"github.com/upconv/upconv/specs"
)

// verification is the verify command.
type verification struct {
	*app
	spec   string
	fuzz   time.Duration
	seed   uint64
	asJSON bool
}

func (a *app) verifyCommand() *cobra.Command {
	v := &verification{app: a}
	cmd := &cobra.Command{
		Use:   "verify [LAYER|FOLDER...]",
		Short: "Hold kernels against the definition on this machine",
		Long: `Verify runs the kernels of layers and compares what they return with the definition,
summed in float64: integers exactly, other data within the running error bound of
each output and bit for bit with the documented order; on slices between pages that
no program may touch, and on several goroutines. Paths that promise the same bits
are compared with each other: AVX2 with AVX-512, Go with the generic path.

LAYER is a canonical name, such as conv_transpose2d_k4s2p1_c128x64, or the name of a
layer in the spec file. FOLDER is a generated package: its kernels' files have to be what
this command generates, and their layers are verified. With -f and no LAYER all layers of the spec are verified,
without both the prebuilt packages, which takes a few minutes.

Each row of the table is one path of a layer and the way it ran: a kernel that this
binary holds and this processor can run is native, others are a nest, interpreted.
The assembly of all is simulated too, instruction by instruction: first in calls
that reach every instruction, then on whole layers while they are small. The
columns are the cases, the outputs compared and the largest error as a fraction of
its bound. Of a layer that is too large to interpret, the same loop nest runs on fewer
channels and smaller inputs, and the row says so. A row that could not be run at all is
reported like a failure.

--fuzz goes on with random layers, shapes and data until the time is over. --seed
repeats them.

Exit status: 0 when all rows were run and hold; 1 when a kernel failed or a row was not
run; 2 for wrong usage.`,
		Example: `  upconv verify
  upconv verify -f upconv.yaml --fuzz 30s
  upconv verify ./decoder
  upconv verify conv_transpose2d_k5s3p1_c6x10 --json`,
		RunE: a.do(func(ctx context.Context, names []string) error {
			if v.fuzz < 0 {
				return fmt.Errorf("--fuzz %v: the time cannot be negative", v.fuzz)
			}
			if v.fuzz > 0 && v.seed == 0 {
				v.seed = rand.Uint64N(1<<32-1) + 1
			}
			return v.run(ctx, names)
		}),
	}
	cmd.Flags().StringVarP(&v.spec, "file", "f", "", "spec file whose layers are verified")
	cmd.Flags().DurationVar(&v.fuzz, "fuzz", 0, "how long to go on with random shapes and data, such as 30s")
	cmd.Flags().Uint64Var(&v.seed, "seed", 0, "seed of the data; 0: with --fuzz a new one each time")
	cmd.Flags().BoolVar(&v.asJSON, "json", false, "print one JSON object a line")
	return cmd
}

// groups finds the layers and the kernels to verify.
func (v *verification) groups(names []string) ([]verify.Group, error) {
	if v.spec == "" && len(names) == 0 {
		var list []verify.Group
		for _, p := range prebuilt.Packages() {
			list = append(list, verify.Group{Kernels: v.kernels, Layers: p.Layers})
		}
		return list, nil
	}
	g := verify.Group{Kernels: v.kernels}
	for _, name := range names {
		if v.spec == "" && isFolder(name) {
			layers, err := folderLayers(name)
			if err != nil {
				return nil, err
			}
			g.Layers = append(g.Layers, layers...)
			continue
		}
		l, err := (&explanation{app: v.app, spec: v.spec}).layer(name)
		if err != nil {
			return nil, err
		}
		g.Layers = append(g.Layers, l)
	}
	if len(names) > 0 {
		return []verify.Group{g}, nil
	}
	f, err := v.loadSpec(v.spec)
	if err != nil {
		return nil, err
	}
	g.Layers = f.Layers
	return []verify.Group{g}, nil
}

// run prints the rows as they come; the error is of all that failed.
func (v *verification) run(ctx context.Context, names []string) error {
	groups, err := v.groups(names)
	if err != nil {
		return err
	}
	p := startProgress(v.stderr, "verifying")
	defer p.stop()
	show := v.rows(groups)
	var t tally
	o := verify.Options{Groups: groups, Seed: v.seed, Fuzz: v.fuzz, Step: p.step}
	err = interruptible(ctx, func() error {
		return verify.Run(ctx, o, func(r verify.Row) error {
			t.add(r)
			return show(r)
		})
	})
	if err != nil {
		return err
	}
	if !v.asJSON {
		fmt.Fprintf(v.stdout, "%d rows: %d outputs compared, %d failed, %d not run; seed %d\n", t.rows, t.outputs, len(t.failed)-t.notRun, t.notRun, v.seed)
	}
	if len(t.failed) > 0 {
		return t.failed
	}
	return nil
}

// tally counts rows.
type tally struct {
	rows, outputs, notRun int
	failed                failures // or not run
}

func (t *tally) add(r verify.Row) {
	t.rows++
	t.outputs += r.Outputs
	switch r.Result {
	case verify.Failed:
		t.failed = append(t.failed, r)
	case verify.NotRun:
		t.failed = append(t.failed, r)
		t.notRun++
	}
}

// rows returns what prints a row.
func (v *verification) rows(groups []verify.Group) func(verify.Row) error {
	if v.asJSON {
		lines := json.NewEncoder(v.stdout)
		return func(r verify.Row) error { return lines.Encode(r) }
	}
	var layers []specs.Layer
	for _, g := range groups {
		layers = append(layers, g.Layers...)
	}
	return verifyTable(v.stdout, layers)
}

// verifyTable prints the head of a table and returns what prints its rows, one at a
// time, so that its columns are as wide as can be known before.
func verifyTable(w io.Writer, layers []specs.Layer) func(verify.Row) error {
	width := len("LAYER")
	for _, l := range layers {
		width = max(width, len(l.Canonical()))
	}
	fmt.Fprintf(w, "%-*s  %-13s  %-9s  %6s  %11s  %5s  %s\n", width, "LAYER", "PATH", "WAY", "CASES", "OUTPUTS", "WORST", "RESULT")
	return func(r verify.Row) error {
		result := string(r.Result)
		if r.Result == verify.NotRun {
			result += ": " + r.Message
		}
		if r.Note != "" {
			result += ": " + r.Note
		}
		_, err := fmt.Fprintf(w, "%-*s  %-13s  %-9s  %6d  %11d  %5.3f  %s\n", width, r.Layer, r.Path, r.Way, r.Cases, r.Outputs, r.Worst, result)
		return err
	}
}

// failures are the rows that failed or were not run.
type failures []verify.Row

func (f failures) Error() string { return fmt.Sprintf("%d paths failed or were not run", len(f)) }

// problems are one for each path.
func (f failures) problems() (list []problem) {
	for _, r := range f {
		what := ""
		if r.Result == verify.NotRun {
			what = "not run: "
		}
		list = append(list, problem{Kind: kindError, Message: fmt.Sprintf("%s %s: %s%s", r.Way, r.Path, what, r.Message)})
	}
	return list
}
