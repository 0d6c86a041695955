package golang

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/upconv/upconv/gen/nest"
)

// wordOperators spell the operators on the bits of registers.
var wordOperators = map[nest.Operator]string{nest.AddInt: "+", nest.SubInt: "-", nest.Or: "|", nest.And: "&"}

// compute prints one of
//
//	dst = float32(a * b)
//	dst = a + b
//
// the second on words.
func (s *speller) compute(g *jen.Group, n nest.Compute) {
	if arithmetic[n.Op] {
		g.Add(s.assign(n.Dst)).Float32().Parens(jen.Id(n.A).Op(string(n.Op)).Id(n.B))
		return
	}
	op, ok := wordOperators[n.Op]
	if !ok {
		panic(fmt.Sprintf("golang: %v: portable code applies functions by package activate", n))
	}
	word := s.bits(n.A)
	if n.A != n.B || n.Op != nest.Or {
		word = word.Op(op).Add(s.bits(n.B))
	}
	g.Add(s.assignBits(n.Dst, word))
}

// integer prints the nodes about bits and integers; the number of the only lane is 0.
func (s *speller) integer(g *jen.Group, n nest.Node) {
	switch n := n.(type) {
	case nest.Constant:
		g.Add(s.assignBits(n.Dst, word(n.Bits)))
	case nest.Spread:
		g.Add(s.assignBits(n.Dst, jen.Uint32().Parens(jen.Id(n.Arg))))
	case nest.Count:
		g.Add(s.assignBits(n.Dst, word(0)))
	case nest.LoadBytes:
		g.Add(s.assignNumber(n.Dst, s.at(n.From)))
	case nest.StoreBytes:
		g.Add(s.at(n.To)).Op("=").Add(s.number(n.Src))
	case nest.KeepEqual:
		s.keepEqual(g, n)
	case nest.ChooseEqual: // if a == b { dst = then }
		g.If(s.bits(n.A).Op("==").Add(s.bits(n.B))).Block(s.assignBits(n.Dst, s.bits(n.Then)))
	case nest.Raise:
		if n.Rare {
			s.raiseRarely(g, n)
		} else {
			s.raise(g, n)
		}
	default:
		panic(fmt.Sprintf("golang: no spelling of %v", n))
	}
}

// word is a constant.
func word(bits uint32) *jen.Statement { return jen.Uint32().Parens(jen.Id(fmt.Sprintf("%#x", bits))) }

// keepEqual prints
//
//	dst := uint32(0x0)
//	if a == b { dst = then }
//
// and where dst is then, the opposite.
func (s *speller) keepEqual(g *jen.Group, n nest.KeepEqual) {
	if n.Dst == n.Then {
		g.If(s.bits(n.A).Op("!=").Add(s.bits(n.B))).Block(s.assignBits(n.Dst, word(0)))
		return
	}
	g.Add(s.assignBits(n.Dst, word(0)))
	g.If(s.bits(n.A).Op("==").Add(s.bits(n.B))).Block(s.assignBits(n.Dst, s.bits(n.Then)))
}

// raise prints
//
//	{
//		old := dst
//		dst = by
//		if by <= old { dst = old }
//		if old != old { dst = old }
//	}
//
// on their values: each condition chooses between two words, without a branch. A NaN is
// not at most the old value.
func (s *speller) raise(g *jen.Group, n nest.Raise) {
	old, by := fromBits(jen.Id("old")), s.number(n.By)
	back := s.assignBits(n.Dst, jen.Id("old"))
	g.Block(
		jen.Id("old").Op(":=").Add(s.bits(n.Dst)),
		s.assignBits(n.Dst, s.bits(n.By)),
		jen.If(by.Op("<=").Add(old)).Block(back),
		jen.If(jen.Add(old).Op("!=").Add(old)).Block(back),
	)
}

// raiseRarely prints
//
//	if by > dst || by != by && dst == dst { dst = by }
//
// a branch, which is predicted, and nothing waits for dst.
func (s *speller) raiseRarely(g *jen.Group, n nest.Raise) {
	by, dst := jen.Id(n.By), jen.Id(n.Dst)
	larger := jen.Add(by).Op(">").Add(dst).Op("||").Add(by).Op("!=").Add(by).Op("&&").Add(dst).Op("==").Add(dst)
	g.If(larger).Block(jen.Id(n.Dst).Op("=").Id(n.By))
}
