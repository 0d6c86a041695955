package picture

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResampleEnlargesByRepeating(t *testing.T) {
	p := ramp(3, 5)
	q := p.Resample(3*4, 5*7)
	for y := range q.Height {
		for x := range q.Width {
			require.Equal(t, p.At(x/4, y/7), q.At(x, y))
		}
	}
	require.Same(t, p, p.Resample(3, 5))
}

func TestResampleShrinksToMeans(t *testing.T) {
	p := New(4, 2)
	copy(p.Plane(0), []float32{0, 4, 8, 8, 2, 6, 0, 0})
	require.Equal(t, []float32{3, 4}, p.Resample(2, 1).Plane(0))
	// The columns' means are 1 5 4 4; each target covers four thirds of them.
	require.InDeltaSlice(t, []float32{2, 4.5, 4}, p.Resample(3, 1).Plane(0), 1e-6)
	require.InDelta(t, 28.0/8, p.Resample(1, 1).Plane(0)[0], 1e-6)
}

func TestAreasCoverTheAxisOnce(t *testing.T) {
	for in := 1; in < 24; in++ {
		for out := 1; out < 24; out++ {
			covered := make([]float64, in)
			for _, a := range areas(in, out) {
				sum := 0.0
				for i, w := range a.weight {
					sum += float64(w)
					covered[a.first+i] += float64(w)
				}
				require.InDelta(t, 1, sum, 1e-6)
			}
			for _, c := range covered {
				require.InDelta(t, float64(out)/float64(in), c, 1e-5, "%d to %d", in, out)
			}
		}
	}
}

func TestFitInside(t *testing.T) {
	for _, c := range [][4]int{
		{192, 128, 384, 256}, {1, 1, 256, 256}, {100, 100, 200, 200}, {384, 256, 384, 256}, {768, 512, 384, 256},
		{1000, 1000, 256, 256}, {4000, 1, 384, 1}, {1, 4000, 1, 256}, {200, 10, 200, 10}, {500, 100, 384, 76},
	} {
		w, h := New(c[0], c[1]).FitInside(384, 256)
		require.Equal(t, []int{c[2], c[3]}, []int{w, h}, "%d x %d", c[0], c[1])
	}
}

func TestSample(t *testing.T) {
	p, err := Sample()
	require.NoError(t, err)
	require.Equal(t, []int{SampleWidth, SampleHeight}, []int{p.Width, p.Height})
	again, err := Sample()
	require.NoError(t, err)
	require.Equal(t, p, again, "the same in every run")
	seen := map[[3]uint8]bool{}
	for y := range p.Height {
		for x := range p.Width {
			c := p.At(x, y)
			seen[[3]uint8{c.R, c.G, c.B}] = true
		}
	}
	require.Greater(t, len(seen), 5000)
}
