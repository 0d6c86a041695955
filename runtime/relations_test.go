package runtime_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// The relations below tie one layer to others. Their data are whole numbers so
// small that every sum is exact: results are compared with no tolerance, but where
// a resize rounds. Each relation holds for relationLayers random layers.
const relationLayers = 220

// related calls f with random layers of an op, plain: no bias, no residual, no
// activation, and channels that are set.
func related(t *testing.T, seed uint64, op specs.Op, f func(l specs.Layer, s runtime.Shape)) {
	t.Helper()
	relatedOf(t, seed, op, relationLayers, func(l specs.Layer, s runtime.Shape) bool {
		f(l, s)
		return true
	})
}

// relatedOf is related for a relation that some layers do not have: f reports whether the
// layer has it. It draws at most so many layers.
func relatedOf(t *testing.T, seed uint64, op specs.Op, most int, f func(l specs.Layer, s runtime.Shape) bool) {
	t.Helper()
	held := 0
	for i, l := range differential.RandomOps(seed, most, op) {
		l.Add, l.Activation = false, specs.Activation{}
		cases, err := kerneltest.Cases(l, 1<<12)
		require.NoError(t, err)
		c := cases[i%len(cases)]
		c.Layer.Bias = false
		if f(c.Layer, c.Shape) {
			held++
		}
		if held == relationLayers {
			return
		}
	}
	require.Equal(t, relationLayers, held)
}

// inner is the product of two arrays as vectors.
func inner(a, b []float32) (sum float64) {
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}

// TestAdjoint: <conv(y), x> = <y, conv_transpose(x)> with the same weights.
func TestAdjoint(t *testing.T) {
	relatedOf(t, 1, specs.ConvTranspose, 3*relationLayers, func(l specs.Layer, s runtime.Shape) bool {
		extents, err := l.Resolve(s.Input[:l.Rank])
		require.NoError(t, err)
		back := l
		back.Op, back.Padding = specs.Conv, specs.Explicit
		back.InChannels, back.OutChannels = l.OutChannels, l.InChannels
		wide := runtime.Shape{Batch: s.Batch}
		for i, e := range extents {
			a := &back.Axes[i]
			*a = specs.Axis{Kernel: e.Kernel, Stride: e.Stride, Dilation: e.Dilation, PadBegin: e.PadBegin, PadEnd: max(0, e.PadEnd-e.OutputPadding)}
			wide.Input[i] = e.Out
		}
		src, dst := sizeOf(t, l, s)
		x, y, w := whole(src, 1), whole(dst, 2), whole(weightsOf(l), 3)
		up, _ := forwardLayer(t, l, s, arrays{src: x, weights: w})
		if rest, _ := sizeIfAny(back, wide); rest != src {
			return false // the ends differ: an output that no input reaches
		}
		down, _ := forwardLayer(t, back, wide, arrays{src: y, weights: w})
		require.Equal(t, inner(y, up), inner(down, x), l.Canonical())
		return true
	})
}

// sizeIfAny is the size of the output, or an error.
func sizeIfAny(l specs.Layer, s runtime.Shape) (dst int, err error) {
	e, err := l.Resolve(s.Input[:l.Rank])
	if err != nil {
		return 0, err
	}
	dst = s.Batch * l.OutChannels
	for _, x := range e {
		dst *= x.Out
	}
	return dst, nil
}

