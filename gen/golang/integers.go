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
//	dst = math.Float32frombits(math.Float32bits(a) + math.Float32bits(b))
func (s *speller) compute(g *jen.Group, n nest.Compute) {
	if arithmetic[n.Op] {
		g.Add(s.assign(n.Dst)).Float32().Parens(jen.Id(n.A).Op(string(n.Op)).Id(n.B))
		return
	}
	op, ok := wordOperators[n.Op]
	if !ok {
		panic(fmt.Sprintf("golang: %v: portable code applies functions by package activate", n))
	}
	if n.A == n.B && n.Op == nest.Or {
		g.Add(s.assign(n.Dst)).Id(n.A)
		return
	}
	g.Add(s.assign(n.Dst)).Add(fromBits(bits(n.A).Op(op).Add(bits(n.B))))
}

func bits(register string) *jen.Statement {
	return jen.Qual("math", "Float32bits").Call(jen.Id(register))
}

func fromBits(word jen.Code) *jen.Statement { return jen.Qual("math", "Float32frombits").Call(word) }

// integer prints the nodes about bits and integers; the number of the only lane is 0.
func (s *speller) integer(g *jen.Group, n nest.Node) {
	switch n := n.(type) {
	case nest.Constant:
		g.Add(s.assign(n.Dst)).Add(fromBits(jen.Id(fmt.Sprintf("%#x", n.Bits))))
	case nest.Spread:
		g.Add(s.assign(n.Dst)).Add(fromBits(jen.Uint32().Parens(jen.Id(n.Arg))))
	case nest.Count:
		g.Add(s.assign(n.Dst)).Float32().Parens(jen.Lit(0))
	case nest.LoadBytes:
		g.Add(s.assign(n.Dst)).Add(s.at(n.From))
	case nest.StoreBytes:
		g.Add(s.at(n.To)).Op("=").Id(n.Src)
	case nest.KeepEqual:
		s.keepEqual(g, n)
	case nest.ChooseEqual: // if bits of a == bits of b { dst = then }
		g.If(bits(n.A).Op("==").Add(bits(n.B))).Block(jen.Id(n.Dst).Op("=").Id(n.Then))
	case nest.Raise: // if by > dst || by != by && dst == dst { dst = by }
		by, dst := jen.Id(n.By), jen.Id(n.Dst)
		g.If(jen.Add(by).Op(">").Add(dst).Op("||").Add(by).Op("!=").Add(by).Op("&&").Add(dst).Op("==").Add(dst)).Block(jen.Add(dst).Op("=").Add(by))
	}
}

// keepEqual prints
//
//	dst := float32(0)
//	if math.Float32bits(a) == math.Float32bits(b) { dst = then }
//
// and where dst is then, the opposite.
func (s *speller) keepEqual(g *jen.Group, n nest.KeepEqual) {
	if n.Dst == n.Then {
		g.If(bits(n.A).Op("!=").Add(bits(n.B))).Block(jen.Id(n.Dst).Op("=").Lit(0))
		return
	}
	g.Add(s.assign(n.Dst)).Float32().Parens(jen.Lit(0))
	g.If(bits(n.A).Op("==").Add(bits(n.B))).Block(jen.Id(n.Dst).Op("=").Id(n.Then))
}
