package move

// Copy is copy for slices of any length.
func Copy(dst, src []float32) {
	if len(dst) > Most {
		copyParts(dst, src)
		return
	}
	copy(dst, src)
}

// Clear is clear for slices of any length.
func Clear(s []float32) {
	if len(s) > Most {
		clearParts(s)
		return
	}
	clear(s)
}

// copyParts and clearParts call a function for each part, because it is on entry to one
// that a goroutine stops where it is asked to.
func copyParts(dst, src []float32) {
	for ; len(dst) > Most && len(src) > Most; dst, src = dst[Most:], src[Most:] {
		copyPart(dst[:Most], src)
	}
	copyPart(dst[:min(len(dst), Most)], src)
}

func clearParts(s []float32) {
	for ; len(s) > Most; s = s[Most:] {
		clearPart(s[:Most])
	}
	clearPart(s)
}

//go:noinline
func copyPart(dst, src []float32) { copy(dst, src) }

//go:noinline
func clearPart(s []float32) { clear(s) }

// short is m in calls of at most Most elements.
func (m Mover) short() Mover {
	return Mover{Rows: m.shortRows, Transpose: m.shortTranspose, Stream: m.Stream}
}

// shortRows takes as many rows at a time as a call may have, or parts of one.
func (m Mover) shortRows(dst, src []float32, rows, width, pad, dstRow, srcRow int) {
	if width > Most {
		for r := range rows {
			m.longRow(dst[r*dstRow:], src[r*srcRow:], width, pad)
		}
		return
	}
	n := max(1, Most/max(1, width+pad))
	for ; rows > n; rows -= n {
		m.Rows(dst, src, n, width, pad, dstRow, srcRow)
		dst, src = dst[n*dstRow:], src[n*srcRow:]
	}
	m.Rows(dst, src, rows, width, pad, dstRow, srcRow)
}

// longRow moves one row, and writes the zeros after its last part.
func (m Mover) longRow(dst, src []float32, width, pad int) {
	for ; width > Most; width -= Most {
		m.Rows(dst, src, 1, Most, 0, 0, 0)
		dst, src = dst[Most:], src[Most:]
	}
	m.Rows(dst, src, 1, width, pad, 0, 0)
}

// shortTranspose halves what a call may not have as a whole, so that no part is narrower
// than a vector.
func (m Mover) shortTranspose(dst, src []float32, rows, cols, dstRow, srcRow int) {
	switch {
	case rows*cols <= Most:
		m.Transpose(dst, src, rows, cols, dstRow, srcRow)
	case rows >= cols:
		half := halfOf(rows)
		m.shortTranspose(dst, src, half, cols, dstRow, srcRow)
		m.shortTranspose(dst[half:], src[half*srcRow:], rows-half, cols, dstRow, srcRow)
	default:
		half := halfOf(cols)
		m.shortTranspose(dst, src, rows, half, dstRow, srcRow)
		m.shortTranspose(dst[half*dstRow:], src[half:], rows, cols-half, dstRow, srcRow)
	}
}

// halfOf is about half of n, in whole cache lines.
func halfOf(n int) int {
	const line = 16
	return (n/2 + line - 1) / line * line
}
