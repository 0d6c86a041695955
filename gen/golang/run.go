package golang

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/upconv/upconv/gen/nest"
)

// run prints nodes that move no cursor, behind one window for each cursor that
// they read or write without a mask.
func (s *speller) run(g *jen.Group, nodes []nest.Node) {
	for _, w := range windows(nodes) {
		// cursorAt := (*[n]float32)(slice[cursor:])
		g.Add(s.assign(s.window(w))).Parens(jen.Op("*").Index(jen.Lit(w.n)).Float32()).
			Parens(jen.Id(s.cursors[w.cursor]).Index(jen.Id(w.cursor).Op(":")))
	}
	for _, n := range nodes {
		s.node(g, n)
	}
}

// window names the window of a cursor from here on. One of another length than that
// of an earlier run is another variable.
func (s *speller) window(w extent) string {
	name := w.cursor + "At"
	if s.known(name) && s.lengths[name] != w.n {
		name = fmt.Sprintf("%s%d", name, w.n)
	}
	s.lengths[name], s.windows[w.cursor] = w.n, name
	return name
}

type extent struct {
	cursor string
	n      int // elements
}

// windows lists the cursors in the order of their first use.
func windows(nodes []nest.Node) []extent {
	var ws []extent
	add := func(r nest.Ref) {
		for i := range ws {
			if ws[i].cursor == r.Cursor {
				ws[i].n = max(ws[i].n, r.Disp+1)
				return
			}
		}
		ws = append(ws, extent{r.Cursor, r.Disp + 1})
	}
	for _, n := range nodes {
		switch n := n.(type) {
		case nest.Splat:
			add(n.From)
		case nest.Load:
			add(n.From)
		case nest.LoadBytes:
			add(n.From)
		case nest.StoreBytes:
			add(n.To)
		case nest.Store:
			if n.Mask == "" {
				add(n.To)
			}
		}
	}
	return ws
}

// node prints one node; with one lane a load and a splat are the same, and
// interleaving changes nothing.
func (s *speller) node(g *jen.Group, n nest.Node) {
	switch n := n.(type) {
	case nest.Note:
		g.Comment(n.Text)
	case nest.Mask:
		s.masks[n.Dst] = n
	case nest.Zero:
		s.zero(g, n)
	case nest.Splat:
		g.Add(s.assign(n.Dst)).Add(s.at(n.From))
	case nest.Load:
		g.Add(s.assignNumber(n.Dst, s.at(n.From)))
	case nest.FMA: // acc += float32(a * b)
		g.Id(n.Acc).Op("+=").Float32().Parens(jen.Id(n.A).Op("*").Id(n.B))
	case nest.Store:
		s.store(g, n)
	case nest.Compute:
		s.compute(g, n)
	case nest.Choose:
		g.If(jen.Id(n.A).Op("<").Id(n.B)).Block(jen.Id(n.Dst).Op("=").Id(n.Then))
	case nest.LoadRun, nest.StoreRun, nest.ZeroRun:
		s.moveRun(g, n)
	case nest.Interleave, nest.Deinterleave, nest.Prefetch: // nothing to do
	case nest.ShiftLeft, nest.Permute, nest.Gather, nest.FMASplat:
		panic(fmt.Sprintf("golang: %v: code with one lane has no use for it", n))
	default:
		s.integer(g, n)
	}
}

// arithmetic are the operators that Go has, too; the conversion of their result keeps
// the compiler from fusing them.
var arithmetic = map[nest.Operator]bool{nest.Add: true, nest.Sub: true, nest.Mul: true, nest.Div: true}

// zero prints one of
//
//	dst := float32(0)
//	dst := uint32(0)
func (s *speller) zero(g *jen.Group, n nest.Zero) {
	if s.words[n.Dst] {
		g.Add(s.assign(n.Dst)).Uint32().Parens(jen.Lit(0))
		return
	}
	g.Add(s.assign(n.Dst)).Float32().Parens(jen.Lit(0))
}

func (s *speller) at(r nest.Ref) *jen.Statement {
	return jen.Id(s.windows[r.Cursor]).Index(jen.Lit(r.Disp))
}

// store prints one of
//
//	outAt[3] = a
//	if 2*col+1 < width { dst[out+3] = a }
func (s *speller) store(g *jen.Group, n nest.Store) {
	if n.Mask == "" {
		g.Add(s.at(n.To)).Op("=").Add(s.number(n.Src))
		return
	}
	m := s.masks[n.Mask]
	g.If(jen.Lit(m.Scale).Op("*").Id(m.Var).Op("+").Lit(m.Skip).Op("<").Id(m.Limit)).Block(
		jen.Id(s.cursors[n.To.Cursor]).Index(jen.Id(n.To.Cursor).Op("+").Lit(n.To.Disp)).Op("=").Add(s.number(n.Src)),
	)
}
