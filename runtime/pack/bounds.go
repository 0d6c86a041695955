package pack

// Assembly cannot be interrupted, so a collection of garbage waits for the longest call:
// of a kernel with weights it is bounded in these two ways.

// CallWork is the number of multiply-adds of one call of a kernel with so many lanes:
// under 100 microseconds at 4 a lane and nanosecond, less than half of the peak of a
// processor at 4 GHz.
func CallWork(lanes int) int {
	const perLane, leastLanes = 3 << 17, 8
	return perLane * max(leastLanes, lanes)
}

// CallElements is the number of elements that one call brings to the processor and back,
// those of dst counted twice: some 100 microseconds at 13 bytes a nanosecond, as from the
// third level cache or from memory in order.
const CallElements = 5 << 16
