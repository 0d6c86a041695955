package runtime_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// TestKernelsServeOtherEnds: how many outputs a layer has at its end is no matter
// of the kernel: output padding, end padding, a wanted size or same_* padding.
func TestKernelsServeOtherEnds(t *testing.T) {
	for _, c := range []struct {
		kernel string
		layers []string
		shape  runtime.Shape
	}{
		{"conv_transpose2d_k4s2p1", []string{
			"conv_transpose2d_k4s2p1o1_c5x7", "conv_transpose2d_k4s2p1o0x1_c5x7", "conv_transpose2d_k4s2p1e0x3_c5x7", "conv_transpose2d_k4s2p1e4x0_c5x7",
			"conv_transpose2d_k4s2p1n13x19_c5x7", "conv_transpose2d_k4s2psu_c5x7", "conv_transpose2d_k4s2psl_c5x7", "conv_transpose2d_k4s2p1e2x9_c5x7",
		}, runtime.NewShape(2, 6, 9)},
		{"conv_transpose2d_k2s2", []string{
			"conv_transpose2d_k2s2o1_c4x19", "conv_transpose2d_k2s2p0e1_c4x19", "conv_transpose2d_k2s2p0e3x2_c4x19",
			"conv_transpose2d_k2s2n10x37_c4x19", "conv_transpose2d_k2s2pv_c4x19", "conv_transpose2d_k2s2psu_c4x19",
		}, runtime.NewShape(1, 5, 18)},
		{"conv_transpose2d_k3s2p1o1", []string{
			"conv_transpose2d_k3s2p1_c6x5", "conv_transpose2d_k3s2p1o0x1_c6x5", "conv_transpose2d_k3s2p1e0x5_c6x5", "conv_transpose2d_k3s2p1n9x12_c6x5",
		}, runtime.NewShape(1, 5, 6)},
		{"conv_transpose2d_k16s8", []string{
			"conv_transpose2d_k16s8o7_c3x5", "conv_transpose2d_k16s8p0e3x9_c3x5", "conv_transpose2d_k16s8n32x39_c3x5",
		}, runtime.NewShape(1, 3, 3)},
		{"conv_transpose1d_k16s8p4", []string{
			"conv_transpose1d_k16s8p4o5_c6x10", "conv_transpose1d_k16s8p4e0_c6x10", "conv_transpose1d_k16s8p4e15_c6x10", "conv_transpose1d_k16s8psu_c6x10",
		}, runtime.NewShape(1, 3)},
		{"conv_transpose2d_k9s3p4o2", []string{
			"conv_transpose2d_k9s3p4_c6x1", "conv_transpose2d_k9s3p4o1x0_c6x1", "conv_transpose2d_k9s3p4e0x6_c6x1",
		}, runtime.NewShape(1, 4, 7)},
	} {
		for _, name := range c.layers {
			d := draw(t, parse(t, name), c.shape)
			each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
				if k.ISA != "generic" {
					require.Equal(t, parse(t, c.kernel).Canonical()+"_"+k.ISA, k.Name)
				}
				d.requireReference(t, k, d.run(t, d.build(t, r, k)))
				d.requireReference(t, k, d.run(t, d.build(t, r, k, runtime.WithThreads(3))))
			})
		}
	}
}

// TestOtherEndsOfWholeMaps: kernels that fix the input may count on all of the
// layer's outputs; a layer with others is computed right all the same.
func TestOtherEndsOfWholeMaps(t *testing.T) {
	for _, name := range []string{
		"conv_transpose2d_k4s2p1o1_c5x7_i4x4", "conv_transpose2d_k4s2p1o1x0_c5x7_i4x4", "conv_transpose2d_k4s2p1o0x1_c5x7_i4x4", "conv_transpose2d_k4s2p1e3x1_c5x7_i4x4",
		"conv_transpose2d_k4s2p1e1x3_c5x7_i4x4", "conv_transpose2d_k4s2p1e0_c5x7_i4x4", "conv_transpose2d_k4s2p1n9x8_c5x7_i4x4", "conv_transpose2d_k4s2psu_c5x7_i4x4",
		"conv_transpose2d_k4s2p1o1_c5x7_i8x6", "conv_transpose2d_k4s2p1e4x2_c5x7_i8x6",
	} {
		l := parse(t, name)
		d := draw(t, l, runtime.NewShape(2, l.Axes[0].Input, l.Axes[1].Input))
		each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			d.requireReference(t, k, d.run(t, d.build(t, r, k)))
			d.requireReference(t, k, d.run(t, d.build(t, r, k, runtime.WithThreads(3))))
		})
	}
}

// TestDeepPadding: taps that all read rows beyond the output's own, on maps of
// known size and on open ones.
func TestDeepPadding(t *testing.T) {
	for _, s := range []sample{
		{"conv_transpose2d_k2x3p3x1_c2x3_i12x5", runtime.NewShape(2, 12, 5)},
		{"conv_transpose2d_k2x3p3x1_c2x3", runtime.NewShape(1, 12, 5)},
		{"conv_transpose2d_k3x2s2p6x3_c3x2_i9x8", runtime.NewShape(1, 9, 8)},
		{"conv_transpose1d_k2p4_c2x5_i12", runtime.NewShape(1, 12)},
	} {
		l := parse(t, s.name)
		kernels := interpreted(l)
		require.NotEmpty(t, kernels)
		for _, k := range kernels {
			t.Run(k.Name, func(t *testing.T) {
				r, err := runtime.NewRegistry([]runtime.Kernel{k})
				require.NoError(t, err)
				d := draw(t, l, s.shape)
				d.requireReference(t, k, d.run(t, d.build(t, r, k)))
			})
		}
	}
}

