package gen

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/specs"
)

// TestEveryMoveIsTried: kernels that move values pass their trial for every scale that
// a plan takes, and differing ones on the axes.
func TestEveryMoveIsTried(t *testing.T) {
	for op := range movers {
		for s := 1; s <= 8; s++ {
			for _, name := range []string{fmt.Sprintf("%s1d_s%d", op, s), fmt.Sprintf("%s2d_s%dx%d", op, s%8+1, s)} {
				l, err := specs.ParseName(name)
				require.NoError(t, err, name)
				for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
					d, err := DesignOf(l, target)
					require.NoError(t, err, name)
					require.Contains(t, d.Plan.String(), target.Name+": lanes")
					require.NotEmpty(t, d.Plan.Why())
					_, err = tried(d.Nest, target, d.Contract.Calls())
					require.NoError(t, err, d.Nest.Name)
				}
			}
		}
	}
}

// TestPixelsAreTried: so do those of shuffles whose channels lie together, as long as
// registers hold the parts of a pixel.
func TestPixelsAreTried(t *testing.T) {
	kernels := 0
	for _, op := range []specs.Op{specs.PixelShuffle, specs.PixelUnshuffle} {
		for y := 1; y <= 8; y++ {
			for x := 1; x <= 8; x++ {
				l, err := specs.ParseName(fmt.Sprintf("%s2d_s%dx%d_nhwc", op, y, x))
				if y == x {
					l, err = specs.ParseName(fmt.Sprintf("%s2d_s%d_nhwc", op, y))
				}
				require.NoError(t, err)
				for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
					d, err := DesignOf(l, target)
					if y*x > target.Registers/2+1 {
						require.EqualError(t, err, fmt.Sprintf("%d parts of a pixel are more than registers hold while they are permuted", y*x))
						continue
					}
					require.NoError(t, err, l.Canonical())
					_, err = tried(d.Nest, target, d.Contract.Calls())
					require.NoError(t, err, d.Nest.Name)
					kernels++
				}
			}
		}
	}
	require.Equal(t, 2*(21+34), kernels)
}

// TestNearestByTable: nearest resizes of any size pass their trial, and none of their
// kernels computes anything.
func TestNearestByTable(t *testing.T) {
	for _, name := range []string{
		"nearest2d_s9", "nearest2d_n12x12", "nearest2d_n12x12_i40x40", "nearest2d_s2ceil", "nearest2d_s2aligncorners",
		"nearest1d_n31halfpixel", "nearest1d_s16aligncorners",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		for _, target := range Targets {
			d, err := DesignOf(l, target)
			require.NoError(t, err, name)
			require.Contains(t, d.Plan.String(), "by a table, bits kept")
			require.NotContains(t, d.Nest.String(), " * ")
			if target.Lanes > 1 {
				_, err = tried(d.Nest, target, d.Contract.Calls())
				require.NoError(t, err, d.Nest.Name)
			}
		}
	}
}

// TestNoMove: the error says why a layer that moves values has no kernel.
func TestNoMove(t *testing.T) {
	for name, want := range map[string]string{
		"nearest3d_s2":           "3-D layers run on the generic path",
		"bed_of_nails3d_s2_nhwc": "3-D layers run on the generic path",
	} {
		l, err := specs.ParseName(name)
		require.NoError(t, err, name)
		for _, target := range Targets {
			_, err := DesignOf(l, target)
			require.EqualError(t, err, want, name)
		}
	}
}
