// Command score plants small mistakes in all prebuilt kernels, one at a time, and prints
// which layer of the proof finds how many of them.
//
//	go run ./internal/mutation/score                          # all mutants: a quarter of an hour on two processors
//	go run ./internal/mutation/score -every 60 -nests 10      # one in so many: a minute
//	go run ./internal/mutation/score -out docs/mutation.md
//
// It exits with 1 if a mutant is left without a reason, or if fewer than 99.5 % of the mutants
// of assembly, or of loop nests, are found that no rule proves to be no mistakes.
package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/internal/mutation"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/specs"
)

// options are the flags.
type options struct {
	every, nests, seed, list int
	out, only                string
}

func main() {
	var o options
	flags := flag.NewFlagSet("score", flag.ExitOnError) // avo has flags of its own on the command line
	flags.IntVar(&o.every, "every", 1, "try one mutant of assembly in so many; 0: none")
	flags.IntVar(&o.nests, "nests", 1, "try one mutant of a loop nest in so many; 0: none")
	flags.IntVar(&o.seed, "seed", 0, "which ones: the first that is tried")
	flags.IntVar(&o.list, "list", 2, "of each reason and kind, list so many mutants that are left")
	flags.StringVar(&o.only, "kernel", "", "only kernels whose name contains this")
	flags.StringVar(&o.out, "out", "", "write the report to this file, too")
	_ = flags.Parse(os.Args[1:]) // which exits on errors
	if err := run(o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	}
}

func run(o options, stdout io.Writer) error {
	var layers []specs.Layer
	for _, p := range prebuilt.Packages() {
		layers = append(layers, p.Layers...)
	}
	var text bytes.Buffer
	w := io.MultiWriter(stdout, &text)
	fmt.Fprintf(w, heading, strings.Join(os.Args[1:], " "))
	assembly, nests := &mutation.Report{}, &mutation.Report{}
	var err error
	if o.every > 0 {
		if assembly, err = assemblies(o, layers); err != nil {
			return err
		}
		fmt.Fprintf(w, "\n## Assembly\n\n%s of every kernel.\n\n", share(o.every))
		assembly.Print(w, o.list)
	}
	if o.nests > 0 {
		if nests, err = loopNests(o, layers); err != nil {
			return err
		}
		fmt.Fprintf(w, "\n## Loop nests\n\n%s of every nest.\n\n", share(o.nests))
		nests.Print(w, o.list)
	}
	if o.out != "" {
		if err := os.WriteFile(o.out, text.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return cmp.Or(verdict("assembly", assembly), verdict("loop nests", nests))
}

const heading = "# Mutants\n\n" +
	"Small mistakes, planted one at a time, and what finds each. \"Proved equal\" are those that a rule proves to be no\n" +
	"mistakes: the straight-line code around them leaves the same on symbols, the branch goes the same way for counts or from one\n" +
	"label to the other without effect, only the lanes of a mask or of a moved vector depend on it and no number of columns tells it,\n" +
	"or only prefetches and cursors that nothing reads see it. The score leaves these out; it counts those that are left as not\n" +
	"found, although each has one of the reasons below and, where its kernel belongs to a layer, many more calls did not find it\n" +
	"either. The command fails if one is left without a reason, or if more calls find it: it would be listed here as \"not explained\".\n\n" +
	"    go run ./internal/mutation/score %s\n"

// share says which mutants are tried.
func share(every int) string {
	if every == 1 {
		return "All mutants"
	}
	return fmt.Sprintf("One mutant in %d", every)
}

// assemblies tries mutants of the assembly of all kernels.
func assemblies(o options, layers []specs.Layer) (*mutation.Report, error) {
	return each(o, "kernels", mutation.Kernels(layers, []plan.Target{plan.AVX2, plan.AVX512}, true), o.every, mutation.Assembly)
}

// loopNests tries mutants of the loop nests.
func loopNests(o options, layers []specs.Layer) (*mutation.Report, error) {
	return each(o, "nests", mutation.Kernels(layers, gen.Targets, true), o.nests, mutation.Nests)
}

// each tries one in so many mutants of each kernel that is asked for.
func each(o options, what string, all []mutation.Kernel, every int, try func(k mutation.Kernel, pick func(n int) bool) ([]mutation.Outcome, error)) (*mutation.Report, error) {
	var kernels []mutation.Kernel
	for _, k := range all {
		if strings.Contains(k.Nest.Name, o.only) {
			kernels = append(kernels, k)
		}
	}
	r := &mutation.Report{}
	err := mutation.Each(r, kernels, runtime.GOMAXPROCS(0), progress(what, len(kernels)), func(k mutation.Kernel) ([]mutation.Outcome, error) {
		list, err := try(k, mutation.Every(every, o.seed))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.Nest.Name, err)
		}
		return list, nil
	})
	return r, err
}

// progress shows on a terminal how many of the kernels are done.
func progress(what string, total int) func(int) {
	if info, err := os.Stderr.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(int) {}
	}
	return func(n int) { fmt.Fprintf(os.Stderr, "\r%d of %d %s ", n, total, what) }
}

// least is the share of the mistakes below which a run fails, in percent.
const least = 99.5

// verdict is an error for a proof that finds too little of what was planted, or that leaves
// something without a reason.
func verdict(where string, r *mutation.Report) error {
	if n := r.Unexplained(); n > 0 {
		return fmt.Errorf("%d mutants of %s are left without a reason", n, where)
	}
	if found := r.Total.Percent(); r.Total.Made > 0 && found < least {
		return fmt.Errorf("%.2f %% of the mutants of %s are found that no rule proves equal, want %.1f %%", found, where, least)
	}
	return nil
}