// TestBatchIsConcatenation: an image's outputs do not depend on its neighbours.
func TestBatchIsConcatenation(t *testing.T) {
	for _, s := range samples {
		l := parse(t, s.name)
		s.shape.Batch = 3
		d := draw(t, l, s.shape)
		each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			want := d.run(t, d.build(t, r, k, runtime.WithThreads(2)))
			single := *d
			single.shape.Batch = 1
			var got []float32
			for n := range 3 {
				single.src = d.src[n*len(d.src)/3 : (n+1)*len(d.src)/3]
				got = append(got, single.run(t, single.build(t, r, k))...)
			}
			requireBits(t, want, got)
		})
	}
}

// TestGroupsAreIndependentLayers: one layer with groups has the bits of one layer
// for each group, on the same kernels: whether a block belongs to a group is the
// runtime's business.
func TestGroupsAreIndependentLayers(t *testing.T) {
	const groups, in, out = 3, 5, 7
	for _, name := range []string{"conv_transpose2d_k4s2p1", "conv_transpose2d_k2s2", "conv_transpose2d_k3s2p1o1", "conv_transpose2d_k3s2p2d2o1"} {
		part := parse(t, name)
		part.InChannels, part.OutChannels = in, out
		each(t, part, func(t *testing.T, _ *runtime.Registry, k runtime.Kernel) {
			whole := part
			whole.Groups, whole.InChannels, whole.OutChannels = groups, groups*in, groups*out
			d := draw(t, whole, runtime.NewShape(2, 6, 11))
			grouped, kernels := regroup(t, k, groups)
			got := d.run(t, d.build(t, kernels, grouped, runtime.WithThreads(2)))
			d.requireReference(t, k, got)
			for g := range groups {
				one := d.group(t, part, g)
				requireBits(t, one.run(t, one.build(t, registry(t), k)), ofGroup(got, 2, groups, g), "group", g)
			}
		})
	}
}

// regroup returns kernel k for layers with groups, alone in a registry.
func regroup(t *testing.T, k runtime.Kernel, groups int) (runtime.Kernel, *runtime.Registry) {
	t.Helper()
	if k.ISA == "generic" {
		k.Layer.Groups = groups
		k.Layer.InChannels, k.Layer.OutChannels = groups*k.Layer.InChannels, groups*k.Layer.OutChannels
		k.Name = k.Layer.Canonical() + "_generic"
		return k, registry(t)
	}
	k.Layer.Groups = groups
	k.Name = k.Layer.Canonical() + "_" + k.ISA
	r, err := runtime.NewRegistry([]runtime.Kernel{k})
	require.NoError(t, err)
	return k, r
}

// group is group g of d as data of the layer part.
func (d *data) group(t *testing.T, part specs.Layer, g int) *data {
	t.Helper()
	n := len(d.weights) / d.layer.GroupCount()
	return &data{
		layer: part, shape: d.shape,
		src:     ofGroup(d.src, d.shape.Batch, d.layer.GroupCount(), g),
		weights: d.weights[g*n : (g+1)*n], bias: d.bias[g*part.OutChannels : (g+1)*part.OutChannels],
	}
}

// ofGroup picks the channels of group g from [batch, groups*channels, ...].
func ofGroup(v []float32, batch, groups, g int) (part []float32) {
	n := len(v) / batch / groups
	for i := range batch {
		part = slices.Concat(part, v[(i*groups+g)*n:][:n])
	}
	return part
}

// TestDepthwiseIsOneLayerAChannel.
func TestDepthwiseIsOneLayerAChannel(t *testing.T) {
	const channels = 5
	l := parse(t, "conv_transpose2d_k4s2p1dw_c5x5")
	one := parse(t, "conv_transpose2d_k4s2p1dw_c1x1")
	d := draw(t, l, runtime.NewShape(2, 6, 21))
	each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
		got := d.run(t, d.build(t, r, k))
		for c := range channels {
			part := d.group(t, one, c)
			layer, err := r.New(one, part.weights, part.bias, runtime.WithISA(k.ISA))
			require.NoError(t, err)
			requireBits(t, part.run(t, layer), ofGroup(got, 2, channels, c), "channel", c)
		}
	})
}

// TestVectorSetsHaveTheSameBits: AVX2 and AVX-512 round alike.
func TestVectorSetsHaveTheSameBits(t *testing.T) {
	for _, s := range samples {
		d := draw(t, parse(t, s.name), s.shape)
		var fused, rounded []float32
		each(t, d.layer, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			same := &rounded
			if k.Tile.Fused {
				same = &fused
			}
			got := d.run(t, d.build(t, r, k))
			if *same == nil {
				*same = got
			}
			requireBits(t, *same, got)
		})
	}
}
