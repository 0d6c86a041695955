package nest_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/nest"
)

// eval runs nodes of four lanes on slices a and b and integers n and m.
func eval(a, b []float32, n, m int, fused bool, body ...nest.Node) error {
	k := nest.Kernel{Name: "k", Lanes: 4, Fused: fused, Slices: []string{"a", "b"}, Ints: []string{"n", "m"}, Body: body}
	return k.Eval(nest.Args{Slices: [][]float32{a, b}, Ints: []int{n, m}})
}

func ref(cursor string, disp int) nest.Ref { return nest.Ref{Cursor: cursor, Disp: disp} }

// at sets cursor p to the start of a and q to that of b.
var at = []nest.Node{nest.Point{Cursor: "p", From: "a"}, nest.Point{Cursor: "q", From: "b"}}

func with(nodes ...nest.Node) []nest.Node { return append(append([]nest.Node{}, at...), nodes...) }

// TestErrorsNameTheNode and the slice, with its length.
func TestErrorsNameTheNode(t *testing.T) {
	for want, body := range map[string][]nest.Node{
		"x = load p[2]: elements [2,6) of a, which has 5":           with(nest.Load{Dst: "x", From: ref("p", 2)}),
		"x = load p[-1]: elements [-1,3) of a, which has 5":         with(nest.Load{Dst: "x", From: ref("p", -1)}),
		"w = splat q[3]: elements [3,4) of b, which has 3":          with(nest.Splat{Dst: "w", From: ref("q", 3)}),
		"store q[0] = w: elements [0,4) of b, which has 3":          with(nest.Splat{Dst: "w", From: ref("p", 0)}, nest.Store{To: ref("q", 0), Src: "w"}),
		"store p[0] = y: undefined register":                        with(nest.Store{To: ref("p", 0), Src: "y"}),
		"s += x * w: undefined register":                            with(nest.FMA{Acc: "s", A: "x", B: "w"}),
		"s += x * splat p[0]: undefined register":                   with(nest.FMASplat{Acc: "s", A: "x", From: ref("p", 0)}),
		"s += x * splat q[3]: elements [3,4) of b, which has 3":     with(nest.FMASplat{Acc: "s", A: "x", From: ref("q", 3)}),
		"y = x + x: undefined register":                             with(nest.Compute{Dst: "y", Op: nest.Add, A: "x", B: "x"}),
		"y = max(x, x): undefined register":                         with(nest.Compute{Dst: "y", Op: nest.Max, A: "x", B: "x"}),
		"w = w ? w: unknown operator":                               with(nest.Splat{Dst: "w", From: ref("p", 0)}, nest.Compute{Dst: "w", Op: "?", A: "w", B: "w"}),
		"y = x << 23: undefined register":                           with(nest.ShiftLeft{Dst: "y", A: "x", Count: 23}),
		"w = y where w < w: undefined register":                     with(nest.Splat{Dst: "w", From: ref("p", 0)}, nest.Choose{Dst: "w", A: "w", B: "w", Then: "y"}),
		"interleave x, y: undefined register":                       with(nest.Load{Dst: "x", From: ref("p", 0)}, nest.Interleave{Regs: []string{"x", "y"}}),
		"x = load r[0]: cursor r is not set":                        with(nest.Load{Dst: "x", From: ref("r", 0)}),
		"x = splat r[1]: cursor r is not set":                       with(nest.Splat{Dst: "x", From: ref("r", 1)}),
		"x = load p[4] where k: elements [4,6) of a, which has 5":   with(nest.Mask{Dst: "k", Limit: "m"}, nest.Load{Dst: "x", From: ref("p", 4), Mask: "k"}),
		"store q[2] = x where k: elements [2,4) of b, which has 3":  with(nest.Mask{Dst: "k", Limit: "m"}, nest.Load{Dst: "x", From: ref("p", 0)}, nest.Store{To: ref("q", 2), Src: "x", Mask: "k"}),
		"p += integer q[3]: elements [3,4) of b, which has 3":       with(nest.Jump{Cursor: "p", By: ref("q", 3)}),
		"y = x[w]: undefined register":                              with(nest.Splat{Dst: "w", From: ref("p", 0)}, nest.Permute{Dst: "y", Src: "x", Places: "w"}),
		"y = w[w]: there is no lane 1065353216":                     with(nest.Splat{Dst: "w", From: ref("p", 4)}, nest.Permute{Dst: "y", Src: "w", Places: "w"}),
		"y = gather p[1][x]: undefined register":                    with(nest.Gather{Dst: "y", From: ref("p", 1), Places: "x"}),
		"y = gather p[5][w]: elements [5,6) of a, which has 5":      with(nest.Zero{Dst: "w"}, nest.Gather{Dst: "y", From: ref("p", 5), Places: "w"}),
		"x = load p[0]: elements [3,7) of a, which has 5":           with(nest.Advance{Cursor: "p", Times: 3}, nest.Load{Dst: "x", From: ref("p", 0)}),
		"x = load p[1]: elements [7,11) of a, which has 5":          with(nest.Advance{Cursor: "p", Dim: "n", Times: 2}, nest.Load{Dst: "x", From: ref("p", 1)}),
		"x = splat q[0]: elements [3,4) of b, which has 3":          with(nest.Loop{Var: "i", To: "m", Step: 1, Body: []nest.Node{nest.Advance{Cursor: "q", Dim: "n", Times: 1}, nest.Splat{Dst: "x", From: ref("q", 0)}}}),
		"store p[3] = x: elements [3,7) of a, which has 5":          with(nest.Load{Dst: "x", From: ref("p", 1)}, nest.Store{To: ref("p", 3), Src: "x"}),
		"k = lanes where 1*i + 0 + lane < m: no loop over i before": with(nest.Mask{Dst: "k", Var: "i", Scale: 1, Limit: "m"}),
		"for i = i; i < m; i += 1: no loop over i before":           with(nest.Loop{Var: "i", To: "m", Step: 1, Continue: true}),
		"if i < m: no loop over i before":                           with(nest.Rest{Var: "i", To: "m"}),
		"x = load p[0] where k: mask k is not set":                  with(nest.Load{Dst: "x", From: ref("p", 0), Mask: "k"}),
		"store p[0] = w where k: mask k is not set":                 with(nest.Zero{Dst: "w"}, nest.Store{To: ref("p", 0), Src: "w", Mask: "k"}),
		"w = 0 outside k: mask k is not set":                        with(nest.Zero{Dst: "w"}, nest.Clear{Dst: "w", Mask: "k"}),
	} {
		err := eval([]float32{0, 0, 0, 0, 1}, make([]float32, 3), 3, 2, true, body...)
		require.EqualError(t, err, want)
	}
}

