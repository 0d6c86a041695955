package gen

import (
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
			moveLoop(t, moveWide, true), moveLoop(t, 1, true),
			nest.If{Arg: "last", Body: []nest.Node{nest.Fence{}}},
		},
	}
}

// streamCalls try each number of vectors that the loops can leave to each other, and so many
// rounds of the first that a count that is one off in each is a vector off.
func streamCalls(t plan.Target) (calls []trial.Call) {
	for n := range 2*moveWide + 3 {
		if n == 2*moveWide+2 {
			n = moveWide * t.Lanes
		}
		outputs := make([]bool, n*t.Lanes)
		for i := range outputs {
			outputs[i] = true
		}
		c := trial.Draw([]int{len(outputs), n % 2}, outputs, len(outputs))
		c.Aligned, c.Want, c.Fenced = true, c.Args.Slices[1], n%2 == 1
		calls = append(calls, c)
	}
	return calls
}
