package runtime

// loadLines copies the inputs that the part's columns read, for a layer whose
// neighbouring outputs read inputs further apart: the columns of a row with each
// remainder modulo the stride are a row of their own, so that what neighbouring
// outputs read through one kernel element are neighbours. Places outside the input
// are zeros.
func (t *tiled) loadLines(c *call, w *worker, p *part) {
	s, y, x := &c.split, &c.ext[1], &c.ext[2]
	rows, lines := p.endRow-p.firstRow, t.lines()
	p.plane = planeOf(rows * lines * s.pitch)
	halo := w.halo[:t.in*p.plane+t.slack()]
	first := (p.image*t.groups + p.group) * t.in
	for ic := range t.in {
		plane := halo[ic*p.plane:][:p.plane]
		src := c.src[((first+ic)*y.In+p.firstRow)*x.In:][:rows*x.In]
		for r := range rows {
			for line := range lines {
				t.line(plane[(r*lines+line)*s.pitch:][:s.pitch], src[r*x.In:][:x.In], line+lines*(p.col+t.least))
			}
		}
		clear(plane[rows*lines*s.pitch:])
	}
	clear(halo[t.in*p.plane:])
	p.inputs = halo
}

// line takes every element of src that is a multiple of the stride from at on; at may
// lie before its first.
func (t *tiled) line(dst, src []float32, at int) {
	step := t.lines()
	before := 0
	for ; at < 0 && before < len(dst); at += step {
		before++
	}
	clear(dst[:before])
	dst = dst[before:]
	n := 0
	if at >= 0 && at < len(src) {
		n = min(len(dst), (len(src)-at+step-1)/step)
		take(dst[:n], src[at:], step)
	}
	clear(dst[n:])
}

// take sets dst[i] = src[i*step].
func take(dst, src []float32, step int) {
	if step == 1 {
		copy(dst, src)
		return
	}
	if step != 2 {
		for i := range dst {
			dst[i] = src[i*step]
		}
		return
	}
	for len(dst) >= 4 && len(src) >= 8 { // without a check for each
		d, s := (*[4]float32)(dst), (*[8]float32)(src)
		d[0], d[1], d[2], d[3] = s[0], s[2], s[4], s[6]
		dst, src = dst[4:], src[8:]
	}
	for i := range dst {
		dst[i] = src[2*i]
	}
}
