package runtime

import "github.com/upconv/upconv/runtime/move"

// maker makes rows of what a kernel sees, of one channel after the other. Rows come by
// ascending place mostly, so that the two rows of inputs between which one lies are
// those of the row before it: each is done along x once.
type maker struct {
	from   coarse
	plane  int // of the channel
	y, x   []lerp
	rows   [2][]float32 // rows of inputs, done along x
	holds  [2]int       // which ones; negative: none
	copied span         // places of x that neighbours are copied to
	halved span         // places of x of which two and two lie between neighbours, all alike
}

// span are places [from, to).
type span struct{ from, to int }

// newMaker returns a maker with room for two rows in memory.
func newMaker(y, x []lerp, memory []float32) maker {
	n := len(x)
	m := maker{y: y, x: x, rows: [2][]float32{memory[:n], memory[n:][:n]}}
	m.copied = longest(x, 1, func(a, b lerp) bool { return a.add == 0 && b.add == 0 && b.first == a.first+1 })
	m.halved = longest(x, 2, func(a, b lerp) bool {
		return a.add != 0 && a.add == b.add && a.keep == b.keep && a.second == a.first+1 && b.first == a.first+1 && b.second == b.first+1
	})
	m.copied, m.halved = m.copied.orNone(2), m.halved.whole(x).orNone(4)
	return m
}

// orNone is s if it has least places: of fewer it is not said that they are alike.
func (s span) orNone(least int) span {
	if s.to-s.from < least {
		return span{}
	}
	return s
}

// whole cuts a span to pairs that lie between the same neighbours.
func (s span) whole(x []lerp) span {
	if s.to-s.from >= 2 && x[s.from].first != x[s.from+1].first {
		s.from++
	}
	s.to -= (s.to - s.from) % 2
	return s
}

// longest is the longest span of x in which each element is followed, step places
// further on, by one that continues it.
func longest(x []lerp, step int, continues func(a, b lerp) bool) (best span) {
	for from := 0; from < len(x); {
		to := from + step
		for to < len(x) && continues(x[to-step], x[to]) {
			to++
		}
		if to = min(to, len(x)); to-from > best.to-best.from {
			best = span{from, to}
		}
		from = max(from+1, to-step+1)
	}
	return best
}

// begin turns to a channel.
func (m *maker) begin(channel int) {
	m.plane = m.from.at + channel*m.from.plane
	m.holds = [2]int{-1, -1}
}

// row makes row r.
func (m *maker) row(dst []float32, r int) {
	y := m.y[r]
	if y.add == 0 {
		m.alongX(dst, y.first)
		return
	}
	a, b := m.held(y.first, y.second), m.held(y.second, y.first)
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = float32(a[i]*y.keep) + float32(b[i]*y.add)
	}
}

// held is a row of inputs done along x; it takes the place of another one than other.
func (m *maker) held(row, other int) []float32 {
	for i, h := range m.holds {
		if h == row {
			return m.rows[i]
		}
	}
	i := 0
	if m.holds[0] == other {
		i = 1
	}
	m.holds[i] = row
	m.alongX(m.rows[i], row)
	return m.rows[i]
}

// alongX makes a row from one row of inputs, the longest span of each sort at once.
func (m *maker) alongX(dst []float32, row int) {
	src := m.from.data[m.plane+row*m.from.row:]
	done := m.copied
	if n := m.copied.to - m.copied.from; n > m.halved.to-m.halved.from {
		move.Copy(dst[done.from:done.to], src[m.x[done.from].first:][:n])
	} else {
		done = m.halved
		halve(dst[done.from:done.to], src, m.x[done.from:done.to])
	}
	alongLine(dst[:done.from], src, m.x[:done.from])
	alongLine(dst[done.to:], src, m.x[done.to:])
}

// halve computes two and two outputs between neighbours, all with the weights of the
// first two.
func halve(dst, src []float32, x []lerp) {
	if len(x) == 0 {
		return
	}
	p, q := x[0], x[1]
	src = src[p.first:][:len(dst)/2+1]
	a := src[0]
	for i, b := range src[1:] {
		to := dst[2*i:][:2:2]
		to[0] = float32(a*p.keep) + float32(b*p.add)
		to[1] = float32(a*q.keep) + float32(b*q.add)
		a = b
	}
}
