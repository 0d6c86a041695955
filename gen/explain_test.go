package gen_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/specs"
)

// g2 is the second layer of the generator of DCGAN.
const g2 = "conv_transpose2d_k4s2p1_c512x256_i4x4"

func parse(t *testing.T, name string) specs.Layer {
	t.Helper()
	l, err := specs.ParseName(name)
	require.NoError(t, err, name)
	return l
}

func explain(t *testing.T, name, stage string) string {
	t.Helper()
	text, err := gen.Explain(parse(t, name), stage)
	require.NoError(t, err, name)
	require.True(t, strings.HasSuffix(text, "\n"))
	return text
}

func TestExplainShapes(t *testing.T) {
	require.Equal(t, `layer    conv_transpose2d_k4s2p1_c512x256_i4x4
input    [N, 512, 4, 4]
output   [N, 256, 8, 8]
weights  [512, 256, 4, 4]
work     67108864 FLOPs an image (2 * 512 * 256 * 4 * 4 * 4 * 4)
overlap  y: 1 1 2 2 2 2 2 2 2 2 1 1 (uncropped, 5 inputs)
overlap  x: 1 1 2 2 2 2 2 2 2 2 1 1 (uncropped, 5 inputs)
         even inside: every output sums the same number of stamps
`, explain(t, g2, "shapes"))
}

// TestExplainShapesLeftOpen: what the layer leaves open has a name.
func TestExplainShapesLeftOpen(t *testing.T) {
	for name, want := range map[string][]string{
		"conv_transpose2d_k3s2p1o1": {
			"input    [N, C_in, in_y, in_x]\n", "output   [N, C_out, 2*in_y, 2*in_x]\n", "weights  [C_in, C_out, 3, 3]\n",
			"overlap  x: 1 1 2 1 2 1 2 1 2 1 1 (uncropped, 5 inputs)\n", "         uneven: phases have different tap counts, so a checkerboard can appear\n",
		},
		"conv_transpose1d_k16s8p4_c256x128": {
			"input    [N, 256, in_x]\n", "output   [N, 128, 8*in_x]\n", "weights  [256, 128, 16]\n", "work     2 * 256 * 128 * 16 * in_x FLOPs an image\n",
		},
		"conv_transpose2d_k4s2p1_nhwc":      {"input    [N, in_y, in_x, C_in]\n", "output   [N, 2*in_y, 2*in_x, C_out]\n", "weights  [C_in, C_out, 4, 4]\n"},
		"conv_transpose2d_k4s2p1dw":         {"weights  [C_in, 1, 4, 4]\n"},
		"conv_transpose2d_k2s2g3":           {"weights  [C_in, C_out/3, 2, 2]\n"},
		"conv_transpose2d_k2s2g3_c6x9":      {"weights  [6, 3, 2, 2]\n"},
		"conv_transpose2d_k2s2n9x11_c3x4":   {"output   [N, 4, 9, 11]\n"},
		"conv_transpose3d_k2s2_c3x4_i2x3x5": {"input    [N, 3, 2, 3, 5]\n", "output   [N, 4, 4, 6, 10]\n", "work     5760 FLOPs an image (2 * 3 * 4 * 2 * 2 * 2 * 3 * 2 * 5)\n", "overlap  z: 1 1 1 1 1 1 1 1 1 1 (uncropped, 5 inputs)\n"},
	} {
		text := explain(t, name, "shapes")
		for _, w := range want {
			require.Contains(t, text, w, name)
		}
	}
}

// TestExplainCheckerboard: the stamps in numbers, and the cures of an uneven layer alone.
func TestExplainCheckerboard(t *testing.T) {
	require.Equal(t, `stamps at each output of a small input
  1  2  1  2  1  2  1  2  1  1
  2  4  2  4  2  4  2  4  2  2
  1  2  1  2  1  2  1  2  1  1
  2  4  2  4  2  4  2  4  2  2
  1  2  1  2  1  2  1  2  1  1
  2  4  2  4  2  4  2  4  2  2
  1  2  1  2  1  2  1  2  1  1
  2  4  2  4  2  4  2  4  2  2
  1  2  1  2  1  2  1  2  1  1
  1  2  1  2  1  2  1  2  1  1
uneven: y: 1 2 1 2 1 (kernel 3, stride 2); x: 1 2 1 2 1 (kernel 3, stride 2)
in its place, with an output of the same size:
  # cure 1: a kernel that is a multiple of the stride
  - name: up
    op: conv_transpose
    kernel: [2, 2]
    stride: 2
  # cure 2: a kernel that is a multiple of the stride
  - name: up
    op: conv_transpose
    kernel: [4, 4]
    stride: 2
    padding: 1
  # cure 3: a resize_conv, which repeats each input and then convolves
  - name: up
    op: resize_conv
    kernel: [3, 3]
    scale: 2
    padding: 1
`, explain(t, "conv_transpose2d_k3s2p1o1", "checkerboard"))
	even := explain(t, g2, "checkerboard")
	require.Contains(t, even, "even: away from the border")
	require.NotContains(t, even, "cure")
	require.Equal(t, "a nearest has no stamps that overlap\n", explain(t, "nearest2d_s2", "checkerboard"))
	line := explain(t, "conv_transpose1d_k5s2", "checkerboard")
	require.True(t, strings.HasPrefix(line, "uneven: x: 3 2 3 2 3 (kernel 5, stride 2)\n"), line)
}

