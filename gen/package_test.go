package gen_test

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

// generate returns the files of a package of layers, by name.
func generate(t *testing.T, layers ...specs.Layer) ([]gen.File, map[string]string) {
	t.Helper()
	files, err := gen.Package(&specfile.File{Path: "specs/some.yaml", Version: 1, Package: "some", Layers: layers})
	require.NoError(t, err)
	byName := map[string]string{}
	for _, f := range files {
		byName[f.Name] = string(f.Data)
	}
	require.Len(t, byName, len(files), "two files have one name")
	require.True(t, slices.IsSortedFunc(files, func(a, b gen.File) int { return strings.Compare(a.Name, b.Name) }))
	return files, byName
}

// named parses layers and names them a, b, c ...
func named(t *testing.T, names ...string) (layers []specs.Layer) {
	t.Helper()
	for i, n := range names {
		l := parse(t, n)
		l.Name = string(rune('a' + i))
		layers = append(layers, l)
	}
	return layers
}

// tables are the files of every package.
var tables = []string{"kernels.go", "kernels_amd64.go", "kernels_noasm.go", "kernels_test.go", "layers.go"}

// TestFilesOfAPackage: the tables and one file a kernel, under the kernel's name.
func TestFilesOfAPackage(t *testing.T) {
	_, files := generate(t, named(t, g2, "conv_transpose1d_k3s2")...)
	want := slices.Clone(tables)
	for _, l := range []string{g2, "conv_transpose1d_k3s2"} {
		want = append(want, l+"_go.go", l+"_avx2_amd64.s", l+"_avx512_amd64.s")
	}
	for _, name := range want {
		require.Contains(t, files, name)
	}
	require.Len(t, files, len(want))
}

// TestRandomPackagesAreGo: the text parses, is as gofmt leaves it, and starts with
// the header; assembly does too.
func TestRandomPackagesAreGo(t *testing.T) {
	layers := differential.RandomLayers(3, 90)
	for _, l := range layers {
		l.Name = "up"
		files, _ := generate(t, l)
		for _, f := range files {
			name := l.Canonical() + ": " + f.Name
			require.True(t, strings.HasPrefix(string(f.Data), gen.HeaderPrefix+"specs/some.yaml (up). DO NOT EDIT.\n"), name)
			require.True(t, bytes.HasSuffix(f.Data, []byte("\n")), name)
			if !strings.HasSuffix(f.Name, ".go") {
				require.Regexp(t, `(?m)^//go:build !purego$`, string(f.Data), name)
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, parser.ParseComments|parser.SkipObjectResolution)
			require.NoError(t, err, name)
			require.Equal(t, "some", file.Name.Name)
			formatted, err := format.Source(f.Data)
			require.NoError(t, err, name)
			require.Equal(t, string(formatted), string(f.Data), name)
		}
	}
}

// TestLargeKernelsAreGenerated: a kernel within the caps, whose calls in a trial are long.
func TestLargeKernelsAreGenerated(t *testing.T) {
	for _, name := range []string{"conv2d_k128", "conv_transpose1d_k999s7"} {
		l := parse(t, name)
		l.Name = "up"
		_, files := generate(t, l)
		require.Contains(t, files, name+"_avx512_amd64.s")
		require.NotContains(t, files["layers.go"], "WithLimits")
	}
}

// TestLayersOfEveryOp: the constructors take what a layer of the op is built from,
// and the literal says all that the spec said.
func TestLayersOfEveryOp(t *testing.T) {
	for name, want := range map[string][]string{
		"conv2d_k3p1_c8x4_add_relu": {"func NewL0(weights, bias []float32, opts ...runtime.Option)", "its weights\n// [4, 8, 3, 3]; bias", "Add: true", "specs.Activation{Function: specs.ReLU}",
			"Run it with a residual"},
		"conv2d_k3g2_c8x0_clampm1x0p5_nhwc":   {"func NewL0(outChannels int, weights, bias", "[C_out, 4, 3, 3]", "specs.Activation{Function: specs.Clamp, A: -1.0, B: 0.5}", "Layout: specs.NHWC"},
		"conv1d_k3_prelu":                     {"runtime.WithSlopes", "[C_out, C_in, 3]"},
		"nearest2d_s2halfpixel":               {"func NewL0(channels int, opts ...runtime.Option)", "Scale: 2", "Coordinate: specs.HalfPixel, Rounding: specs.RoundPreferCeil", "r.New(l, nil, nil, opts...)"},
		"max_pool2d_k3s2p1ceiltensor_c3x3":    {"func NewL0(opts ...runtime.Option)", "Indices: specs.TensorIndices, CeilMode: true", "Args.Indices where"},
		"pixel_shuffle2d_s2dcr":               {"func NewL0(inChannels int, opts", "l = l.WithChannels()", "Order: specs.DCR"},
		"resize_conv2d_k3s2p1bilinearreflect": {"func NewL0(inChannels, outChannels int, weights, bias", "Interpolation: specs.InterpolateBilinear, Border: specs.Reflect"},
		"bilinear2d_n5x7aligncorners":         {"OutputSize: 7", "Coordinate: specs.AlignCorners"},
		"max_unpool2d_k2s2n5x5":               {"Args.Indices or Args.Indices32"},
	} {
		l := parse(t, name)
		l.Name = "l0"
		_, files := generate(t, l)
		for _, text := range want {
			require.Contains(t, files["layers.go"], text, name)
		}
	}
}

