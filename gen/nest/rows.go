package nest

import (
	"fmt"

	"github.com/upconv/upconv/runtime/pack"
)

// rows spells planar tiles with all y phases: a vector of inputs, from any of the
// rows that they reach, is loaded once and multiplied with every weight that it
// meets. The phases of a tile are numbered y by y.
type rows struct {
	planar
	all []pack.RowTerm
}

// rowCursor is the row of inputs that the terms read, at the tile's first column.
const rowCursor = "sTap"

// init starts the sums of all y phases.
func (b rows) init(t tile) []Node { return b.planar.init(b.whole(t)) }

// whole is t with the phases of all rows.
func (b rows) whole(t tile) tile {
	t.phases *= b.plan.Rows
	return t
}

// terms walks the rows of inputs downwards.
func (b rows) terms(t tile) []Node {
	nodes := []Node{Point{rowCursor, "sChannel"}}
	for from := 0; from < len(b.all); {
		to := from
		for to < len(b.all) && b.all[to].Down == b.all[from].Down && b.all[to].Delta == b.all[from].Delta {
			to++
		}
		if from > 0 && b.all[from].Down > b.all[from-1].Down {
			nodes = append(nodes, Advance{rowCursor, "srcRow", b.all[from].Down - b.all[from-1].Down})
		}
		nodes = append(nodes, b.at(t, from, to)...)
		from = to
	}
	return nodes
}

// at adds the terms [from, to), which read the same inputs.
func (b rows) at(t tile, from, to int) (nodes []Node) {
	inputs := make([]string, b.vectors(t))
	for v := range inputs {
		n := b.input(t, b.all[from].Delta, v)
		inputs[v] = n.Dst
		nodes = append(nodes, n)
	}
	nodes = append(nodes, Note{rowText(b.all[from:to])})
	for i := from; i < to; i++ {
		term := b.all[i]
		for m := range b.plan.Channels {
			w := fmt.Sprintf("w%d", m)
			nodes = append(nodes, Splat{w, b.weight(i, m)})
			for v, x := range inputs {
				nodes = append(nodes, FMA{planarAcc(m, term.Row*t.phases+term.Phase, v), x, w})
			}
		}
	}
	return nodes
}

// rowText prints terms that read the same inputs: the displacements down and
// across, then the kernel element of each y and x phase.
func rowText(ts []pack.RowTerm) string {
	text := fmt.Sprintf("in[%+d][%+d]:", ts[0].Down, ts[0].Delta)
	for i, t := range ts {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(" phase %d,%d w%d,%d", t.Row, t.Phase, t.KernelY, t.Kernel)
	}
	return text
}

// store writes the rows of each channel, dstRow apart.
func (b rows) store(t tile) (nodes []Node) {
	nodes = append(nodes, Point{"out", "d"})
	for m := range b.plan.Channels {
		nodes = append(nodes, Point{"outRow", "out"})
		for row := range b.plan.Rows {
			for v := range b.vectors(t) {
				nodes = append(nodes, b.storeVector("outRow", t, m, row*t.phases, v)...)
			}
			if row+1 < b.plan.Rows {
				nodes = append(nodes, Advance{"outRow", "dstRow", 1})
			}
		}
		if m+1 < b.plan.Channels {
			nodes = append(nodes, Advance{"out", "dstPlane", 1})
		}
	}
	return nodes
}