// TestZeroInsertion: a conv_transpose is a convolution with the flipped kernel over
// its input with zeros put in between.
func TestZeroInsertion(t *testing.T) {
	relatedOf(t, 2, specs.ConvTranspose, 3*relationLayers, func(l specs.Layer, s runtime.Shape) bool {
		if l.Padding != specs.Explicit {
			l.Padding = specs.Valid
		}
		nails := specs.NewLayer(specs.BedOfNails, l.Rank)
		nails.Layout, nails.InChannels, nails.OutChannels = l.Layout, l.InChannels, l.InChannels
		conv := l
		conv.Op, conv.Padding = specs.Conv, specs.Explicit
		wide := runtime.Shape{Batch: s.Batch}
		for i, a := range l.Spatial() {
			nails.Axes[i].Scale = a.Stride
			wide.Input[i] = s.Input[i] * a.Stride // Stride-1 zeros more than between the inputs
			full := a.Dilation * (a.Kernel - 1)
			begin, end := full-a.PadBegin, full-a.PadEnd+a.OutputPadding-(a.Stride-1)
			if begin < 0 || end < 0 {
				return false // the convolution would have to crop
			}
			conv.Axes[i] = specs.Axis{Kernel: a.Kernel, Stride: 1, Dilation: a.Dilation, PadBegin: begin, PadEnd: end}
		}
		src, _ := sizeOf(t, l, s)
		x, w := whole(src, 4), whole(weightsOf(l), 5)
		want, _ := forwardLayer(t, l, s, arrays{src: x, weights: w})
		spread, _ := forwardLayer(t, nails, s, arrays{src: x})
		got, _ := forwardLayer(t, conv, wide, arrays{src: spread, weights: flipped(l, w)})
		require.Equal(t, want, got, l.Canonical())
		return true
	})
}

// flipped turns weights of a conv_transpose into those of the convolution: channels
// exchanged within each group, kernels mirrored.
func flipped(l specs.Layer, w []float32) []float32 {
	kernel := 1
	for _, a := range l.Spatial() {
		kernel *= a.Kernel
	}
	groups := l.GroupCount()
	in, out := l.InChannels/groups, l.OutChannels/groups
	turned := make([]float32, len(w))
	for i, v := range w {
		ic, oc, k := i/kernel/out, i/kernel%out, i%kernel
		turned[((ic/in*out+oc)*in+ic%in)*kernel+kernel-1-k] = v
	}
	return turned
}

// TestCropIsPadding: padding of a conv_transpose crops the output without it.
func TestCropIsPadding(t *testing.T) {
	related(t, 3, specs.ConvTranspose, func(l specs.Layer, s runtime.Shape) {
		full := l
		full.Padding = specs.Explicit
		extents, err := l.Resolve(s.Input[:l.Rank])
		require.NoError(t, err)
		for i, e := range extents {
			full.Axes[i].PadBegin, full.Axes[i].PadEnd, full.Axes[i].OutputPadding, full.Axes[i].OutputSize = 0, 0, e.OutputPadding, 0
		}
		src, _ := sizeOf(t, l, s)
		a := arrays{src: whole(src, 6), weights: whole(weightsOf(l), 7)}
		want, _ := forwardLayer(t, l, s, a)
		all, _ := forwardLayer(t, full, s, a)
		uncropped, err := full.Resolve(s.Input[:l.Rank])
		require.NoError(t, err)
		require.Equal(t, want, cropped(l, all, s.Batch, uncropped, extents), l.Canonical())
	})
}

// cropped are the elements of an array of sizes from that lie in the sizes to, from
// the beginning's padding on.
func cropped(l specs.Layer, all []float32, batch int, from, to []specs.Extent) (part []float32) {
	inside := func(i int) bool {
		for a := len(from) - 1; a >= 0; a-- {
			at := i%from[a].Out - to[a].PadBegin
			if at < 0 || at >= to[a].Out {
				return false
			}
			i /= from[a].Out
		}
		return true
	}
	plane := len(all) / batch / l.OutChannels
	for i, v := range all {
		at := i % plane
		if l.Layout == specs.NHWC {
			at = i / l.OutChannels % plane
		}
		if inside(at) {
			part = append(part, v)
		}
	}
	return part
}

// TestGroupsOfEveryOpAreLayers, of conv and conv_transpose.
func TestGroupsOfEveryOpAreLayers(t *testing.T) {
	for i, op := range []specs.Op{specs.ConvTranspose, specs.Conv} {
		related(t, uint64(10+i), op, func(l specs.Layer, s runtime.Shape) {
			l.Depthwise, l.Groups, l.Layout = false, 2, specs.NCHW
			one := l
			one.Groups, one.InChannels, one.OutChannels = 1, 2, 3
			l.InChannels, l.OutChannels, s.Batch = 4, 6, 1
			src, _ := sizeOf(t, l, s)
			x, w := whole(src, 8), whole(weightsOf(l), 9)
			want, _ := forwardLayer(t, l, s, arrays{src: x, weights: w})
			var got []float32
			for g := range 2 {
				part, _ := forwardLayer(t, one, s, arrays{src: x[g*len(x)/2:][:len(x)/2], weights: w[g*len(w)/2:][:len(w)/2]})
				got = append(got, part...)
			}
			require.Equal(t, want, got, l.Canonical())
		})
	}
}