func TestExplainPolyphase(t *testing.T) {
	const phases = `: o = 2*q + phase
phase 0: in[q-1]*w3 + in[q]*w1   q in [0,in), interior [1,in)
phase 1: in[q]*w2 + in[q+1]*w0   q in [0,in), interior [0,in-1)
`
	require.Equal(t, "axis y"+phases+"axis x"+phases, explain(t, g2, "polyphase"))
}

// TestExplainPlan: one line a target, widest first, one that says why, and one about
// memory where all sizes are fixed.
func TestExplainPlan(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(explain(t, g2, "plan")), "\n")
	require.Len(t, lines, 3*len(gen.Targets))
	for i, target := range gen.Targets {
		require.Regexp(t, `^`+target.Name+`: lanes \d+ along .*, tile \d+ channels x \d+ phases x \d+ columns, \d+ accumulators, .* input, order bias, input channels, y taps, x taps by ascending position; .*$`, lines[3*i])
		require.Regexp(t, `^    because \w+`, lines[3*i+1])
	}
	// The Go kernel reads a copy of 512 channels of 4 rows of 5, a zero before them and
	// 5 elements past the end; 4 rows of 2 channels and 2 phases wait to be cropped.
	const goScratch = 4 * (512*4*5 + 1 + 5 + 2*2*(3*5+4))
	require.Equal(t, fmt.Sprintf("    scratch memory %.1f KiB a goroutine, beside the packed weights", goScratch/1024.), lines[3*2+2])
	for _, open := range []string{"conv_transpose2d_k4s2p1_c512x256", "conv_transpose2d_k4s2p1_c0x256_i4x4", "conv_transpose2d_k4s2p1"} {
		require.NotContains(t, explain(t, open, "plan"), "scratch", open)
	}
}

// TestExplainNest: one nest a target, under the kernel's name.
func TestExplainNest(t *testing.T) {
	text := explain(t, g2, "nest")
	for _, target := range gen.Targets {
		require.Contains(t, text, g2+"_"+target.Name+"(dst, src, weights, bias []float32; ")
	}
	require.Equal(t, len(gen.Targets), strings.Count(text, "for row = 0; row < rows; row += 1\n"))
	require.Contains(t, text, "// phase 1: in[q+1]*w0\n")
}

// TestExplainEverything: all stages in order, each under a heading.
func TestExplainEverything(t *testing.T) {
	require.Equal(t, []string{"shapes", "checkerboard", "polyphase", "plan", "nest"}, gen.Stages())
	want := ""
	for _, s := range gen.Stages() {
		want += "== " + s + "\n" + explain(t, g2, s)
	}
	require.Equal(t, want, explain(t, g2, ""))
}

func TestUnknownStage(t *testing.T) {
	for _, s := range []string{"asm", "Plan", " "} {
		text, err := gen.Explain(parse(t, g2), s)
		require.EqualError(t, err, `no stage "`+s+`"; there is: shapes, checkerboard, polyphase, plan, nest`)
		require.Empty(t, text)
	}
}

// TestExplainWithoutKernels: a layer that no target takes is explained all the
// same, with the reason.
func TestExplainWithoutKernels(t *testing.T) {
	const volume = "resize_conv3d_k4x3x2s2x1x2p1x1x0_c8x4"
	for _, stage := range []string{"plan", "nest"} {
		want := ""
		for _, target := range gen.Targets {
			want += target.Name + ": no kernel: 3-D layers of op resize_conv run on the generic path\n"
		}
		require.Equal(t, want, explain(t, volume, stage))
	}
	text := explain(t, volume, "polyphase")
	require.Equal(t, 3, strings.Count(text, "axis "))
	for _, axis := range []string{"axis z: o = 2*q + phase\n", "axis y: o = 1*q + phase\n", "axis x: o = 2*q + phase\n"} {
		require.Contains(t, text, axis)
	}
}

// TestEveryLayerIsExplained whatever its rank and what it leaves open.
func TestEveryLayerIsExplained(t *testing.T) {
	for _, l := range differential.RandomLayers(21, 220) {
		text, err := gen.Explain(l, "")
		require.NoError(t, err, l.Canonical())
		require.Contains(t, text, "layer    "+l.Canonical()+"\n")
	}
}
