package gen

import (
	"fmt"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
)

// PeakSource is where the headers of the Peak files say they come from.
const PeakSource = "gen/peak.go"

// Peak returns the files of package internal/peak that measure how fast the
// processor multiplies and adds: for each vector instruction set one function
// that does nothing else, from registers.
func Peak() ([]File, error) {
	var files []File
	for _, t := range []plan.Target{plan.AVX2, plan.AVX512} {
		k := peakKernel(t)
		f, err := assembly(k, t, PeakSource, peakCalls(t))
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// peakChains is the number of independent sums: more than the latency times the
// number of units of any processor, and few enough for sixteen registers.
const peakChains = 12

// peakKernel adds x*w to every chain, rounds times.
func peakKernel(t plan.Target) nest.Kernel {
	body := []nest.Node{
		nest.Point{Cursor: "s", From: "src"}, nest.Point{Cursor: "d", From: "dst"},
		nest.Splat{Dst: "x", From: nest.Ref{Cursor: "s"}}, nest.Splat{Dst: "w", From: nest.Ref{Cursor: "s", Disp: 1}},
	}
	var sums, stores []nest.Node
	for i := range peakChains {
		acc := fmt.Sprintf("a%d", i)
		body = append(body, nest.Splat{Dst: acc, From: nest.Ref{Cursor: "s"}})
		sums = append(sums, nest.FMA{Acc: acc, A: "x", B: "w"})
		stores = append(stores, nest.Store{To: nest.Ref{Cursor: "d", Disp: i * t.Lanes}, Src: acc})
	}
	body = append(body, nest.Loop{Var: "round", To: "rounds", Step: 1, Body: sums})
	return nest.Kernel{
		Name: "fma_" + t.Name, Lanes: t.Lanes, Fused: true,
		Slices: []string{"dst", "src"}, Ints: []string{"rounds"}, Body: append(body, stores...),
	}
}

// peakCalls try no round, one and several.
func peakCalls(t plan.Target) (calls []trial.Call) {
	outputs := make([]bool, peakChains*t.Lanes)
	for i := range outputs {
		outputs[i] = true
	}
	for rounds := range 4 {
		calls = append(calls, trial.Draw([]int{rounds}, outputs, 2))
	}
	return calls
}