// TestNothingIsWrittenOutside: a store that fails writes nothing.
func TestNothingIsWrittenOutside(t *testing.T) {
	b := []float32{1, 2, 3}
	require.Error(t, eval(make([]float32, 4), b, 0, 0, true, with(nest.Load{Dst: "x", From: ref("p", 0)}, nest.Store{To: ref("q", 0), Src: "x"})...))
	require.Equal(t, []float32{1, 2, 3}, b)
}

// TestMasks select the lanes below limit - scale*var - skip: none, some or all.
func TestMasks(t *testing.T) {
	for _, c := range []struct {
		limit, scale, skip, steps, lanes int
	}{
		{4, 1, 0, 0, 4}, {9, 1, 0, 0, 4}, {3, 1, 0, 0, 3}, {0, 1, 0, 0, 0}, {-5, 1, 0, 0, 0},
		{7, 2, 0, 2, 3}, {7, 2, 2, 2, 1}, {7, 2, 3, 2, 0}, {7, 3, 0, 3, 0}, {10, 3, 0, 2, 4},
	} {
		a, b := []float32{1, 2, 3, 4}, []float32{9, 9, 9, 9}
		body := with(
			nest.Loop{Var: "i", To: "m", Step: 1},
			nest.Mask{Dst: "k", Var: "i", Scale: c.scale, Skip: c.skip, Limit: "n"},
			nest.Load{Dst: "x", From: ref("p", 0), Mask: "k"}, nest.Store{To: ref("q", 0), Src: "x"}, // lanes outside are 0
			nest.Load{Dst: "y", From: ref("p", 0)}, nest.Store{To: ref("p", 0), Src: "x", Mask: "k"},
		)
		require.NoError(t, eval(a, b, c.limit, c.steps, true, body...))
		want := []float32{1, 2, 3, 4}
		clear(want[c.lanes:])
		require.Equal(t, want, b, "%+v", c)
		require.Equal(t, []float32{1, 2, 3, 4}, a, "%+v", c)
	}
}

