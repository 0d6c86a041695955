package golang

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/specs"
)

// body spells nodes of one lane and returns the function's lines.
func body(t *testing.T, nodes ...nest.Node) string {
	t.Helper()
	k := nest.Kernel{Name: "k", Lanes: 1, Slices: []string{"dst", "src"}, Ints: []string{"n", "width"}, Body: nodes}
	data, err := KernelFile("p", "Header.", k)
	require.NoError(t, err)
	_, text, found := strings.Cut(string(data), "func k(dst, src []float32, n, width int) {\n")
	require.True(t, found, string(data))
	return strings.TrimSuffix(text, "}\n")
}

func ref(cursor string, disp int) nest.Ref { return nest.Ref{Cursor: cursor, Disp: disp} }

// TestSpelling is what each kind of node becomes.
func TestSpelling(t *testing.T) {
	from := []nest.Node{nest.Point{Cursor: "s", From: "src"}, nest.Point{Cursor: "d", From: "dst"}}
	start := "\ts := 0\n\td := 0\n"
	for _, c := range []struct {
		nodes []nest.Node
		want  string
	}{
		{[]nest.Node{nest.Point{Cursor: "e", From: "s"}, nest.Point{Cursor: "e", From: "d"}}, "\te := s\n\te = d\n"},
		{[]nest.Node{nest.Advance{Cursor: "s", Times: 3}, nest.Advance{Cursor: "s", Dim: "n", Times: 1}, nest.Advance{Cursor: "s", Dim: "n", Times: 2}}, "\ts += 3\n\ts += n\n\ts += 2 * n\n"},
		{[]nest.Node{nest.Load{Dst: "x", From: ref("s", 2)}, nest.Splat{Dst: "w", From: ref("s", 5)}, nest.Store{To: ref("d", 1), Src: "x"}},
			"\tsAt := (*[6]float32)(src[s:])\n\tdAt := (*[2]float32)(dst[d:])\n\tx := sAt[2]\n\tw := sAt[5]\n\tdAt[1] = x\n"},
		{[]nest.Node{nest.Load{Dst: "x", From: ref("s", 0)}, nest.FMA{Acc: "x", A: "x", B: "x"}}, "\tsAt := (*[1]float32)(src[s:])\n\tx := sAt[0]\n\tx += float32(x * x)\n"},
		{[]nest.Node{nest.Load{Dst: "x", From: ref("s", 0)}, nest.Compute{Dst: "y", Op: nest.Mul, A: "x", B: "x"}, nest.Choose{Dst: "y", A: "x", B: "y", Then: "x"}},
			"\tsAt := (*[1]float32)(src[s:])\n\tx := sAt[0]\n\ty := float32(x * x)\n\tif x < y {\n\t\ty = x\n\t}\n"},
		{[]nest.Node{nest.If{Arg: "n", Body: []nest.Node{nest.Advance{Cursor: "s", Times: 1}}, Else: []nest.Node{nest.Advance{Cursor: "s", Times: 2}}}},
			"\tif n != 0 {\n\t\ts += 1\n\t} else {\n\t\ts += 2\n\t}\n"},
		{[]nest.Node{nest.Note{Text: "why"}}, "\t// why\n"},
		{[]nest.Node{nest.Loop{Var: "i", To: "n", Step: 1, Body: []nest.Node{nest.Advance{Cursor: "s", Times: 1}}}}, "\tfor range n {\n\t\ts += 1\n\t}\n"},
		{[]nest.Node{nest.Loop{Var: "col", To: "n", Step: 3, Body: []nest.Node{nest.Advance{Cursor: "s", Times: 3}}}, nest.Loop{Var: "col", To: "n", Step: 1, Partial: true, Continue: true, Body: []nest.Node{nest.Advance{Cursor: "s", Times: 1}}}},
			"\tcol := 0\n\tfor ; col+3 <= n; col += 3 {\n\t\ts += 3\n\t}\n\tfor ; col < n; col += 1 {\n\t\ts += 1\n\t}\n"},
		{[]nest.Node{nest.Loop{Var: "col", To: "n", Step: 1, Body: []nest.Node{
			nest.Load{Dst: "x", From: ref("s", 0)}, nest.Mask{Dst: "kept", Var: "col", Scale: 2, Skip: 1, Limit: "width"}, nest.Store{To: ref("d", 1), Src: "x", Mask: "kept"},
		}}}, "\tcol := 0\n\tfor ; col < n; col += 1 {\n\t\tsAt := (*[1]float32)(src[s:])\n\t\tx := sAt[0]\n\t\tif 2*col+1 < width {\n\t\t\tdst[d+1] = x\n\t\t}\n\t}\n"},
	} {
		require.Equal(t, start+c.want, body(t, append(append([]nest.Node{}, from...), c.nodes...)...))
	}
}

