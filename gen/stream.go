package gen

import (
	"fmt"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
)

// streamKernel copies whole vectors to dst, which begins at a multiple of one, past the
// caches. The last call of several says so: then others may see all of them.
func streamKernel(t plan.Target) nest.Kernel {
	return nest.Kernel{
		Name: "stream_" + t.Name, Lanes: t.Lanes,
		Slices: []string{"dst", "src"}, Ints: []string{"whole", "last"},
		Body: []nest.Node{
			nest.Point{Cursor: "s", From: "src"}, nest.Point{Cursor: "d", From: "dst"},
			streamLoop(t, moveWide), streamLoop(t, 1),
			nest.If{Arg: "last", Body: []nest.Node{nest.Fence{}}},
		},
	}
}

// streamLoop copies vectors vectors a step; the loop of one vector goes on where the wide
// one stopped.
func streamLoop(t plan.Target, vectors int) nest.Loop {
	var loads, stores []nest.Node
	for v := range vectors {
		x := fmt.Sprintf("x%d", v)
		loads = append(loads, nest.Load{Dst: x, From: nest.Ref{Cursor: "s", Disp: v * t.Lanes}})
		stores = append(stores, nest.Store{To: nest.Ref{Cursor: "d", Disp: v * t.Lanes}, Src: x, Past: true})
	}
	step := vectors * t.Lanes
	body := append(append(loads, stores...), nest.Advance{Cursor: "s", Times: step}, nest.Advance{Cursor: "d", Times: step})
	return nest.Loop{Var: "col", To: "whole", Step: step, Continue: vectors == 1, Body: body}
}

// streamCalls try each number of vectors that the loops can leave to each other.
func streamCalls(t plan.Target) (calls []trial.Call) {
	for n := range 2*moveWide + 2 {
		outputs := make([]bool, n*t.Lanes)
		for i := range outputs {
			outputs[i] = true
		}
		c := trial.Draw([]int{len(outputs), n % 2}, outputs, len(outputs))
		c.Aligned, c.Want = true, c.Args.Slices[1]
		calls = append(calls, c)
	}
	return calls
}