// TestMasksWithoutLimit select the lanes from -(scale*var+skip) on, and touch no
// other element.
func TestMasksWithoutLimit(t *testing.T) {
	for _, c := range []struct{ scale, skip, steps, from int }{
		{1, 0, 0, 0}, {1, -1, 0, 1}, {1, -3, 0, 3}, {1, -4, 0, 4}, {1, -9, 0, 4}, {1, 7, 0, 0}, {1, -3, 1, 2}, {2, -5, 2, 1}, {2, -5, 3, 0},
	} {
		a, b := []float32{1, 2, 3, 4}[c.from:], []float32{9, 9, 9, 9}
		body := with(
			nest.Loop{Var: "i", To: "m", Step: 1},
			nest.Mask{Dst: "k", Var: "i", Scale: c.scale, Skip: c.skip},
			nest.Load{Dst: "x", From: ref("p", -c.from), Mask: "k"}, nest.Store{To: ref("q", 0), Src: "x"}, // lanes outside are 0
		)
		require.NoError(t, eval(a, b, 0, c.steps, true, body...), "%+v", c)
		want := []float32{1, 2, 3, 4}
		clear(want[:c.from])
		require.Equal(t, want, b, "%+v", c)

		body = with(
			nest.Loop{Var: "i", To: "m", Step: 1}, nest.Mask{Dst: "k", Var: "i", Scale: c.scale, Skip: c.skip},
			nest.Splat{Dst: "x", From: ref("q", 0)}, nest.Store{To: ref("p", -c.from), Src: "x", Mask: "k"},
		)
		a = []float32{1, 2, 3, 4}[c.from:]
		b[0] = 7
		require.NoError(t, eval(a, b, 0, c.steps, true, body...), "%+v", c)
		require.Equal(t, []float32{7, 7, 7, 7}[c.from:], a, "%+v", c)
	}
}

// TestMasksLimitWhatIsTouched: a masked access needs its own lanes alone, and an
// empty one none at all.
func TestMasksLimitWhatIsTouched(t *testing.T) {
	for n := range 5 {
		body := with(nest.Mask{Dst: "k", Limit: "n"}, nest.Load{Dst: "x", From: ref("p", 2), Mask: "k"}, nest.Store{To: ref("q", 1), Src: "x", Mask: "k"})
		a, b := []float32{1, 2, 3, 4, 5, 6}, []float32{9, 9, 9, 9, 9, 9}
		require.NoError(t, eval(a[:2+n], b[:1+n], n, 0, true, body...))
		want := []float32{9, 9, 9, 9, 9, 9}
		copy(want[1:1+n], a[2:])
		require.Equal(t, want, b)
	}
	body := with(nest.Mask{Dst: "k", Limit: "n"}, nest.Load{Dst: "x", From: ref("p", 99), Mask: "k"}, nest.Store{To: ref("q", -7), Src: "x", Mask: "k"})
	require.NoError(t, eval(nil, nil, 0, 0, true, body...))
}

