package trial

import (
	"math"
	"slices"
)

// weighed is what a call has to leave in dst: the comment of runtime.LinearFunc, output by
// output.
func (c LinearContract) weighed(call Call) []float32 {
	dst, a := slices.Clone(call.Args.Slices[0]), call.Args.Ints
	for g := range a[linearGroups] {
		windows := g * a[linearSrcRow]
		for col := range a[linearCols] {
			for channel := range max(1, a[linearChannels]) {
				above, below := c.alongX(call, windows, col, channel), float32(0)
				if a[linearBlends] > 0 && !c.plan.Zeros {
					below = c.alongX(call, windows+a[linearPair], col, channel)
				}
				at := g*a[linearDstGroup] + col*max(1, a[linearChannels]) + channel
				for range a[linearCopies] {
					dst[at] = above
					at += a[linearDstRow]
				}
				for blend := range a[linearBlends] {
					if c.plan.Zeros {
						dst[at] = 0
						at += a[linearDstRow]
						continue
					}
					w := call.Args.Slices[linearWeights][2*blend:]
					dst[at] = float32(above*w[0]) + float32(below*w[1])
					at += a[linearDstRow]
				}
			}
		}
	}
	return dst
}

// alongX is an output of the row whose first window is at windows.
func (c LinearContract) alongX(call Call, windows, col, channel int) float32 {
	table, next := call.Args.Slices[linearTable], 1
	entry, at := col/c.lanes, 3*c.lanes*(col/c.lanes)+col%c.lanes
	place, keep, add := 0, at+c.lanes, at+2*c.lanes
	switch {
	case c.pixels(call.Args.Ints):
		entry, place, next, keep, add = col, channel, call.Args.Ints[linearChannels], 2*col, 2*col+1
	case c.lanes > 1:
		place = bits(table[at])
	}
	for _, step := range call.Args.Slices[linearSteps][:entry] {
		windows += bits(step)
	}
	src := call.Args.Slices[1][windows+place:]
	if c.plan.Zeros && math.Float32bits(table[keep]) == 0 {
		return 0
	}
	if c.plan.Repeats || table[add] < 0 {
		return src[0]
	}
	return float32(src[0]*table[keep]) + float32(src[next]*table[add])
}
