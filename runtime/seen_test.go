package runtime_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/runtime"
)

// TestEnlargingKernelsHaveTheBitsOfTwoSteps: a kernel that enlarges rows on their way
// to the cache returns the bits of the layer bilinear and the convolution of its
// result on the same instruction set.
func TestEnlargingKernelsHaveTheBitsOfTwoSteps(t *testing.T) {
	for _, s := range []runtime.Shape{runtime.NewShape(2, 9, 21), runtime.NewShape(1, 1, 1), runtime.NewShape(1, 2, 700)} {
		l := parse(t, "resize_conv2d_k3s2p1bilinear_c5x7")
		resize := parse(t, "bilinear2d_s2_c5x5")
		conv := parse(t, "conv2d_k3p1_c5x7")
		each(t, l, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
			d := draw(t, l, s)
			got := d.run(t, d.build(t, r, k))
			wide := runtime.NewShape(s.Batch, 2*s.Input[0], 2*s.Input[1])
			enlarge, err := r.New(resize, nil, nil)
			require.NoError(t, err)
			u := make([]float32, 4*len(d.src))
			require.NoError(t, enlarge.Forward(u, d.src, s))
			two := data{layer: conv, shape: wide, src: u, weights: d.weights, bias: d.bias}
			second, err := r.New(conv, d.weights, d.bias, runtime.WithISA(k.ISA))
			require.NoError(t, err)
			requireBits(t, two.run(t, second), got, k.Name)
		})
	}
}

// TestReflectedKernelServesReplicated: where a border reflects less than the copies of
// the outermost input, it repeats that input, so both layers are the same.
func TestReflectedKernelServesReplicated(t *testing.T) {
	s := runtime.NewShape(2, 5, 18)
	reflect, replicate := parse(t, "resize_conv2d_k3s2p1reflect_c6x4"), parse(t, "resize_conv2d_k3s2p1replicate_c6x4")
	each(t, reflect, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
		d := draw(t, reflect, s)
		want := d.run(t, d.build(t, r, k))
		d.layer = replicate
		l, err := r.New(replicate, d.weights, d.bias, runtime.WithISA(k.ISA))
		require.NoError(t, err)
		require.Equal(t, k.ISA, l.ISA())
		got := d.run(t, l)
		if k.ISA != "generic" {
			require.Equal(t, k.Name, l.Kernel())
		}
		requireBits(t, want, got, k.Name)
	})
}

// TestVolumesAreTheirPlanes: with a z kernel as long as the z stride, plane 2*q+r of the
// outputs is plane q of the inputs on plane r of the kernel.
func TestVolumesAreTheirPlanes(t *testing.T) {
	const depth, in, out, src, dst = 3, 3, 5, 6 * 9, 4 * 6 * 9
	v, flat := parse(t, "conv_transpose3d_k2s2_c3x5"), parse(t, "conv_transpose2d_k2s2_c3x5")
	each(t, v, func(t *testing.T, r *runtime.Registry, k runtime.Kernel) {
		d := draw(t, v, runtime.NewShape(2, depth, 6, 9))
		volume := d.run(t, d.build(t, r, k))
		for n := range d.shape.Batch * 2 * depth {
			n, z := n/(2*depth), n%(2*depth)
			plane := data{layer: flat, shape: runtime.NewShape(1, 6, 9), bias: d.bias}
			for c := range in {
				plane.src = append(plane.src, d.src[((n*in+c)*depth+z/2)*src:][:src]...)
			}
			for pair := range in * out {
				plane.weights = append(plane.weights, d.weights[(2*pair+z%2)*4:][:4]...)
			}
			layer, err := r.New(flat, plane.weights, plane.bias, runtime.WithISA(k.ISA))
			require.NoError(t, err)
			got := plane.run(t, layer)
			for c := range out {
				requireBits(t, volume[((n*out+c)*2*depth+z)*dst:][:dst], got[c*dst:][:dst], k.Name)
			}
		}
	})
}
