package runtime

// load sets the part's inputs: the caller's rows as they are, or a copy with
// zero columns around and between them. Neighbouring rows share those columns.
func (t *tiled) load(c *call, w *worker, p *part) {
	s, y, x := &c.split, &c.ext[1], &c.ext[2]
	first := (p.image*t.groups + p.group) * t.in
	if !s.copied {
		p.plane = y.In * x.In
		p.inputs = c.src[first*p.plane+p.firstRow*x.In : (first+t.in)*p.plane]
		return
	}
	gap := s.pitch - x.In
	rows := p.endRow - p.firstRow
	p.plane = rows * s.pitch
	halo := scratch(&w.halo, gap+t.in*p.plane+t.slack())
	clear(halo[:gap])
	at := gap
	for ic := range t.in {
		src := c.src[((first+ic)*y.In+p.firstRow)*x.In:]
		for r := range rows {
			copy(halo[at:at+x.In], src[r*x.In:])
			clear(halo[at+x.In : at+s.pitch])
			at += s.pitch
		}
	}
	clear(halo[at:])
	p.inputs = halo
}

// slack is how far past the last row a whole tile may read.
func (t *tiled) slack() int {
	return t.kernel.Tile.Columns + t.kernel.Tile.Lanes + max(0, t.most-t.least)
}

// origin is the index in the part's inputs of what column 0 reads first in
// input row r of the first channel.
func (t *tiled) origin(c *call, p *part, r int) int {
	s := &c.split
	at := (r - p.firstRow) * s.pitch
	if s.copied {
		at += s.pitch - c.ext[2].In // the gap before the first row
	}
	return at + t.least
}
