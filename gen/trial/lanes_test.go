package trial_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/specs"
)

// TestUnpoolNumbersInEveryLane: a max_unpool puts every element of a block from every lane, of
// whole vectors and of what is left of a row. A nest that takes one number of one lane for none
// is found out, whichever it is.
func TestUnpoolNumbersInEveryLane(t *testing.T) {
	for _, name := range []string{"max_unpool1d_k2s2", "max_unpool2d_k2s2", "max_unpool2d_k3s3", "max_unpool2d_k4s4"} {
		for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
			l, err := specs.ParseName(name)
			require.NoError(t, err)
			d, err := gen.DesignOf(l, target)
			require.NoError(t, err)
			lanes, numbers := target.Lanes, map[[3]int]bool{} // number, lane, 1 if left of a row
			for _, c := range d.Contract.Calls() {
				move, rows, cols, aidRow := c.Args.Ints[0], c.Args.Ints[3], c.Args.Ints[5], c.Args.Ints[11]
				for row := range rows * move {
					for col := range cols {
						left := 0
						if col >= cols/lanes*lanes {
							left = 1
						}
						word := math.Float32bits(c.Args.Slices[2][row*aidRow+col/4])
						numbers[[3]int{int(word >> (8 * (col % 4)) & 0xff), col % lanes, left}] = true
					}
				}
			}
			block := 1
			for _, a := range l.Axes[:l.Rank] {
				block *= a.Kernel
			}
			for n := 1; n <= block; n++ {
				for lane := range lanes {
					require.True(t, numbers[[3]int{n, lane, 0}], "%s: %d in lane %d", d.Nest.Name, n, lane)
					require.True(t, lane == lanes-1 || numbers[[3]int{n, lane, 1}], "%s: %d in lane %d of what is left of a row", d.Nest.Name, n, lane)
				}
			}
		}
	}
}

// TestWeightsOfZeroCount: a bilinear kernel that leaves out a product with a weight of 0, in
// place of one that says that there is none, is found out in each place where it weighs.
func TestWeightsOfZeroCount(t *testing.T) {
	l, err := specs.ParseName("bilinear2d_n129x129aligncorners_i33x33")
	require.NoError(t, err)
	for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
		d, err := gen.DesignOf(l, target)
		require.NoError(t, err)
		out, err := asm.Emit(d.Nest, target.Name)
		require.NoError(t, err)
		require.NoError(t, trial.Check(d.Nest, out, d.Contract.Calls()))
		places := 0
		for broken := range withOtherZero(d.Nest) {
			places++
			found := false
			for _, c := range d.Contract.Calls() {
				dst, err := c.Interpret(broken)
				require.NoError(t, err)
				found = found || c.Defined(dst) != nil
			}
			require.True(t, found, "%s: place %d", d.Nest.Name, places)
		}
		require.Greater(t, places, 10)
	}
}

// withOtherZero yields the nest with each of its choices in turn made by comparison with the
// places, integers that are small floats, in place of 0.
func withOtherZero(k nest.Kernel) func(yield func(nest.Kernel) bool) {
	return func(yield func(nest.Kernel) bool) {
		made := k
		choices(k.Body, func(body []nest.Node) bool {
			made.Body = body
			return yield(made)
		})
	}
}

// choices yields the nodes with each comparison with zero changed in turn.
func choices(nodes []nest.Node, yield func([]nest.Node) bool) bool {
	for i, n := range nodes {
		with := func(other nest.Node) bool {
			list := append([]nest.Node{}, nodes...)
			list[i] = other
			return yield(list)
		}
		ok := true
		switch n := n.(type) {
		case nest.Choose:
			if n.B == "zero" {
				n.B = "places"
				ok = with(n)
			}
		case nest.Loop:
			ok = choices(n.Body, func(b []nest.Node) bool { n.Body = b; return with(n) })
		case nest.Rest:
			ok = choices(n.Body, func(b []nest.Node) bool { n.Body = b; return with(n) })
		case nest.If:
			ok = choices(n.Body, func(b []nest.Node) bool { made := n; made.Body = b; return with(made) }) &&
				choices(n.Else, func(b []nest.Node) bool { made := n; made.Else = b; return with(made) })
		}
		if !ok {
			return false
		}
	}
	return true
}
