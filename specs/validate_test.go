package specs_test

import (
	"go/token"
	"go/types"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
)

func TestValidate(t *testing.T) {
	axis := func(of func(*specs.Axis)) func(*specs.Layer) {
		return func(l *specs.Layer) { of(&l.Axes[1]) }
	}
	cases := map[string]struct {
		layer specs.Layer
		want  []specs.Problem
	}{
		"sound": {layerOf(2), nil},
		"name":  {layerOf(2, func(l *specs.Layer) { l.Name = "go" }), []specs.Problem{{"name", -1, `name "go" is a keyword of Go`, ""}}},
		"op": {layerOf(2, func(l *specs.Layer) { l.Op = "deconv" }),
			[]specs.Problem{{"op", -1, `op "deconv" is not supported; supported: conv_transpose, conv, nearest, bilinear, bed_of_nails, max_pool, max_unpool, pixel_shuffle, pixel_unshuffle, resize_conv`, ""}}},
		"fields of another op": {layerOf(1, func(l *specs.Layer) { l.Op, l.Add = specs.MaxPool, true }), []specs.Problem{
			{"groups", -1, "max_pool has no groups", ""}, {"bias", -1, "max_pool has no bias", ""}, {"add", -1, "max_pool has no add", ""},
		}},
		"choices that are missing": {specs.Layer{Op: specs.Nearest, Rank: 1, Axes: [specs.MaxRank]specs.Axis{{Scale: 2}}}, []specs.Problem{
			{"coordinate", -1, `coordinate "" is not supported; supported: asymmetric, half_pixel, align_corners`, ""},
			{"rounding", -1, `rounding "" is not supported; supported: floor, ceil, round_prefer_floor, round_prefer_ceil`, ""},
		}},
		"activation": {layerOf(1, func(l *specs.Layer) { l.Activation = specs.Activation{Function: specs.ReLU, B: 1} }),
			[]specs.Problem{{"activation", -1, "activation relu has 0 numbers and got more", ""}}},
		"rank 0": {specs.Layer{}, []specs.Problem{{"kernel", -1, "kernel has 0 elements; a layer has 1 to 3 spatial axes", ""}}},
		"rank 4": {specs.Layer{Rank: 4}, []specs.Problem{{"kernel", -1, "kernel has 4 elements; a layer has 1 to 3 spatial axes", ""}}},
		"more axes than the rank": {layerOf(3, func(l *specs.Layer) { l.Rank = 2 }),
			[]specs.Problem{{"kernel", -1, "the layer has 2 spatial axes and parameters for more", ""}}},
		"every axis": {layerOf(2, axes(func(a *specs.Axis, _ int) { a.Kernel, a.Dilation = 0, -1 })), []specs.Problem{
			{"kernel", 0, "kernel is 0; it must be at least 1", ""}, {"kernel", 1, "kernel is 0; it must be at least 1", ""},
			{"dilation", 0, "dilation is -1; it must be at least 1", ""}, {"dilation", 1, "dilation is -1; it must be at least 1", ""},
		}},
		"ends": {layerOf(2, axis(func(a *specs.Axis) { a.PadBegin, a.PadEnd = -1, -2 })), []specs.Problem{
			{"padding.begin", 1, "padding.begin is -1; it must be at least 0", ""}, {"padding.end", 1, "padding.end is -2; it must be at least 0", ""},
		}},
		"mode and numbers": {layerOf(1, func(l *specs.Layer) { l.Padding = specs.Valid }),
			[]specs.Problem{{"padding", 0, "padding is valid and has the numbers 1 and 1 too; give one of them", ""}}},
		"unknown mode": {layerOf(1, func(l *specs.Layer) { l.Padding = "same" }),
			[]specs.Problem{{"padding", -1, `padding "same" is not supported; supported: numbers, same_upper, same_lower, valid`, ""}}},
		"layout": {layerOf(1, func(l *specs.Layer) { l.Layout = "nchw" }),
			[]specs.Problem{{"layout", -1, `layout "nchw" is not supported; supported: nchw, nhwc`, ""}}},
		"some inputs": {layerOf(2, axis(func(a *specs.Axis) { a.Input = 5 })),
			[]specs.Problem{{"input", -1, "input is given for 1 of 2 axes; give all or none", ""}}},
		"output size and padding": {layerOf(1, axes(func(a *specs.Axis, _ int) { a.OutputSize, a.OutputPadding = 8, 1 })),
			[]specs.Problem{{"output_padding", -1, "output_padding and output_size are both given; leave out one of them", ""}}},
		"groups of a depthwise layer": {layerOf(1, func(l *specs.Layer) { l.Depthwise = true }),
			[]specs.Problem{{"groups", -1, "groups and depthwise are both given; leave out one of them", ""}}},
		"groups missing": {layerOf(1, func(l *specs.Layer) { l.Groups = 0 }),
			[]specs.Problem{{"groups", -1, "groups is 0; it must be at least 1", ""}}},
		"fault hides what follows from it": {layerOf(1, axes(func(a *specs.Axis, _ int) { a.Stride, a.Input, a.PadEnd = 0, 1, 9 })),
			[]specs.Problem{{"stride", 0, "stride is 0; it must be at least 1", ""}}},
		"output": {layerOf(1, axes(func(a *specs.Axis, _ int) { a.Input, a.PadEnd = 1, 9 })),
			[]specs.Problem{{"input", 0, "output size is -6 = 2*(1-1) + 0 + 1*(4-1) + 1 - 1 - 9; it must be positive", ""}}},
		"cap": {layerOf(2, axes(func(a *specs.Axis, _ int) { a.Kernel = 129 })),
			[]specs.Problem{{"kernel", -1, "the kernel has 129*129 = 16641 elements; the cap is 16384", specs.CapKernel}}},
	}
	for name, c := range cases {
		require.Equal(t, c.want, c.layer.Validate(), name)
	}
	require.Equal(t, "axis 1: kernel is 0; it must be at least 1", specs.Problem{Field: "kernel", Index: 1, Message: "kernel is 0; it must be at least 1"}.String())
	require.Equal(t, "name is empty", specs.Problem{Field: "name", Index: -1, Message: "name is empty"}.String())
}