// TestBatchOfEveryOpIsConcatenation: the images of a batch are computed as if alone.
func TestBatchOfEveryOpIsConcatenation(t *testing.T) {
	for i, op := range specs.Ops() {
		related(t, uint64(20+i), op, func(l specs.Layer, s runtime.Shape) {
			if l.Indices == specs.TensorIndices {
				l.Indices = specs.PlaneIndices // those of the tensor tell the images apart
			}
			s.Batch = 3
			src, dst := sizeOf(t, l, s)
			a := arrays{src: whole(src, 10), weights: whole(weightsOf(l), 11)}
			if l.Op == specs.MaxUnpool {
				a.indices = places(src, dst/3/l.OutChannels)
			}
			want, at := forwardLayer(t, l, s, a)
			s.Batch = 1
			var got []float32
			var found []int64
			for n := range 3 {
				b := a
				b.src = a.src[n*src/3:][:src/3]
				if a.indices != nil {
					b.indices = a.indices[n*src/3:][:src/3]
				}
				part, indices := forwardLayer(t, l, s, b)
				got, found = append(got, part...), append(found, indices...)
			}
			requireBits(t, want, got, l.Canonical())
			if l.Op == specs.MaxPool {
				require.Equal(t, at, found, l.Canonical())
			}
		})
	}
}

// places are n indices below size.
func places(n, size int) []int64 {
	at := make([]int64, n)
	for i := range at {
		at[i] = int64((i*i + 7*i) % size)
	}
	return at
}

// TestNearestIsTransposedConvolutionOfOnes: repeating is stamping ones, kernel as
// large as the stride.
func TestNearestIsTransposedConvolutionOfOnes(t *testing.T) {
	related(t, 4, specs.Nearest, func(l specs.Layer, s runtime.Shape) {
		up := specs.NewLayer(specs.ConvTranspose, l.Rank)
		up.Layout, up.InChannels, up.OutChannels = l.Layout, l.InChannels, l.InChannels
		up.Depthwise, up.Groups = true, 0
		l.Coordinate, l.Rounding = specs.Asymmetric, specs.Floor
		for i := range l.Spatial() {
			l.Axes[i].OutputSize, l.Axes[i].Scale = 0, max(1, l.Axes[i].Scale)
			up.Axes[i].Kernel, up.Axes[i].Stride = l.Axes[i].Scale, l.Axes[i].Scale
		}
		ones := make([]float32, weightsOf(up))
		for i := range ones {
			ones[i] = 1
		}
		src, _ := sizeOf(t, l, s)
		x := whole(src, 12)
		want, _ := forwardLayer(t, up, s, arrays{src: x, weights: ones})
		got, _ := forwardLayer(t, l, s, arrays{src: x})
		require.Equal(t, want, got, l.Canonical())
	})
}