// TestLoops: whole steps, a partial one, and going on where another stopped.
func TestLoops(t *testing.T) {
	count := func(to int, loops ...nest.Loop) float32 {
		a := []float32{0, 1, 0, 0}
		body := with(nest.Splat{Dst: "one", From: ref("p", 1)}, nest.Splat{Dst: "n", From: ref("p", 0)})
		for _, l := range loops {
			l.Var, l.To, l.Body = "i", "n", []nest.Node{nest.FMA{Acc: "n", A: "one", B: "one"}}
			body = append(body, l)
		}
		b := make([]float32, 4)
		require.NoError(t, eval(a, b, to, 0, true, append(body, nest.Store{To: ref("q", 0), Src: "n"})...))
		return b[0]
	}
	for to := -1; to < 12; to++ {
		n := max(0, to)
		require.EqualValues(t, n, count(to, nest.Loop{Step: 1}))
		require.EqualValues(t, n/3, count(to, nest.Loop{Step: 3}))
		require.EqualValues(t, (n+2)/3, count(to, nest.Loop{Step: 3, Partial: true}))
		require.EqualValues(t, n/4+(n%4+1)/2, count(to, nest.Loop{Step: 4}, nest.Loop{Step: 2, Partial: true, Continue: true}))
		require.EqualValues(t, n/4+(n+1)/2, count(to, nest.Loop{Step: 4}, nest.Loop{Step: 2, Partial: true}))
	}
}

// TestInterleave puts element i of register r at place i*len+r.
func TestInterleave(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5} {
		a, b := make([]float32, 4*n), make([]float32, 4*n)
		var loads, stores []nest.Node
		var regs []string
		for r := range n {
			name := string(rune('s' + r))
			regs = append(regs, name)
			loads = append(loads, nest.Load{Dst: name, From: ref("p", 4*r)})
			stores = append(stores, nest.Store{To: ref("q", 4*r), Src: name})
			for i := range 4 {
				a[4*r+i] = float32(100*r + i)
			}
		}
		body := append(append(loads, nest.Interleave{Regs: regs}), stores...)
		require.NoError(t, eval(a, b, 0, 0, true, with(body...)...))
		for place, v := range b {
			require.EqualValues(t, 100*(place%n)+place/n, v, "%d registers, place %d", n, place)
		}
	}
}

// TestRoundings: fused rounds once, otherwise the product is rounded, then the sum.
func TestRoundings(t *testing.T) {
	x, c := float32(1+0x1p-12), float32(-1-0x1p-11)
	for _, product := range []nest.Node{nest.FMA{Acc: "s", A: "x", B: "x"}, nest.FMASplat{Acc: "s", A: "x", From: ref("p", 0)}} {
		body := with(nest.Splat{Dst: "x", From: ref("p", 0)}, nest.Splat{Dst: "s", From: ref("p", 1)}, product, nest.Store{To: ref("q", 0), Src: "s"})
		for fused, want := range map[bool]float32{true: 0x1p-24, false: 0} {
			b := make([]float32, 4)
			require.NoError(t, eval([]float32{x, c}, b, 0, 0, fused, body...))
			require.Equal(t, want, b[0])
		}
	}
}

// TestSpecialValuesPass through every node.
func TestSpecialValuesPass(t *testing.T) {
	inf := float32(math.Inf(1))
	b := make([]float32, 4)
	body := with(nest.Load{Dst: "x", From: ref("p", 0)}, nest.Splat{Dst: "w", From: ref("p", 4)}, nest.Splat{Dst: "s", From: ref("p", 2)}, nest.FMA{Acc: "s", A: "x", B: "w"}, nest.Store{To: ref("q", 0), Src: "s"})
	require.NoError(t, eval([]float32{inf, 0, 1, float32(math.NaN()), inf}, b, 0, 0, true, body...))
	require.Equal(t, inf, b[0])
	require.True(t, b[1] != b[1], "0 * Inf is NaN")
	require.Equal(t, inf, b[2])
	require.True(t, b[3] != b[3])
}

