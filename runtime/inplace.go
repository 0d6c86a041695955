package runtime

// A masked kernel needs no zeros at the ends of rows, so it reads them where they
// are. Rows q whose taps reach beyond the first or last row of inputs, or so close
// to it that a vector might end outside src, are computed from a copy with rows of
// zeros, and so are all when channels lie where they displace each other in a cache.

const (
	// setSpan is the distance in bytes of addresses that share a set of a second
	// level cache: 2,048 sets of 64 bytes, on Intel since Skylake-SP and AMD since Zen.
	setSpan = 128 << 10
	// setWays is the number of channels that may begin in the same set.
	setWays = 4
)

// readInPlace sets the distance between rows and the rows q that are read in place,
// if there are any. Rows with more columns q than inputs are copied, with zeros for
// the others.
func (t *tiled) readInPlace(c *call, s *split) {
	if s.cols > s.perCall {
		t.trim(s)
		return
	}
	y, x := &c.ext[1], &c.ext[2]
	s.pitch = max(x.In, s.cols)
	from, to := max(0, 1-t.leastY), min(s.rows, y.In-1-t.mostY)
	if from < to && s.pitch == x.In && x.In >= t.kernel.Tile.Lanes && t.spread(y.In*x.In) {
		s.inside, s.insideEnd = from, to
	}
}

// trim cuts rows that are too long for a call into parts. The masks are those of the
// ends of a row, which a part does not have: it is copied with the inputs that its taps
// read beyond it, as a row of its own, and what the masks spoil there is thrown away.
func (t *tiled) trim(s *split) {
	around := max(0, -t.least) + max(0, t.most)
	s.width = max(s.perCall-around, t.kernel.Tile.Columns)
	s.across = (s.cols + s.width - 1) / s.width
	s.pitch, s.trimmed = s.width+around, true
	s.perCall = s.pitch
}

// inPlace reports whether some rows q are read in place.
func (s *split) inPlace() bool { return s.inside < s.insideEnd }

// spread reports whether channels that lie plane elements apart spread over the sets
// of a cache.
func (t *tiled) spread(plane int) bool {
	const bytes = 4
	apart := setSpan // greatest common divisor
	for rest := plane * bytes % setSpan; rest > 0; {
		apart, rest = rest, apart%rest
	}
	return t.in*apart <= setWays*setSpan
}

// until is the end of the rows q from row on that are read from the same place.
func (s *split) until(row, end int) int {
	for _, edge := range []int{s.inside, s.insideEnd} {
		if s.inPlace() && row < edge {
			return min(edge, end)
		}
	}
	return end
}

// lead is the number of elements before the first row of a copy of rows of width
// inputs: what the taps of its first column read.
func (t *tiled) lead(s *split, width int) int {
	if t.kernel.Tile.Masked {
		return s.left
	}
	return max(0, s.pitch-width) // parts of rows have their own columns in front
}
