package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/specs/specfile"
)

func (a *app) listCommand() *cobra.Command {
	var spec string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the kernels in this binary, or the layers of a spec file",
		Long: `List prints the kernels that this binary holds: the layer each serves, its
instruction set, what it needs and whether this processor runs it.

With -f it prints the layers of a spec file instead: their shapes and the kernel
that "upconv run" would use. N is the batch size, D, H and W are sizes that the
spec leaves free, C_in and C_out free channels.`,
		Args: cobra.NoArgs,
		RunE: a.do(func(context.Context, []string) error {
			if spec == "" {
				return listKernels(a.stdout, prebuilt.Kernels(), cpu.Detect())
			}
			f, err := a.loadSpec(spec)
			if err != nil {
				return err
			}
			return listLayers(a.stdout, f, cpu.Detect())
		}),
	}
	cmd.Flags().StringVarP(&spec, "file", "f", "", "spec file whose layers are listed")
	return cmd
}

// table starts columns that are as wide as their widest cell.
func table(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

func listKernels(w io.Writer, kernels []runtime.Kernel, have cpu.Features) error {
	t := table(w)
	fmt.Fprintln(t, "KERNEL\tLAYER\tISA\tNEEDS\tRUNS HERE")
	for _, k := range kernels {
		runs := "yes"
		if lacks := k.Needs &^ have; lacks != 0 {
			runs = "no, lacks " + lacks.String()
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", k.Name, k.Layer.Canonical(), k.ISA, k.Needs, runs)
	}
	return t.Flush()
}

func listLayers(w io.Writer, f *specfile.File, have cpu.Features) error {
	registry, err := runtime.NewRegistry(prebuilt.Kernels())
	if err != nil {
		return err
	}
	t := table(w)
	fmt.Fprintln(t, "LAYER\tINPUT\tWEIGHTS\tOUTPUT\tKERNEL")
	for _, l := range f.Layers {
		s := shapesOf(l)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", l.Name, s.input, s.weights, s.output, registry.Candidates(l, have)[0].Name)
	}
	return t.Flush()
}