// TestEveryKernelIsListed in the tables that its build reads, and only there.
func TestEveryKernelIsListed(t *testing.T) {
	files, byName := generate(t, named(t, g2, "conv_transpose1d_k16s8p4", "conv_transpose2d_k12s12dw", "conv_transpose3d_k2s2")...)
	kernels := 0
	for _, f := range files {
		name, assembly := strings.CutSuffix(f.Name, "_amd64.s")
		if !assembly {
			name = strings.TrimSuffix(f.Name, ".go")
			if slices.Contains(tables, f.Name) {
				continue
			}
		}
		kernels++
		entry := fmt.Sprintf("{Name: %q, ISA: %q", name, name[strings.LastIndex(name, "_")+1:])
		require.Equal(t, assembly, strings.Contains(byName["kernels_amd64.go"], entry), name)
		require.Equal(t, !assembly, strings.Contains(byName["kernels.go"], entry), name)
		require.NotContains(t, byName["kernels_noasm.go"], name)
	}
	require.Equal(t, 3+3+1+3, kernels, "a stride of 12 has a Go kernel alone")
}

// TestEqualLayersShareKernels: layers that differ in name and bias alone.
func TestEqualLayersShareKernels(t *testing.T) {
	layers := named(t, "conv_transpose2d_k2s2", "conv_transpose2d_k4s2p1", "conv_transpose2d_k2s2")
	layers[2].Bias = false
	_, files := generate(t, layers...)
	require.Len(t, files, len(tables)+2*3)
	for _, suffix := range []string{"_go.go", "_avx2_amd64.s", "_avx512_amd64.s"} {
		require.True(t, strings.HasPrefix(files["conv_transpose2d_k2s2"+suffix], gen.HeaderPrefix+"specs/some.yaml (a, c). DO NOT EDIT.\n"))
		require.True(t, strings.HasPrefix(files["conv_transpose2d_k4s2p1"+suffix], gen.HeaderPrefix+"specs/some.yaml (b). DO NOT EDIT.\n"))
	}
	require.Equal(t, 1, strings.Count(files["kernels.go"], `"conv_transpose2d_k2s2_go"`))
	for _, constructor := range []string{"NewA", "NewB", "NewC"} {
		require.Contains(t, files["layers.go"], "func "+constructor+"(inChannels, outChannels int, weights, bias []float32, opts ...runtime.Option) (*runtime.Layer, error) {\n")
	}
	require.Contains(t, files["layers.go"], "return []specs.Layer{layerA(), layerB(), layerC()}\n")
	require.Contains(t, files["layers.go"], "the layer has no bias: pass nil.\n")
}

// TestConstructorsAskForWhatIsOpen.
func TestConstructorsAskForWhatIsOpen(t *testing.T) {
	for name, params := range map[string]string{
		"conv_transpose1d_k2s2":        "inChannels, outChannels int, ",
		"conv_transpose1d_k2s2_c0x3":   "inChannels int, ",
		"conv_transpose1d_k2s2_c3x0":   "outChannels int, ",
		"conv_transpose1d_k2s2_c3x4":   "",
		"conv_transpose1d_k2s2dw":      "channels int, ",
		"conv_transpose1d_k2s2dw_c5x5": "",
	} {
		_, files := generate(t, named(t, name)...)
		require.Contains(t, files["layers.go"], "func NewA("+params+"weights, bias []float32, opts ...runtime.Option)", name)
	}
}

// TestKernelFilesTellTheirStory: phases, plan, needs, and how to make them again.
func TestKernelFilesTellTheirStory(t *testing.T) {
	_, files := generate(t, named(t, g2)...)
	for suffix, needs := range map[string]string{"_go.go": "any processor", "_avx2_amd64.s": "AVX", "_avx512_amd64.s": "AVX512F"} {
		text := files[g2+suffix]
		for _, want := range []string{"// Phases of y:\n", "// Phases of x:\n", "//\tphase 0: in[q-1]*w3 + in[q]*w1 ", "// Plan: ", "// Needs: ", "// Regenerate with: upconv generate\n", "// phase 1: in[q+1]*w0\n"} {
			require.Contains(t, text, want, suffix)
		}
		_, line, _ := strings.Cut(text, "// Needs: ")
		line, _, _ = strings.Cut(line, "\n")
		require.Contains(t, line, needs, suffix)
	}
}

// TestNoTraceOfTheMachine: no date, host path or version.
func TestNoTraceOfTheMachine(t *testing.T) {
	files, _ := generate(t, named(t, g2, "conv_transpose3d_k2s2")...)
	for _, f := range files {
		require.NotRegexp(t, `20\d\d-\d\d|/home/|/work/|/tmp/|go1\.\d|avo|jennifer`, string(f.Data), f.Name)
	}
}

// TestPackageIsDeterministic.
func TestPackageIsDeterministic(t *testing.T) {
	layers := named(t, g2, "conv_transpose1d_k9s3p4o2_c5x1", "conv_transpose1d_k32s16")
	a, _ := generate(t, layers...)
	b, _ := generate(t, layers...)
	require.Equal(t, a, b)
}

// TestPeakFiles: one function for each vector instruction set.
func TestPeakFiles(t *testing.T) {
	files, err := gen.Peak()
	require.NoError(t, err)
	require.Len(t, files, 2)
	for i, isa := range []string{"avx2", "avx512"} {
		require.Equal(t, "fma_"+isa+"_amd64.s", files[i].Name)
		require.True(t, bytes.HasPrefix(files[i].Data, []byte(gen.HeaderPrefix+gen.PeakSource)))
		require.GreaterOrEqual(t, bytes.Count(files[i].Data, []byte("VFMADD231PS")), 10)
	}
}
