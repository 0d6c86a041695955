package runtime

import (
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// Assembly cannot be interrupted, so a collection of garbage waits for the longest call.
// What a call may do is bounded here, for every kind of kernel; engines divide their work
// accordingly, and the generic path takes layers that cannot be divided.

// callColumns is the number of columns of all rows that one call may compute.
func (t *tiled) callColumns() int {
	pass := t.passChannels()
	work := pass * t.packed.Panel * t.walk.MaxTaps()
	elements := pass*t.lines() + 2*t.kernel.Pack.Channels*t.rowPhases()*t.x.OutStride
	return max(1, min(pack.CallWork(t.kernel.Tile.Lanes)/max(1, work), pack.CallElements/elements))
}

const (
	// moveWork is the number of values of a task in the array of blocks, and of a call:
	// enough to be worth one, which takes far less than 100 microseconds.
	moveWork = 32 << 10
	// linearWork is the same of outputs of a linear resize.
	linearWork = 32 << 10
	// poolWork is the number of elements that a call of a kernel compares: a tenth of a
	// millisecond at most, and its rows are still in the first cache when their maxima
	// are looked for. One vector of windows of poolRows may be more.
	poolWork = 8 << 10
	poolRows = 256
	// pixelWork is the number of values of a pixel where a call moves whole ones.
	pixelWork = 32 << 10
)

// divides reports whether the least call of the kernel on l is short.
func (k Kernel) divides(l *specs.Layer) bool {
	switch {
	case l.Op.Weighted():
		return !k.Tile.Once || k.Tile.Pass == 0 || channelsSeen(l) <= k.Tile.Pass
	case l.Op == specs.MaxPool:
		return l.Rank < 2 || l.Axes[0].Kernel <= poolRows
	}
	return l.Layout == specs.NCHW || max(l.InChannels, l.OutChannels) <= pixelWork
}

// channelsSeen is the most input channels of a group that a kernel sees: of three axes
// they are planes.
func channelsSeen(l *specs.Layer) int {
	n := l.InChannels / l.GroupCount()
	if l.Rank == specs.MaxRank {
		n *= l.Axes[0].Kernel
	}
	return n
}
