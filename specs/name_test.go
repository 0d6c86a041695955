package specs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/specs"
)

// layerOf is k4s2p1 of the given rank, edited.
func layerOf(rank int, edits ...func(*specs.Layer)) specs.Layer {
	l := specs.Layer{Op: specs.ConvTranspose, Rank: rank, Groups: 1, Bias: true}
	for i := range l.Spatial() {
		l.Axes[i] = specs.Axis{Kernel: 4, Stride: 2, Dilation: 1, PadBegin: 1, PadEnd: 1}
	}
	for _, edit := range edits {
		edit(&l)
	}
	return l
}

// axes edits every axis of a layer.
func axes(edit func(a *specs.Axis, i int)) func(*specs.Layer) {
	return func(l *specs.Layer) {
		for i := range l.Spatial() {
			edit(&l.Axes[i], i)
		}
	}
}

// mode sets a padding mode.
func mode(p specs.Padding) func(*specs.Layer) {
	return func(l *specs.Layer) {
		l.Padding = p
		axes(func(a *specs.Axis, _ int) { a.PadBegin, a.PadEnd = 0, 0 })(l)
	}
}

func channels(in, out int) func(*specs.Layer) {
	return func(l *specs.Layer) { l.InChannels, l.OutChannels = in, out }
}

func nhwc(l *specs.Layer) { l.Layout = specs.NHWC }

func TestCanonicalSpellsWhatTheLayerFixes(t *testing.T) {
	cases := []struct {
		want  string
		layer specs.Layer
	}{
		{"conv_transpose1d_k4s2p1", layerOf(1)},
		{"conv_transpose2d_k4s2p1", layerOf(2)},
		{"conv_transpose3d_k4s2p1_c128x64", layerOf(3, channels(128, 64))},
		{"conv_transpose2d_k4s2p1_c128x0", layerOf(2, channels(128, 0))},
		{"conv_transpose2d_k4s2p1_c0x64", layerOf(2, channels(0, 64))},
		{"conv_transpose2d_k4s2p1_c3x5_i16x16", layerOf(2, channels(3, 5), axes(func(a *specs.Axis, _ int) { a.Input = 16 }))},
		{"conv_transpose2d_k4s2p1_i16x17", layerOf(2, axes(func(a *specs.Axis, i int) { a.Input = 16 + i }))},
		{"conv_transpose3d_k4x5x6s2p1", layerOf(3, axes(func(a *specs.Axis, i int) { a.Kernel += i }))},
		{"conv_transpose2d_k4s2p0x1", layerOf(2, axes(func(a *specs.Axis, i int) { a.PadBegin, a.PadEnd = i, i }))},
		{"conv_transpose2d_k4s2p0x1e1x0", layerOf(2, axes(func(a *specs.Axis, i int) { a.PadBegin, a.PadEnd = i, 1-i }))},
		{"conv_transpose2d_k4s2p0e1", layerOf(2, axes(func(a *specs.Axis, _ int) { a.PadBegin = 0 }))},
		{"conv_transpose2d_k4s2p1e0", layerOf(2, axes(func(a *specs.Axis, _ int) { a.PadEnd = 0 }))},
		{"conv_transpose2d_k4s2psu", layerOf(2, mode(specs.SameUpper))},
		{"conv_transpose2d_k4s2psl", layerOf(2, mode(specs.SameLower))},
		{"conv_transpose2d_k4s2pv", layerOf(2, mode(specs.Valid))},
		{"conv_transpose2d_k4s2", layerOf(2, axes(func(a *specs.Axis, _ int) { a.PadBegin, a.PadEnd = 0, 0 }))},
		{"conv_transpose2d_k4", layerOf(2, axes(func(a *specs.Axis, _ int) { *a = specs.Axis{Kernel: 4, Stride: 1, Dilation: 1} }))},
		{"conv_transpose2d_k4s2p1d3o1", layerOf(2, axes(func(a *specs.Axis, _ int) { a.Dilation, a.OutputPadding = 3, 1 }))},
		{"conv_transpose2d_k4s2p1n32x32", layerOf(2, axes(func(a *specs.Axis, _ int) { a.OutputSize = 32 }))},
		{"conv_transpose2d_k4s2p1g4_c8x4", layerOf(2, channels(8, 4), func(l *specs.Layer) { l.Groups = 4 })},
		{"conv_transpose2d_k4s2p1_nhwc", layerOf(2, nhwc)},
		{"conv_transpose1d_k4s2p1_c3x5_i16_nhwc", layerOf(1, nhwc, channels(3, 5), axes(func(a *specs.Axis, _ int) { a.Input = 16 }))},
		{"conv_transpose2d_k4s2p1dw", layerOf(2, func(l *specs.Layer) { l.Depthwise, l.Groups = true, 0 })},
	}
	for _, c := range cases {
		require.Equal(t, c.want, c.layer.Canonical())
		require.Empty(t, c.layer.Validate())
		back, err := specs.ParseName(c.want)
		require.NoError(t, err)
		require.Equal(t, c.layer, back)
	}
}