// TestWords: registers whose bits alone matter are integers, between which no branch
// chooses; those that are calculated with are not.
func TestWords(t *testing.T) {
	from := []nest.Node{nest.Point{Cursor: "s", From: "src"}}
	start := "\ts := 0\n"
	x := nest.Load{Dst: "x", From: ref("s", 0)}
	read := "\tsAt := (*[1]float32)(src[s:])\n"
	for _, c := range []struct {
		nodes []nest.Node
		want  string
	}{
		{[]nest.Node{x, nest.Spread{Dst: "n1", Arg: "n"}, nest.Compute{Dst: "x", Op: nest.SubInt, A: "x", B: "n1"}, nest.Store{To: ref("s", 0), Src: "x"}},
			read + "\tx := math.Float32bits(sAt[0])\n\tn1 := uint32(n)\n\tx = x - n1\n\tsAt[0] = math.Float32frombits(x)\n"},
		{[]nest.Node{x, nest.Constant{Dst: "one", Bits: 1}, nest.ChooseEqual{Dst: "one", A: "x", B: "one", Then: "x"}},
			read + "\tx := math.Float32bits(sAt[0])\n\tone := uint32(0x1)\n\tif x == one {\n\t\tone = x\n\t}\n"},
		{[]nest.Node{x, nest.Zero{Dst: "z"}, nest.KeepEqual{Dst: "k", A: "x", B: "z", Then: "x"}, nest.KeepEqual{Dst: "x", A: "k", B: "z", Then: "x"}},
			read + "\tx := math.Float32bits(sAt[0])\n\tz := uint32(0)\n\tk := uint32(0x0)\n\tif x == z {\n\t\tk = x\n\t}\n\tif k != z {\n\t\tx = uint32(0x0)\n\t}\n"},
		{[]nest.Node{x, nest.Constant{Dst: "most", Bits: 0xff800000}, nest.Raise{Dst: "most", By: "x"}},
			read + "\tx := math.Float32bits(sAt[0])\n\tmost := uint32(0xff800000)\n\t{\n\t\told := most\n\t\tmost = x\n" +
				"\t\tif math.Float32frombits(x) <= math.Float32frombits(old) {\n\t\t\tmost = old\n\t\t}\n" +
				"\t\tif math.Float32frombits(old) != math.Float32frombits(old) {\n\t\t\tmost = old\n\t\t}\n\t}\n"},
		{[]nest.Node{x, nest.Constant{Dst: "most", Bits: 0xff800000}, nest.Raise{Dst: "most", By: "x", Rare: true}},
			read + "\tx := sAt[0]\n\tmost := math.Float32frombits(uint32(0xff800000))\n" +
				"\tif x > most || x != x && most == most {\n\t\tmost = x\n\t}\n"},
		{[]nest.Node{x, nest.Splat{Dst: "w", From: ref("s", 1)}, nest.Compute{Dst: "y", Op: nest.And, A: "x", B: "w"}, nest.FMA{Acc: "x", A: "x", B: "w"}},
			"\tsAt := (*[2]float32)(src[s:])\n\tx := sAt[0]\n\tw := sAt[1]\n\ty := math.Float32bits(x) & math.Float32bits(w)\n\tx += float32(x * w)\n"},
		{[]nest.Node{x, nest.FMA{Acc: "x", A: "x", B: "x"}, nest.Raise{Dst: "x", By: "x"}},
			read + "\tx := sAt[0]\n\tx += float32(x * x)\n\t{\n\t\told := math.Float32bits(x)\n\t\tx = math.Float32frombits(math.Float32bits(x))\n" +
				"\t\tif x <= math.Float32frombits(old) {\n\t\t\tx = math.Float32frombits(old)\n\t\t}\n" +
				"\t\tif math.Float32frombits(old) != math.Float32frombits(old) {\n\t\t\tx = math.Float32frombits(old)\n\t\t}\n\t}\n"},
	} {
		require.Equal(t, start+c.want, body(t, append(append([]nest.Node{}, from...), c.nodes...)...))
	}
}

// TestHeaderAndDoc stand where the go tool looks for them.
func TestHeaderAndDoc(t *testing.T) {
	k := nest.Kernel{Name: "k", Doc: []string{"k does it.", "", "\tindented"}, Slices: []string{"dst"}, Ints: []string{"n"}}
	data, err := KernelFile("p", "Code generated. DO NOT EDIT.", k)
	require.NoError(t, err)
	require.Equal(t, "// Code generated. DO NOT EDIT.\n\npackage p\n\n// k does it.\n//\n//\tindented\nfunc k(dst []float32, n int) {}\n", string(data))
}

// TestCommentLine: empty and indented lines have no space after the marker.
func TestCommentLine(t *testing.T) {
	require.Equal(t, "// text", CommentLine("text"))
	require.Equal(t, "//", CommentLine(""))
	require.Equal(t, "//\tcode", CommentLine("\tcode"))
}

// TestKernelsOfRealLayersParse and are pure: a kernel imports nothing.
func TestKernelsOfRealLayersParse(t *testing.T) {
	for _, name := range []string{"conv_transpose2d_k4s2p1", "conv_transpose1d_k1s3", "conv_transpose2d_k9s5p4", "conv_transpose1d_k64s32", "conv_transpose2d_k3d2"} {
		l, err := specs.ParseName(name)
		require.NoError(t, err)
		prob, p, err := plan.For(l, plan.Go)
		require.NoError(t, err)
		data, err := KernelFile("p", "Header.", nest.Build(name+"_go", prob, p))
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), name, data, 0)
		require.NoError(t, err)
		require.Empty(t, file.Imports)
		require.Contains(t, string(data), "+= float32(")
	}
}

// TestJumpReadsBits: the integer that a cursor moves by is an element's bits.
func TestJumpReadsBits(t *testing.T) {
	k := nest.Kernel{Name: "k", Lanes: 1, Slices: []string{"dst"}, Ints: []string{"n"}, Body: []nest.Node{nest.Point{Cursor: "d", From: "dst"}, nest.Jump{Cursor: "d", By: ref("d", 1)}}}
	data, err := KernelFile("p", "Header.", k)
	require.NoError(t, err)
	require.Contains(t, string(data), "\td += int(math.Float32bits(dst[d+1]))\n")
}