// TestBilinearKeepsConstantsAndRamps: interpolating a constant gives it back, and
// interpolating a ramp its values at the coordinates, but beyond the outermost
// inputs, which are repeated.
func TestBilinearKeepsConstantsAndRamps(t *testing.T) {
	related(t, 5, specs.Bilinear, func(l specs.Layer, s runtime.Shape) {
		src, _ := sizeOf(t, l, s)
		x := make([]float32, src)
		for i := range x {
			x[i] = 3
		}
		got, _ := forwardLayer(t, l, s, arrays{src: x})
		for _, v := range got {
			require.InEpsilon(t, 3, v, 2e-6, l.Canonical())
		}
		line := specs.NewLayer(specs.Bilinear, 1)
		line.Axes[0], line.Coordinate, line.InChannels, line.OutChannels = l.Axes[0], l.Coordinate, 1, 1
		one := runtime.NewShape(1, s.Input[0])
		e, err := line.Resolve(one.Input[:1])
		require.NoError(t, err)
		ramp := make([]float32, e[0].In)
		for i := range ramp {
			ramp[i] = float32(i)
		}
		got, _ = forwardLayer(t, line, one, arrays{src: ramp})
		for o, v := range got {
			in, out, at := float64(e[0].In), float64(e[0].Out), float64(o)
			want := map[specs.Coordinate]float64{
				specs.Asymmetric: at * in / out, specs.HalfPixel: (at+0.5)*in/out - 0.5, specs.AlignCorners: at * (in - 1) / max(out-1, 1),
			}[l.Coordinate]
			require.InDelta(t, min(max(want, 0), in-1), v, in*0x1p-22, "%s output %d of %v", line.Canonical(), o, in)
		}
	})
}

// TestPoolOfUnpool: pooling what was put back where it was found gives it again,
// for windows that do not overlap and inputs that are positive.
func TestPoolOfUnpool(t *testing.T) {
	related(t, 6, specs.MaxPool, func(l specs.Layer, s runtime.Shape) {
		l.CeilMode, l.Padding = false, specs.Explicit
		back := specs.NewLayer(specs.MaxUnpool, l.Rank)
		back.Layout, back.Indices, back.InChannels, back.OutChannels = l.Layout, l.Indices, l.InChannels, l.InChannels
		small := runtime.Shape{Batch: s.Batch}
		for i := range l.Spatial() {
			k := l.Axes[i].Kernel
			l.Axes[i] = specs.Axis{Kernel: k, Stride: k, Dilation: 1}
			s.Input[i] = max(s.Input[i], k)
			small.Input[i] = s.Input[i] / k
			back.Axes[i] = specs.Axis{Kernel: k, Stride: k, OutputSize: s.Input[i]}
		}
		src, _ := sizeOf(t, l, s)
		x := make([]float32, src)
		for i := range x {
			x[i] = float32(1 + (i*37)%101)
		}
		pooled, at := forwardLayer(t, l, s, arrays{src: x})
		spread, _ := forwardLayer(t, back, small, arrays{src: pooled, indices: at})
		again, where := forwardLayer(t, l, s, arrays{src: spread})
		require.Equal(t, pooled, again, l.Canonical())
		require.Equal(t, at, where, l.Canonical())
	})
}

// TestShuffleIsOneHotTransposedConvolution: every channel of the input stamps one
// place of the block of one channel of the output.
func TestShuffleIsOneHotTransposedConvolution(t *testing.T) {
	related(t, 7, specs.PixelShuffle, func(l specs.Layer, s runtime.Shape) {
		up := specs.NewLayer(specs.ConvTranspose, l.Rank)
		up.Layout, up.InChannels, up.OutChannels = l.Layout, l.InChannels, l.OutChannels
		block := 1
		for i, a := range l.Spatial() {
			up.Axes[i].Kernel, up.Axes[i].Stride = a.Scale, a.Scale
			block *= a.Scale
		}
		w := make([]float32, weightsOf(up))
		for ic := range l.InChannels {
			oc, k := ic/block, ic%block
			if l.Order == specs.DCR {
				oc, k = ic%l.OutChannels, ic/l.OutChannels
			}
			w[(ic*l.OutChannels+oc)*block+k] = 1
		}
		src, _ := sizeOf(t, l, s)
		x := whole(src, 13)
		want, _ := forwardLayer(t, up, s, arrays{src: x, weights: w})
		got, _ := forwardLayer(t, l, s, arrays{src: x})
		require.Equal(t, want, got, l.Canonical())

		back := l
		back.Op, back.InChannels, back.OutChannels = specs.PixelUnshuffle, l.OutChannels, l.InChannels
		wide := runtime.Shape{Batch: s.Batch}
		for i := range l.Spatial() {
			wide.Input[i] = max(s.Input[i], l.Axes[i].Input) * l.Axes[i].Scale
			back.Axes[i].Input = 0
		}
		again, _ := forwardLayer(t, back, wide, arrays{src: got})
		require.Equal(t, x, again, l.Canonical())
	})
}

