package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/upconv/upconv/gen/nest"
)

// moveRun prints one of
//
//	x := *(*[3]float32)(src[s+6:])
//	*(*[3]float32)(dst[d+6:]) = x
//	*(*[3]float32)(dst[d+6:]) = [3]float32{}
//
// The array on the way tells the compiler that nothing overlaps.
func (s *speller) moveRun(g *jen.Group, n nest.Node) {
	switch n := n.(type) {
	case nest.LoadRun:
		g.Add(s.assign(n.Dst)).Add(s.array(n.From, n.Count))
	case nest.StoreRun:
		g.Add(s.array(n.To, n.Count)).Op("=").Id(n.Src)
	case nest.ZeroRun:
		g.Add(s.array(n.To, n.Count)).Op("=").Index(jen.Lit(n.Count)).Float32().Values()
	}
}

// array is a run of elements of a slice.
func (s *speller) array(r nest.Ref, n int) *jen.Statement {
	at := jen.Id(r.Cursor)
	if r.Disp != 0 {
		at.Op("+").Lit(r.Disp)
	}
	return jen.Op("*").Parens(jen.Op("*").Index(jen.Lit(n)).Float32()).Parens(jen.Id(s.cursors[r.Cursor]).Index(at.Op(":")))
}