// TestExtremesDoNotPanic gives every field extreme values, alone and in pairs.
func TestExtremesDoNotPanic(t *testing.T) {
	extremes := []int{math.MinInt, math.MinInt32, -1, 0, 1, specs.MaxParameter, specs.MaxSize, math.MaxInt}
	fields := []func(*specs.Layer) *int{
		func(l *specs.Layer) *int { return &l.Axes[0].Kernel }, func(l *specs.Layer) *int { return &l.Axes[1].Stride },
		func(l *specs.Layer) *int { return &l.Axes[0].Dilation }, func(l *specs.Layer) *int { return &l.Axes[1].PadBegin },
		func(l *specs.Layer) *int { return &l.Axes[1].PadEnd }, func(l *specs.Layer) *int { return &l.Axes[0].OutputPadding },
		func(l *specs.Layer) *int { return &l.Axes[0].OutputSize }, func(l *specs.Layer) *int { return &l.Axes[0].Input },
		func(l *specs.Layer) *int { return &l.Groups }, func(l *specs.Layer) *int { return &l.InChannels },
		func(l *specs.Layer) *int { return &l.OutChannels }, func(l *specs.Layer) *int { return &l.Rank },
	}
	sound := 0
	for i, first := range fields {
		for _, second := range fields[:i+1] {
			for _, a := range extremes {
				for _, b := range extremes {
					for _, base := range []specs.Layer{layerOf(2), layerOf(2, axes(func(a *specs.Axis, _ int) { a.Input, a.OutputSize = 7, 14 }))} {
						*first(&base), *second(&base) = a, b
						if len(base.Validate()) == 0 {
							sound++
							_, err := specs.ParseName(base.Canonical())
							require.NoError(t, err)
						}
						base.ValidateWithin(specs.Limits{})
					}
				}
			}
		}
	}
	require.Greater(t, sound, 100)
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"a", "up1", "up_conv_1", "K4", "Init", "x_linux", strings.Repeat("a", 64), "com", "com10", "funcs"} {
		require.NoError(t, specs.CheckName(name), name)
	}
	for _, name := range []string{"", "_", "_a", "1a", "a-b", "a.b", "a b", "é", "a\x00", "a\u202e", "a\u200d", "\ufeffa", "go", "init", "main",
		"len", "NUL", "Lpt9", strings.Repeat("a", 65), "//go:embed x", "#include", "a\n"} {
		err := specs.CheckName(name)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "\n")
		require.Equal(t, strings.ToValidUTF8(err.Error(), ""), err.Error())
	}
	for _, name := range types.Universe.Names() {
		require.Error(t, specs.CheckName(name), name)
	}
	for k := token.BREAK; k <= token.VAR; k++ {
		require.Error(t, specs.CheckName(k.String()), k)
	}
	require.NoError(t, specs.CheckPackageName("decoder"))
	require.EqualError(t, specs.CheckPackageName("go"), `package name "go" is a keyword of Go`)
}

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{"up1": "Up1", "up_conv1": "UpConv1", "a__b_": "AB", "Up": "Up", "g_2": "G2"} {
		require.Equal(t, want, specs.GoName(name))
	}
}

func TestResolve(t *testing.T) {
	same := func(p specs.Padding, size int) func(*specs.Layer) {
		return func(l *specs.Layer) {
			mode(p)(l)
			axes(func(a *specs.Axis, _ int) { a.OutputSize, a.Kernel = size, 5 })(l)
		}
	}
	cases := []struct {
		layer              specs.Layer
		in                 int
		out, begin, end, o int
	}{
		{layerOf(1), 16, 32, 1, 1, 0},
		{layerOf(1, axes(func(a *specs.Axis, _ int) { a.OutputSize = 33 })), 16, 33, 1, 1, 1},
		{layerOf(1, same(specs.SameUpper, 0)), 16, 32, 1, 2, 0},
		{layerOf(1, same(specs.SameLower, 0)), 16, 32, 2, 1, 0},
		{layerOf(1, same(specs.SameUpper, 31)), 16, 31, 2, 2, 0},
		{layerOf(1, same(specs.Valid, 0)), 16, 35, 0, 0, 0},
		{layerOf(1, mode(specs.SameUpper), axes(func(a *specs.Axis, _ int) { a.Kernel = 1 })), 16, 32, 0, 0, 1},
	}
	for _, c := range cases {
		e, err := c.layer.Resolve([]int{c.in})
		require.NoError(t, err)
		require.Equal(t, []int{c.out, c.begin, c.end, c.o}, []int{e[0].Out, e[0].PadBegin, e[0].PadEnd, e[0].OutputPadding}, c.layer.Canonical())
	}
	l := layerOf(2)
	_, err := l.Resolve([]int{4})
	require.EqualError(t, err, "got 1 input sizes, the layer has 2 spatial axes")
	_, err = l.Resolve([]int{4, 0})
	require.EqualError(t, err, "axis 1: input size 0 is not positive")
}
