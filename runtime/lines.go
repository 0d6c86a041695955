package runtime

import "github.com/upconv/upconv/runtime/move"

// loadLines copies the inputs that the part's columns read, for a layer whose
// neighbouring outputs read inputs further apart: the columns of a row with each
// remainder modulo the stride are a row of their own, so that what neighbouring
// outputs read through one kernel element are neighbours. Places outside the input
// are zeros.
func (t *tiled) loadLines(c *call, w *worker, p *part) {
	s := &c.split
	end := (p.endRow - p.firstRow) * t.lines() * s.pitch
	p.plane = planeOf(end)
	p.inputs = w.halo[:t.in*p.plane+t.slack()]
	if s.src.col > 1 {
		t.pixelLines(c, p)
	} else {
		t.planeLines(c, p)
	}
	for ic := range t.in {
		move.Clear(p.inputs[ic*p.plane+end : (ic+1)*p.plane])
	}
	move.Clear(p.inputs[t.in*p.plane:])
}

// planeLines parts the rows of inputs whose columns are neighbours.
func (t *tiled) planeLines(c *call, p *part) {
	s, width, lines := &c.split, c.ext[2].In, t.lines()
	for ic := range t.in {
		in, _ := t.inputAt(c, p, ic)
		for r := range p.endRow - p.firstRow {
			src := c.src[in+(p.firstRow+r)*s.src.row:][:width]
			for line := range lines {
				t.line(p.inputs[ic*p.plane+(r*lines+line)*s.pitch:][:s.pitch], src, line+lines*(p.col+t.least))
			}
		}
	}
}

// pixelLines parts the rows of inputs whose channels are neighbours.
func (t *tiled) pixelLines(c *call, p *part) {
	s, lines := &c.split, t.lines()
	in, _ := t.inputAt(c, p, 0)
	for r := range p.endRow - p.firstRow {
		for line := range lines {
			l := lineAt(line+lines*(p.col+t.least), lines, c.ext[2].In, s.pitch)
			dst := p.inputs[(r*lines+line)*s.pitch:]
			if l.n > 0 {
				src := c.src[in+(p.firstRow+r)*s.src.row+l.from*s.src.col:]
				t.move.Transpose(dst[l.before:], src, l.n, t.in, p.plane, lines*s.src.col)
			}
			for ic := range t.in {
				l.clearAround(dst[ic*p.plane:][:s.pitch])
			}
		}
	}
}

// line takes every element of src that is a multiple of the stride from at on; at may
// lie before its first.
func (t *tiled) line(dst, src []float32, at int) {
	l := lineAt(at, t.lines(), len(src), len(dst))
	l.clearAround(dst)
	take(dst[l.before:][:l.n], src[l.from:], t.lines())
}

// lineRun are the places [before, before+n) of a row of one remainder, which are inputs
// from column from on; the places around them are zeros.
type lineRun struct{ before, n, from int }

// lineAt is the run of a row of so many places that stand for every step-th column of
// width from column at on; at may lie before the first.
func lineAt(at, step, width, places int) lineRun {
	before := min(places, (max(0, -at)+step-1)/step)
	from := at + before*step
	if from < 0 || from >= width {
		return lineRun{before: before}
	}
	return lineRun{before: before, n: min(places-before, (width-from+step-1)/step), from: from}
}

func (l lineRun) clearAround(row []float32) {
	move.Clear(row[:l.before])
	move.Clear(row[l.before+l.n:])
}

// take sets dst[i] = src[i*step].
func take(dst, src []float32, step int) {
	if step == 1 {
		move.Copy(dst, src)
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
