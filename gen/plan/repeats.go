package plan

import (
	"fmt"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// repeatsFor decides how target moves pixels whose channels lie together to where a
// table says: a vector runs along the channels of a pixel, or along the elements of a
// row where a pixel does not fill more than one.
func repeatsFor(l specs.Layer, t Target) (Linear, error) {
	if err := fitsRun(l, t); err != nil {
		return Linear{}, err
	}
	if t.Lanes == 1 && l.Op == specs.BedOfNails {
		return Linear{}, fmt.Errorf("without vectors blocks of more than %d pixels are cleared as fast by the generic path", maxBlock)
	}
	x, free := l.Axes[l.Rank-1], l.InChannels == 0
	p := Linear{
		Target: t, Vectors: linearVectors,
		Channels: free || l.InChannels > t.Lanes,
		Elements: t.Lanes > 1 && (free || l.InChannels <= t.Lanes),
		Repeats:  true,
		Zeros:    l.Op == specs.BedOfNails,
	}
	if b, err := polyphase.BlocksOf(&l); err == nil && b.Y <= maxInterleave {
		p.Copies = b.Y
		if p.Zeros {
			p.Copies, p.Blends = 1, b.Y-1
		}
	}
	if t.Lanes == 1 || p.Channels && l.InChannels <= maxPixel*t.Lanes {
		p.Pixel = l.InChannels
	}
	p.Wide = p.Elements && x.Scale == 0 && (x.Input == 0 || x.Input > x.OutputSize)
	p.Tail = t.Lanes > 1 && (p.Elements || l.InChannels%t.Lanes != 0)
	return p, nil
}

// maxPixel is the number of vectors of a pixel, of known size, that have instructions of
// their own.
const maxPixel = 8

// alongPixels says what vectors of pixels run along, where they are taken from and what
// a tile has of a row.
func (p Linear) alongPixels() (along, taken, unit string) {
	switch {
	case p.Target.Lanes == 1:
		return "nothing, " + runText(p.Pixel), "of their pixel", "channels"
	case !p.Elements:
		return "channels", "of their pixel", "channels"
	case !p.Channels:
		return "pixels", "permuted from a window", "elements"
	default:
		return "channels, or along pixels of fewer", "of their pixel, or permuted from a window", "elements"
	}
}

// whyPixels says what led to the plan of pixels that are moved.
func (p Linear) whyPixels() string {
	switch {
	case p.Target.Lanes == 1:
		return whyRuns
	case !p.Elements:
		return "nothing is computed: vectors of a pixel are read once for all rows"
	default:
		return "nothing is computed: of small pixels several fill a vector, which one permutation makes of those that lie in a window"
	}
}
