package runtime

import "github.com/upconv/upconv/runtime/move"

// load sets the part's inputs: the caller's rows as they are, or a copy with
// zero columns around and between them. Neighbouring rows share those columns.
func (t *tiled) load(c *call, w *worker, p *part) {
	t.readRows(c, p)
	s, y, x := &c.split, &c.ext[1], &c.ext[2]
	switch {
	case t.seen != nil:
		t.loadSeen(c, w, p)
		return
	case t.strides():
		t.loadLines(c, w, p)
		return
	case s.src.col > 1:
		t.loadPixels(c, w, p)
		return
	case t.kernel.Tile.Shifted > 0:
		t.loadShifted(c, w, p)
		return
	case s.across > 1:
		t.loadColumns(c, w, p)
		return
	}
	first := (p.image*t.groups + p.group) * t.in
	p.lead = 0
	if !s.copied {
		p.plane = y.In * x.In
		p.inputs = c.src[first*p.plane+p.firstRow*x.In : (first+t.in)*p.plane]
		return
	}
	if s.inPlace() && s.inside <= p.row && p.rowEnd <= s.insideEnd {
		p.plane, p.lead = y.In*x.In, x.In // the row above
		p.inputs = c.src[first*p.plane+(p.firstRow-1)*x.In : (first+t.in)*p.plane]
		return
	}
	t.loadRows(c, w, p)
}

// loadRows copies the rows of the strip, with zeros for those outside the input and
// after each row.
func (t *tiled) loadRows(c *call, w *worker, p *part) {
	s, y, x := &c.split, &c.ext[1], &c.ext[2]
	gap := s.pitch - x.In
	p.lead = t.lead(s, x.In)
	rows := p.endRow - p.firstRow
	p.plane = planeOf(rows * s.pitch)
	halo := w.halo[:p.lead+t.in*p.plane+t.slack()]
	move.Clear(halo[:p.lead])
	at := p.lead
	from, to := p.inside(y.In)
	top, bottom := (from-p.firstRow)*s.pitch, (to-p.firstRow)*s.pitch
	for ic := range t.in {
		plane := halo[at:][:p.plane]
		at += p.plane
		in, ok := t.inputAt(c, p, ic)
		if !ok {
			move.Clear(plane)
			continue
		}
		src := c.src[in+from*x.In:][:(to-from)*x.In]
		move.Clear(plane[:top])
		if gap == 0 {
			move.Copy(plane[top:bottom], src)
		} else {
			t.move.Rows(plane[top:bottom], src, to-from, x.In, gap, s.pitch, x.In)
		}
		move.Clear(plane[bottom:])
	}
	move.Clear(halo[at:])
	p.inputs = halo
}

// inside are the rows [from, to) of the part's inputs that the input of in rows
// has.
func (p *part) inside(in int) (from, to int) {
	from = min(max(p.firstRow, 0), in)
	return from, max(from, min(p.endRow, in))
}

// slack is how far past the last row a whole tile may read.
func (t *tiled) slack() int {
	return t.kernel.Tile.Columns + t.kernel.Tile.Lanes + max(0, t.most-t.least)
}

// origin is the index in the part's inputs of what column 0 reads first in
// input row r of the first channel.
func (t *tiled) origin(c *call, p *part, r int) int {
	s := &c.split
	at := (r - p.firstRow) * s.pitch * t.lines()
	if t.kernel.Tile.Shifted > 0 || s.across > 1 && !s.trimmed || t.strides() {
		return at
	}
	return at + p.lead + t.least
}

// loadColumns copies the inputs that the part's columns read, with zeros for those
// outside the row. Rows lie one after the other.
func (t *tiled) loadColumns(c *call, w *worker, p *part) {
	s, y, x := &c.split, &c.ext[1], &c.ext[2]
	rows := p.endRow - p.firstRow
	p.plane, p.lead = rows*s.pitch, 0
	from := p.col + t.least
	if s.trimmed {
		p.lead, from = s.left, p.col-s.left
	}
	all := w.halo[:p.lead+t.in*p.plane+t.slack()]
	move.Clear(all[:p.lead])
	halo := all[p.lead:]
	top, bottom := p.inside(y.In)
	left := min(max(0, -from), s.pitch)
	n := max(0, min(x.In, from+s.pitch)-(from+left))
	for i := range t.in * rows {
		dst := halo[i*s.pitch:][:s.pitch]
		move.Clear(dst[:left])
		r := p.firstRow + i%rows
		in, ok := t.inputAt(c, p, i/rows)
		if n <= 0 || r < top || r >= bottom || !ok {
			move.Clear(dst[left:])
			continue
		}
		move.Copy(dst[left:left+n], c.src[in+r*x.In+from+left:])
		move.Clear(dst[left+n:])
	}
	move.Clear(halo[t.in*p.plane:])
	p.inputs = all
}