// TestNamesAreInvertible walks a product of values of every field.
func TestNamesAreInvertible(t *testing.T) {
	seen := map[string]specs.Layer{}
	for l := range everyLayer(t) {
		if len(l.Validate()) > 0 {
			continue
		}
		name := l.Canonical()
		other, used := seen[name]
		require.Falsef(t, used, "%s names %+v and %+v", name, l, other)
		seen[name] = l
		back, err := specs.ParseName(name)
		require.NoError(t, err)
		require.Equal(t, l, back)
	}
	require.Greater(t, len(seen), 10000)
}

// everyLayer yields layers with all combinations of a few values of each field.
func everyLayer(t *testing.T) func(yield func(specs.Layer) bool) {
	t.Helper()
	type edit = func(*specs.Layer)
	axis := func(of func(*specs.Axis) *int, values ...[]int) (edits []edit) {
		for _, v := range values {
			edits = append(edits, axes(func(a *specs.Axis, i int) { *of(a) = v[i] }))
		}
		return edits
	}
	fields := [][]edit{
		axis(func(a *specs.Axis) *int { return &a.Kernel }, []int{1, 1, 1}, []int{3, 5, 3}, []int{12, 1, 1}),
		axis(func(a *specs.Axis) *int { return &a.Stride }, []int{1, 1, 1}, []int{2, 2, 3}),
		axis(func(a *specs.Axis) *int { return &a.Dilation }, []int{1, 1, 1}, []int{2, 1, 1}),
		axis(func(a *specs.Axis) *int { return &a.PadBegin }, []int{0, 0, 0}, []int{1, 0, 0}, []int{1, 1, 1}),
		append(axis(func(a *specs.Axis) *int { return &a.PadEnd }, []int{0, 0, 0}, []int{1, 0, 0}, []int{1, 1, 1}),
			mode(specs.SameUpper), mode(specs.SameLower), mode(specs.Valid)),
		axis(func(a *specs.Axis) *int { return &a.OutputPadding }, []int{0, 0, 0}, []int{1, 0, 0}),
		axis(func(a *specs.Axis) *int { return &a.OutputSize }, []int{0, 0, 0}, []int{24, 24, 24}),
		{channels(0, 0), channels(0, 4), channels(4, 4)},
		{func(l *specs.Layer) { l.Groups = 1 }, func(l *specs.Layer) { l.Groups = 4 }, func(l *specs.Layer) { l.Groups, l.Depthwise = 0, true }},
		axis(func(a *specs.Axis) *int { return &a.Input }, []int{0, 0, 0}, []int{12, 12, 12}, []int{12, 24, 8}),
	}
	fields = append(fields, []edit{func(*specs.Layer) {}, nhwc})
	return func(yield func(specs.Layer) bool) {
		for rank := 1; rank <= specs.MaxRank; rank++ {
			seen := map[specs.Layer]bool{}
			combine(layerOf(rank), fields, func(l specs.Layer) bool {
				dup := seen[l]
				seen[l] = true
				return dup || yield(l)
			})
		}
	}
}

// combine applies one edit of each field, in every combination.
func combine(l specs.Layer, fields [][]func(*specs.Layer), yield func(specs.Layer) bool) bool {
	if len(fields) == 0 {
		return yield(l)
	}
	for _, edit := range fields[0] {
		next := l
		edit(&next)
		if !combine(next, fields[1:], yield) {
			return false
		}
	}
	return true
}

