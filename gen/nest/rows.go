package nest

import (
	"fmt"
	"strings"

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

// init starts the sums of all y phases and, for rows that follow each other without
// a gap, defines the masks of their ends.
func (b rows) init(t tile) []Node {
	nodes := b.planar.init(b.whole(t))
	if !b.plan.Masked {
		return nodes
	}
	lanes, last := b.plan.Target.Lanes, b.vectors(t)-1
	least, most := b.x.Reach()
	for delta := least; delta < 0; delta++ {
		nodes = append(nodes, Mask{Dst: b.edge(t, delta, 0), Var: "col", Scale: 1, Skip: delta})
	}
	for delta := 1; delta <= most; delta++ {
		nodes = append(nodes, Mask{Dst: b.edge(t, delta, last), Var: "col", Scale: 1, Skip: last*lanes + delta, Limit: "srcRow"})
	}
	return nodes
}

// edge names the mask of vector v of the inputs at delta: the first vector of a tile
// may begin before its row and the last may end after it, which matters to outputs
// that exist only in the direction of the displacement.
func (b planar) edge(t tile, delta, v int) string {
	switch {
	case delta < 0 && v == 0:
		return fmt.Sprintf("left%d", -delta)
	case delta > 0 && v == b.vectors(t)-1:
		return fmt.Sprintf("right%d", delta)
	default:
		return ""
	}
}

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
	if b.plan.Masked {
		nodes = append(nodes, b.ahead(t)...)
	}
	return nodes
}

// ahead asks for the row below those that the terms read: nobody copied it, so it
// may come from memory, and the next row of tiles reads it first.
func (b rows) ahead(t tile) []Node {
	nodes := []Node{Advance{rowCursor, "srcRow", 1}}
	for at := 0; at < t.columns; at += lineElements {
		nodes = append(nodes, Prefetch{From: b.src(0, at)})
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
			nodes = append(nodes, b.weigh(m, term.Row*t.phases+term.Phase, inputs, b.weight(i, m))...)
		}
	}
	return nodes
}

// elements prints kernel elements whose weights are summed.
func elements(ks []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ks), " ", "+"), "[]")
}

// rowText prints terms that read the same inputs: the displacements down and
// across, then the kernel element of each y and x phase.
func rowText(ts []pack.RowTerm) string {
	text := fmt.Sprintf("in[%+d][%+d]:", ts[0].Down, ts[0].Delta)
	for i, t := range ts {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(" phase %d,%d w%s,%s", t.Row, t.Phase, elements(t.KernelY), elements(t.Kernel))
	}
	return text
}

func (b rows) store(t tile) []Node { return b.outputs(t, b.storeVector) }

func (b rows) sums(t tile) []Node { return b.outputs(t, b.loadVector) }

// outputs walks the rows of each channel, dstRow apart.
func (b rows) outputs(t tile, visit visitor) (nodes []Node) {
	nodes = append(nodes, Point{"out", "d"})
	for m := range b.plan.Channels {
		nodes = append(nodes, Point{"outRow", "out"})
		for row := range b.plan.Rows {
			for v := range b.vectors(t) {
				nodes = append(nodes, visit("outRow", t, m, row*t.phases, v)...)
			}
			if row+1 < b.plan.Rows {
				nodes = append(nodes, Advance{"outRow", "dstRow", 1})
			}
		}
		if m+1 < b.plan.Channels {
			nodes = append(nodes, Advance{"out", "dstPlane", 1})
		}
	}
	return masksOnce(nodes)
}
