package nest_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/nest"
)

// places are integers as they lie in a slice.
func places(n ...uint32) (s []float32) {
	for _, i := range n {
		s = append(s, math.Float32frombits(i))
	}
	return s
}

// TestPlaces: lanes and elements are found by integers, in any order and more than once.
func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		node nest.Node
		want []float32
	}{
		{nest.Permute{Dst: "x", Src: "x", Places: "y"}, []float32{13, 10, 10, 12}},
		{nest.Gather{Dst: "x", From: ref("p", 1), Places: "y"}, []float32{14, 11, 11, 13}},
	} {
		a := []float32{10, 11, 12, 13, 14}
		body := with(nest.Load{Dst: "x", From: ref("p", 0)}, nest.Load{Dst: "y", From: ref("q", 0)}, c.node, nest.Store{To: ref("p", 0), Src: "x"})
		require.NoError(t, eval(a, places(3, 0, 0, 2), 0, 0, true, body...))
		require.Equal(t, c.want, a[:4], "%v", c.node)
	}
}

// TestJump moves a cursor by an integer of a slice.
func TestJump(t *testing.T) {
	a := []float32{1, 2, 3, 4, 5, 6}
	body := with(nest.Jump{Cursor: "p", By: ref("q", 1)}, nest.Splat{Dst: "x", From: ref("p", 0)}, nest.Point{Cursor: "p", From: "a"}, nest.Store{To: ref("p", 0), Src: "x"})
	require.NoError(t, eval(a, places(1, 4), 0, 0, true, body...))
	require.Equal(t, []float32{5, 5, 5, 5, 5, 6}, a)
}

// TestElse: one of the two bodies runs.
func TestElse(t *testing.T) {
	for n, want := range []float32{7, 3} {
		a := []float32{3, 7, 0, 0}
		body := with(
			nest.If{Arg: "n", Body: []nest.Node{nest.Splat{Dst: "x", From: ref("p", 0)}}, Else: []nest.Node{nest.Splat{Dst: "x", From: ref("p", 1)}}},
			nest.Store{To: ref("p", 0), Src: "x"},
		)
		require.NoError(t, eval(a, nil, n, 0, true, body...))
		require.Equal(t, want, a[0])
	}
	require.Contains(t, nest.Kernel{Body: []nest.Node{nest.If{Arg: "n", Else: []nest.Node{nest.Zero{Dst: "x"}}}}}.String(), "if n != 0\n    else\n        x = 0\n")
}
