package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/spf13/cobra"
	"github.com/upconv/upconv/runtime/cpu"
)

// environment is what decides which kernels run, and how fast; what is not known is empty
// or 0.
type environment struct {
	Version   string   `json:"version"`
	Go        string   `json:"go"`
	OS        string   `json:"os"`
	Arch      string   `json:"arch"`
	Build     []string `json:"build"` // settings such as GOAMD64=v3 and -tags=purego
	Processor string   `json:"processor"`
	Cores     int      `json:"cores"`   // physical
	Threads   int      `json:"threads"` // goroutines that run at once: GOMAXPROCS
	Caches    caches   `json:"caches"`
	Features  []string `json:"features"`
	ISAs      []string `json:"isas"`     // of the kernels that run here
	Forced    string   `json:"forced"`   // UPCONV_ISA
	Required  string   `json:"required"` // UPCONV_REQUIRE
	Spec      string   `json:"spec"`     // the spec file that commands find from here
}

// caches are their sizes in bytes.
type caches struct {
	L1 int `json:"l1_data"`
	L2 int `json:"l2"`
	L3 int `json:"l3"`
}

func (a *app) envCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print what decides which kernels run: processor, settings, spec file",
		Args:  cobra.NoArgs,
		RunE: a.do(func(context.Context, []string) error {
			e := thisEnvironment()
			if asJSON {
				return json.NewEncoder(a.stdout).Encode(e)
			}
			return e.print(a.stdout)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func thisEnvironment() environment {
	have := cpu.Detect()
	spec, err := findSpec()
	if err != nil {
		spec = "" // there is none
	}
	return environment{
		Version: moduleVersion(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Build: buildSettings(),
		Processor: cpuid.CPU.BrandName, Cores: cpuid.CPU.PhysicalCores, Threads: runtime.GOMAXPROCS(0),
		Caches:   caches{max(0, cpuid.CPU.Cache.L1D), max(0, cpuid.CPU.Cache.L2), max(0, cpuid.CPU.Cache.L3)},
		Features: features(have), ISAs: runnable(have),
		Forced: os.Getenv("UPCONV_ISA"), Required: os.Getenv("UPCONV_REQUIRE"), Spec: spec,
	}
}

// features are the names of those that the processor has.
func features(have cpu.Features) []string {
	if have == 0 {
		return []string{}
	}
	return strings.Split(have.String(), "+")
}

// buildSettings are those of the build that change code.
func buildSettings() []string {
	list := []string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return list
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "-tags", "-race", "GOAMD64", "GOARM64", "CGO_ENABLED":
			list = append(list, s.Key+"="+s.Value)
		}
	}
	return list
}

// print writes one line for each.
func (e environment) print(w *output) error {
	kib := func(bytes int) string { return fmt.Sprintf("%d KiB", bytes>>10) }
	for _, line := range [][2]string{
		{"version", e.Version}, {"go", e.Go + " " + e.OS + "/" + e.Arch}, {"build", strings.Join(e.Build, " ")},
		{"processor", e.Processor}, {"cores", fmt.Sprint(e.Cores)}, {"threads", fmt.Sprint(e.Threads)},
		{"caches", "L1 " + kib(e.Caches.L1) + ", L2 " + kib(e.Caches.L2) + ", L3 " + kib(e.Caches.L3)},
		{"features", strings.Join(e.Features, " ")}, {"isas", strings.Join(e.ISAs, " ")},
		{"UPCONV_ISA", e.Forced}, {"UPCONV_REQUIRE", e.Required}, {"spec", e.Spec},
	} {
		if _, err := fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%-15s%s", line[0], line[1]), " ")); err != nil {
			return err
		}
	}
	return nil
}