func TestParseNameRejectsWhatCanonicalDoesNotWrite(t *testing.T) {
	cases := map[string]string{
		"":                                 "expected an op at \"\"",
		"deconv2d_k3":                      "expected an op at \"deconv2d_k3\"",
		"conv2d_k3o1":                      "expected the end at \"o1\"",
		"conv2d_k3_relu_add":               "expected the end at \"_add\"",
		"conv2d_k3_nhwc_relu":              "expected the end at \"_relu\"",
		"conv2d_k3_leakyrelu":              "expected input sizes at \"leakyrelu\"",
		"conv2d_k3_leakyrelu0p20":          "write conv2d_k3_leakyrelu0p2",
		"conv2d_k3_clamp1x0":               "activation clamp: lo is 1 and hi is 0; lo must not be above hi",
		"nearest2d_k2":                     "expected the end at \"k2\"",
		"nearest2d_s2asymmetric":           "write nearest2d_s2",
		"nearest2d_s2floorhalfpixel":       "expected the end at \"halfpixel\"",
		"nearest2d_s2_relu":                "expected input sizes at \"relu\"",
		"nearest2d_":                       "scale is 0; it must be at least 1",
		"nearest2d_s2n4x4":                 "scale and output_size are both given; leave out one of them",
		"nearest2d_s2_c3x4":                "nearest has as many output as input channels; in_channels is 3, out_channels is 4",
		"bilinear2d_s2halfpixel":           "write bilinear2d_s2",
		"max_pool2d_k2g2":                  "expected the end at \"g2\"",
		"pixel_shuffle2d_s2crd":            "expected the end at \"crd\"",
		"conv_transpose4d_k3":              "expected a number of axes at \"4d_k3\"",
		"conv_transpose2dk3":               "expected d_ at \"dk3\"",
		"conv_transpose2d_":                "axis 0: kernel is 0; it must be at least 1",
		"conv_transpose2d_k":               "expected a number at \"\"",
		"conv_transpose2d_k4x4":            "write conv_transpose2d_k4",
		"conv_transpose2d_k04":             "write conv_transpose2d_k4",
		"conv_transpose2d_k4s1":            "write conv_transpose2d_k4",
		"conv_transpose2d_k4_nchw":         "expected input sizes at \"nchw\"",
		"conv_transpose2d_k4_nhwc_i5x5":    "expected the end at \"_i5x5\"",
		"conv_transpose2d_k4p1e1":          "write conv_transpose2d_k4p1",
		"conv_transpose2d_k4_c0x0":         "write conv_transpose2d_k4",
		"conv_transpose2d_k4_i0x0":         "write conv_transpose2d_k4",
		"conv_transpose2d_k4_i5":           "write conv_transpose2d_k4_i5x5",
		"conv_transpose2d_k4x5x6":          "expected the end at \"x6\"",
		"conv_transpose2d_s2k4":            "expected the end at \"k4\"",
		"conv_transpose2d_k4_c1":           "expected x and the output channels at \"\"",
		"conv_transpose2d_k4_go":           "expected input sizes at \"go\"",
		"conv_transpose2d_k4_i5x5_avx2":    "expected the end at \"_avx2\"",
		"conv_transpose2d_k4psup1":         "expected the end at \"p1\"",
		"conv_transpose2d_k99999999999":    "expected a number at \"99999999999\"",
		"conv_transpose2d_k-4":             "expected a number at \"-4\"",
		"conv_transpose2d_k4o1":            "axis 0: output_padding is 1; it must be less than max(stride, dilation) = 1",
		"conv_transpose2d_k4dwg2":          "expected the end at \"g2\"",
		"Conv_transpose2d_k4":              "expected an op at \"Conv_transpose2d_k4\"",
		"conv_transpose2d_k4\n":            "expected the end at \"\\n\"",
		"conv_transpose2d_k4s2p2147483648": "expected a number at \"2147483648\"",
	}
	for name, want := range cases {
		_, err := specs.ParseName(name)
		require.ErrorContains(t, err, want, name)
		require.ErrorContains(t, err, specs.Quote(name))
	}
}

// TestNamesAreFileStems: the go tool ignores x_linux.go, x_arm64.go and
// x_test.go elsewhere, and file systems cap a name at 255 bytes.
func TestNamesAreFileStems(t *testing.T) {
	special := strings.Fields(`test aix android darwin dragonfly freebsd hurd illumos ios js nacl netbsd
		openbsd plan9 solaris wasip1 windows zos linux unix 386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle
		mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm`)
	for l := range everyLayer(t) {
		name := l.Canonical()
		word := name[strings.LastIndexByte(name, '_')+1:]
		require.NotContains(t, special, word)
		require.NotContains(t, special, strings.TrimLeft(word, "0123456789"))
	}
	long := layerOf(3, channels(specs.MaxSize, specs.MaxSize), func(l *specs.Layer) { l.Groups = specs.MaxSize },
		axes(func(a *specs.Axis, i int) {
			n := specs.MaxParameter - i
			*a = specs.Axis{Kernel: n, Stride: n, Dilation: n, PadBegin: n, PadEnd: n - 1, Input: specs.MaxSize - i, OutputSize: specs.MaxSize - i}
		}))
	require.Less(t, len(long.Canonical()+"_avx512_amd64.s"), 256)
}

func FuzzParseName(f *testing.F) {
	for _, name := range []string{
		"", "conv_transpose2d_k4s2p1_c128x64", "conv_transpose1d_k16s8p4", "conv_transpose3d_k1x2x3s2psud2n64x64x64g4_c8x4_i32x32x32",
		"conv_transpose2d_k3x5s2p0x1e1x0d2o1dw_c0x7", "conv_transpose2d_k4pv_i1x1", "conv_transpose2d_k4s2p1_c3x5_i4x4_nhwc", "conv_transpose2d_k65536s65536p65536",
	} {
		f.Add(name)
	}
	for _, name := range names {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		l, err := specs.ParseName(name)
		if err != nil {
			require.Equal(t, specs.Layer{}, l)
			return
		}
		require.Equal(t, name, l.Canonical())
		require.Empty(t, l.ValidateWithin(specs.Limits{}))
		require.False(t, slices.ContainsFunc([]byte(name), func(c byte) bool { return c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') }))
	})
}