// TestStringOfEveryNode is the language of the nests.
func TestStringOfEveryNode(t *testing.T) {
	k := nest.Kernel{Name: "k", Lanes: 4, Slices: []string{"dst", "src"}, Ints: []string{"n", "m"}, Body: []nest.Node{
		nest.Note{Text: "a note"},
		nest.Point{Cursor: "s", From: "src"},
		nest.Loop{Var: "i", To: "n", Step: 1, Body: []nest.Node{
			nest.Splat{Dst: "w", From: ref("s", 3)},
			nest.Loop{Var: "j", To: "m", Step: 8, Body: []nest.Node{nest.Load{Dst: "x", From: ref("s", -1)}, nest.FMA{Acc: "a", A: "x", B: "w"}}},
			nest.Loop{Var: "j", To: "m", Step: 4, Partial: true, Continue: true},
		}},
		nest.Mask{Dst: "kept", Var: "j", Scale: 2, Skip: 8, Limit: "m"},
		nest.Mask{Dst: "left", Var: "j", Scale: 1, Skip: -1},
		nest.Load{Dst: "x", From: ref("s", 0), Mask: "kept"},
		nest.Interleave{Regs: []string{"a", "x"}},
		nest.Store{To: ref("d", 4), Src: "a"}, nest.Store{To: ref("d", 8), Src: "x", Mask: "kept"},
		nest.Advance{Cursor: "s", Times: 8}, nest.Advance{Cursor: "s", Dim: "n", Times: 1}, nest.Advance{Cursor: "s", Dim: "n", Times: 3},
	}}
	require.Equal(t, `k(dst, src []float32; n, m int)  lanes 4
    // a note
    s = src
    for i = 0; i < n; i += 1
        w = splat s[3]
        for j = 0; j+8 <= m; j += 8
            x = load s[-1]
            a += x * w
        for j = j; j < m; j += 4
    kept = lanes where 2*j + 8 + lane < m
    left = lanes where 1*j + -1 + lane >= 0
    x = load s[0] where kept
    interleave a, x
    store d[4] = a
    store d[8] = x where kept
    s += 8
    s += n
    s += 3*n
`, k.String())
}

// TestNothingElseIsRead: elements that lie between inputs.
func TestNothingElseIsRead(t *testing.T) {
	for at, want := range []string{"x = load q[0]: element 4 of b is none that the call may read", "x = load q[1]: element 4 of b is none that the call may read", ""} {
		k := nest.Kernel{Lanes: 2, Slices: []string{"a", "b"}, Body: with(nest.Advance{Cursor: "q", Times: 3}, nest.Load{Dst: "x", From: ref("q", at)})}
		err := k.Eval(nest.Args{Slices: [][]float32{nil, make([]float32, 7)}, Inputs: []bool{true, true, true, true, false, true, true}})
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, want)
	}
}

// TestRest runs its body for what loops left.
func TestRest(t *testing.T) {
	for n := range 7 {
		a := make([]float32, 6)
		require.NoError(t, eval(a, []float32{1, 2, 3, 4}, n, 0, false, with(
			nest.Loop{Var: "i", To: "n", Step: 3, Body: nil},
			nest.Load{Dst: "x", From: ref("q", 0)},
			nest.Rest{Var: "i", To: "n", Body: []nest.Node{nest.Store{To: ref("p", 0), Src: "x", Count: 1}}},
			nest.Rest{Var: "i", To: "n", Count: 2, Body: []nest.Node{nest.Store{To: ref("p", 1), Src: "x", Count: 1}}},
		)...))
		want := []float32{0, 0, 0, 0, 0, 0}
		if n%3 > 0 {
			want[0] = 1
		}
		if n%3 == 2 {
			want[1] = 1
		}
		require.Equal(t, want, a, n)
	}
}

// TestOutputsAreWrittenOnce, all of them and nothing else.
func TestOutputsAreWrittenOnce(t *testing.T) {
	store := func(at int) nest.Node { return nest.Store{To: ref("p", at), Src: "x"} }
	for _, c := range []struct {
		want  string
		nodes []nest.Node
	}{
		{"", []nest.Node{store(0), store(2)}},
		{"k: element 2 of a is not written", []nest.Node{store(0)}},
		{"store p[1] = x: element 1 of a is no output, or is written already", []nest.Node{store(0), store(1)}},
		{"store p[3] = x: element 4 of a is no output, or is written already", []nest.Node{store(3)}},
	} {
		k := nest.Kernel{Name: "k", Lanes: 2, Slices: []string{"a", "b"}, Body: with(append([]nest.Node{nest.Zero{Dst: "x"}}, c.nodes...)...)}
		err := k.Eval(nest.Args{Slices: [][]float32{make([]float32, 5), nil}, Outputs: []bool{true, true, true, true, false}})
		if c.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, c.want)
	}
}
