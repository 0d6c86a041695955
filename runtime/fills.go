package runtime

import (
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// fills reports whether a layer fills the vectors of the kernel, where those overlap at
// the end: along the pixels of a max_unpool, and along the rows of a block of a shuffle
// with dcr, whose channels lie together; and whether a call may be about a whole pixel.
// Other layers are as fast element by element, on the generic path. Of a layer that leaves
// its channels free the kernel may be filled.
func (k Kernel) fills(l *specs.Layer) bool {
	switch {
	case l.Layout == specs.NCHW || l.InChannels == 0:
		return true
	case l.Op == specs.MaxUnpool:
		b, err := polyphase.BlocksOf(l)
		return err == nil && l.InChannels >= k.Tile.Lanes && l.InChannels*b.Y*b.X <= moveWork // of a call
	case l.Order == specs.DCR && k.Move != nil:
		return l.Axes[l.Rank-1].Scale*min(l.InChannels, l.OutChannels) >= k.Tile.Lanes
	}
	return true
}