// TestResizeConvIsTwoSteps: the bits are those of the resize and the convolution of
// its result, one after the other.
func TestResizeConvIsTwoSteps(t *testing.T) {
	relatedOf(t, 8, specs.ResizeConv, 3*relationLayers, func(l specs.Layer, s runtime.Shape) bool {
		for i := range l.Spatial() {
			if l.Axes[i].Scale == 3 && l.Interpolation == specs.InterpolateBilinear {
				return false // weights of thirds are not exact
			}
		}
		src, _ := sizeOf(t, l, s)
		x, w := whole(src, 14), whole(weightsOf(l), 15)
		want, _ := forwardLayer(t, l, s, arrays{src: x, weights: w})
		resize := specs.NewLayer(specs.Nearest, l.Rank)
		if l.Interpolation == specs.InterpolateBilinear {
			resize = specs.NewLayer(specs.Bilinear, l.Rank)
		}
		resize.Layout, resize.InChannels, resize.OutChannels = l.Layout, l.InChannels, l.InChannels
		conv := l
		conv.Op, conv.Interpolation, conv.Border, conv.Padding = specs.Conv, "", "", specs.Explicit
		extents, err := l.Resolve(s.Input[:l.Rank])
		require.NoError(t, err)
		wide := runtime.Shape{Batch: s.Batch}
		for i, e := range extents {
			resize.Axes[i].Scale = e.Scale
			conv.Axes[i] = specs.Axis{Kernel: e.Kernel, Stride: 1, Dilation: e.Dilation, PadBegin: e.PadBegin, PadEnd: e.PadEnd}
			wide.Input[i] = e.In * e.Scale
		}
		u, _ := forwardLayer(t, resize, s, arrays{src: x})
		if l.Border != specs.ZeroBorder {
			u, wide = surrounded(l, u, wide, extents)
			for i := range extents {
				conv.Axes[i].PadBegin, conv.Axes[i].PadEnd = 0, 0
			}
		}
		got, _ := forwardLayer(t, conv, wide, arrays{src: u, weights: w})
		requireBits(t, want, got, l.Canonical())
		return true
	})
}

// surrounded puts the border around an array, element by element.
func surrounded(l specs.Layer, u []float32, s runtime.Shape, extents []specs.Extent) ([]float32, runtime.Shape) {
	around := s
	plane, wide := 1, 1
	for i, e := range extents {
		around.Input[i] += e.PadBegin + e.PadEnd
		plane, wide = plane*s.Input[i], wide*around.Input[i]
	}
	out := make([]float32, len(u)/plane*wide)
	inside := 1
	if l.Layout == specs.NHWC {
		inside = l.InChannels
	}
	for i := range out {
		outer, at, c := i/inside/wide, i/inside%wide, i%inside
		from, scale := 0, 1
		for a := len(extents) - 1; a >= 0; a-- {
			n := s.Input[a]
			p := at%around.Input[a] - extents[a].PadBegin
			at /= around.Input[a]
			if l.Border == specs.Replicate {
				p = min(max(p, 0), n-1)
			} else if p < 0 {
				p = -p
			} else if p >= n {
				p = 2*(n-1) - p
			}
			from += p * scale
			scale *= n
		}
		out[i] = u[(outer*plane+from)*inside+c]
	}
	return out, around
}