// loadShifted copies the map once for each x displacement, moved by it, with rows
// of zeros above and below: every tap of every row then reads a position that is
// as far from the map's start as the output is.
func (t *tiled) loadShifted(c *call, w *worker, p *part) {
	y, x := &c.ext[1], &c.ext[2]
	n := t.kernel.Tile.Shifted
	copies := t.most - t.least + 1
	p.plane = copies * n
	halo := w.halo[:t.in*p.plane+t.slack()]
	from, to := max(0, p.firstRow), min(y.In, p.endRow)
	top := (from - p.firstRow) * x.In
	for ic := range t.in {
		in, _ := t.inputAt(c, p, ic)
		src := c.src[in:][from*x.In : max(from, to)*x.In]
		for i := range copies {
			t.shift(halo[ic*p.plane+i*n:][:n], src, top, t.least+i, x.In)
		}
	}
	move.Clear(halo[t.in*p.plane:])
	p.inputs = halo
}

// shift copies the rows of src, width wide, to dst from element top on, so that
// dst holds at each place what src has by columns further on, and 0 where that is
// outside the row.
func (t *tiled) shift(dst, src []float32, top, by, width int) {
	move.Clear(dst[:top])
	rows, gap := len(src)/width, min(max(by, -by), width)
	move.Clear(dst[top+len(src):])
	body := dst[top : top+len(src)]
	switch {
	case rows == 0:
	case by == 0:
		move.Copy(body, src)
	case by > 0:
		t.move.Rows(body, src[gap:], rows, width-gap, gap, width, width)
	default: // the gap before a row is the one after the row above
		move.Clear(body[:gap])
		if rows > 1 {
			t.move.Rows(body[gap:], src, rows-1, width-gap, gap, width, width)
		}
		move.Copy(body[len(body)-width+gap:], src[len(src)-width:])
	}
}

// loadPixels copies inputs whose channels lie together into planes like those of
// load and loadColumns: of a whole row, or of what the part's columns read.
func (t *tiled) loadPixels(c *call, w *worker, p *part) {
	s, x := &c.split, &c.ext[2]
	left, from, n := 0, 0, x.In
	p.lead = t.lead(s, x.In)
	if s.across > 1 {
		from = p.col + t.least
		p.lead, left = 0, min(max(0, -from), s.pitch)
		from += left
		n = max(0, min(x.In, from-left+s.pitch)-from)
	}
	p.plane = planeOf((p.endRow - p.firstRow) * s.pitch)
	halo := w.halo[:p.lead+t.in*p.plane+t.slack()]
	move.Clear(halo[:p.lead])
	top, bottom := p.inside(c.ext[1].In)
	taps := len(t.depth.Taps)
	for tap := range taps {
		in, ok := t.inputAt(c, p, tap)
		for r := top; ok && r < bottom && n > 0; r++ {
			at := p.lead + tap*p.plane + (r-p.firstRow)*s.pitch + left
			t.move.Transpose(halo[at:], c.src[in+r*s.src.row+from*s.src.col:], n, t.in/taps, taps*p.plane, s.src.col)
		}
	}
	for ic := range t.in {
		plane := halo[p.lead+ic*p.plane:][:p.plane]
		if _, ok := t.inputAt(c, p, ic); !ok {
			move.Clear(plane)
			continue
		}
		move.Clear(plane[:(top-p.firstRow)*s.pitch])
		for r := top; r < bottom; r++ {
			row := plane[(r-p.firstRow)*s.pitch:][:s.pitch]
			move.Clear(row[:left])
			move.Clear(row[left+n:])
		}
		move.Clear(plane[(bottom-p.firstRow)*s.pitch:])
	}
	move.Clear(halo[p.lead+t.in*p.plane:])
	p.inputs = halo
}
