package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime/cpu"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the Go version and what this processor runs",
		Args:  cobra.NoArgs,
		RunE: a.do(func(context.Context, []string) error {
			have := cpu.Detect()
			fmt.Fprintf(a.stdout, "upconv %s\n", moduleVersion())
			fmt.Fprintf(a.stdout, "go     %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
			fmt.Fprintf(a.stdout, "cpu    %s\n", strings.Join(strings.Split(have.String(), "+"), " "))
			fmt.Fprintf(a.stdout, "isa    %s\n", strings.Join(runnable(have), " "))
			return nil
		}),
	}
}

// moduleVersion is the version of the module that this binary was built from.
func moduleVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}

// runnable lists the instruction sets of which this binary has kernels that
// the processor runs; the generic path always is one.
func runnable(have cpu.Features) []string {
	isas := []string{"generic"}
	for _, k := range prebuilt.Kernels() {
		if have.Has(k.Needs) && !slices.Contains(isas, k.ISA) {
			isas = append(isas, k.ISA)
		}
	}
	slices.Sort(isas[1:])
	return isas
}