// TestShift: moving the input by one along the last axis moves the output of a
// conv_transpose by the stride.
func TestShift(t *testing.T) {
	relatedOf(t, 9, specs.ConvTranspose, 3*relationLayers, func(l specs.Layer, s runtime.Shape) bool {
		extents, err := l.Resolve(s.Input[:l.Rank])
		require.NoError(t, err)
		e := extents[l.Rank-1]
		if e.In < 2 || e.Out <= e.Stride {
			return false // nothing is left to compare
		}
		src, _ := sizeOf(t, l, s)
		x, w := whole(src, 23), whole(weightsOf(l), 24)
		moved := make([]float32, src)
		in, out := 1, 1 // how far neighbours along the axis are apart
		if l.Layout == specs.NHWC {
			in, out = l.InChannels, l.OutChannels
		}
		for i := range x {
			switch at := i / in % e.In; {
			case at == e.In-1:
				x[i] = 0 // so that nothing leaves
			case at < e.In-1:
				moved[i+in] = x[i]
			}
		}
		still, _ := forwardLayer(t, l, s, arrays{src: x, weights: w})
		got, _ := forwardLayer(t, l, s, arrays{src: moved, weights: w})
		compared := 0
		for i, v := range got {
			if i/out%e.Out >= e.Stride {
				require.Equal(t, still[i-e.Stride*out], v, "%s output %d", l.Canonical(), i)
				compared++
			}
		}
		require.NotZero(t, compared)
		return true
	})
}

// TestLinearity: a layer with weights is linear in its input.
func TestLinearity(t *testing.T) {
	for i, op := range []specs.Op{specs.ConvTranspose, specs.Conv, specs.ResizeConv} {
		related(t, uint64(40+i), op, func(l specs.Layer, s runtime.Shape) {
			l.Interpolation = specs.InterpolateNearest
			src, _ := sizeOf(t, l, s)
			x, y, w := whole(src, 16), whole(src, 17), whole(weightsOf(l), 18)
			both := make([]float32, src)
			for i := range both {
				both[i] = 2*x[i] - 3*y[i]
			}
			a, _ := forwardLayer(t, l, s, arrays{src: x, weights: w})
			b, _ := forwardLayer(t, l, s, arrays{src: y, weights: w})
			sum, _ := forwardLayer(t, l, s, arrays{src: both, weights: w})
			for i, v := range sum {
				require.Equal(t, 2*a[i]-3*b[i], v, l.Canonical())
			}
		})
	}
}

// TestActivationIsTheLastStep: a layer with a residual and an activation returns
// what they make of the layer without.
func TestActivationIsTheLastStep(t *testing.T) {
	for i, text := range []string{"relu", "relu6", "leaky_relu(0.2)", "prelu", "sigmoid", "tanh", "clamp(-1, 1)"} {
		a, err := specs.ParseActivation(text)
		require.NoError(t, err)
		related(t, uint64(50+i), specs.Conv, func(l specs.Layer, s runtime.Shape) {
			src, dst := sizeOf(t, l, s)
			in := arrays{src: whole(src, 19), weights: whole(weightsOf(l), 20)}
			for i := range in.weights {
				in.weights[i] /= 64
			}
			plain, _ := forwardLayer(t, l, s, in)
			l.Add, l.Activation = true, a
			in.residual = whole(dst, 21)
			if a.Function == specs.PReLU {
				in.slopes = floats(l.OutChannels, 22)
			}
			got, _ := forwardLayer(t, l, s, in)
			for i, v := range plain {
				want := apply(a, v+in.residual[i], in.slopes, channelOf(l, i, dst/s.Batch/l.OutChannels))
				require.InDelta(t, want, got[i], 1e-6*(1+math.Abs(want)), l.Canonical())
			}
		})
	}
}

// channelOf is the channel of element i of an output.
func channelOf(l specs.Layer, i, plane int) int {
	if l.Layout == specs.NHWC {
		return i % l.OutChannels
	}
	return i / plane % l.OutChannels
}

// apply is an activation by its definition.
func apply(a specs.Activation, v float32, slopes []float32, channel int) float64 {
	x := float64(v)
	switch a.Function {
	case specs.ReLU:
		return max(x, 0)
	case specs.ReLU6:
		return min(max(x, 0), 6)
	case specs.Clamp:
		return min(max(x, float64(a.A)), float64(a.B))
	case specs.Sigmoid:
		return 1 / (1 + math.Exp(-x))
	case specs.Tanh:
		return math.Tanh(x)
	}
	slope := float64(a.A)
	if a.Function == specs.PReLU {
		slope = float64(slopes[channel])
	}
	return max(x, 0) + slope*min(x, 0)
}
