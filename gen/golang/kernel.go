// Package golang spells loop nests and tables as Go source, through jennifer. It
// is the only importer of jennifer.
package golang

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/upconv/upconv/gen/nest"
)

// Kernel returns the function of a nest with one lane.
//
//	// doc
//	func name(dst, src, weights, bias []float32, rows, ... int) {
//		...
//	}
func Kernel(k nest.Kernel) *jen.Statement {
	s := speller{words: wordsOf(k.Body), cursors: map[string]string{}, masks: map[string]nest.Mask{}, windows: map[string]string{}, lengths: map[string]int{}}
	for _, name := range k.Slices {
		s.cursors[name] = name
	}
	fn := jen.Func().Id(k.Name).Params(
		names(k.Slices).Index().Float32(),
		names(k.Ints).Int(),
	).BlockFunc(func(g *jen.Group) {
		s.block(g, k.Body)
	})
	return comment(k.Doc).Add(fn)
}

// names returns a, b, c.
func names(list []string) *jen.Statement {
	ids := make([]jen.Code, len(list))
	for i, n := range list {
		ids[i] = jen.Id(n)
	}
	return jen.List(ids...)
}

// comment returns one comment line for each line.
func comment(lines []string) *jen.Statement {
	s := jen.Empty()
	for _, l := range lines {
		s.Comment(CommentLine(l)).Line()
	}
	return s
}

// CommentLine is a line of a doc comment; indented ones are code blocks.
func CommentLine(l string) string {
	if l == "" || l[0] == '\t' {
		return "//" + l
	}
	return "// " + l
}

// speller prints nodes. Cursors become int variables, registers float32 or uint32
// variables, and every run of loads reads through a pointer to an array, so that
// the compiler checks bounds once for each run.
type speller struct {
	words    map[string]bool   // registers that are words
	cursors  map[string]string // cursor -> slice it walks
	masks    map[string]nest.Mask
	windows  map[string]string // cursor -> window that it is read through
	lengths  map[string]int    // window -> elements
	declared []map[string]bool // names by scope, innermost last
}

// block prints the nodes of one scope.
func (s *speller) block(g *jen.Group, nodes []nest.Node) {
	s.declared = append(s.declared, map[string]bool{})
	for len(nodes) > 0 {
		n := straight(nodes)
		if n == 0 {
			s.control(g, nodes[0])
			nodes = nodes[1:]
			continue
		}
		s.run(g, nodes[:n])
		nodes = nodes[n:]
	}
	s.declared = s.declared[:len(s.declared)-1]
}

// straight is the number of leading nodes that move no cursor.
func straight(nodes []nest.Node) int {
	for i, n := range nodes {
		switch n.(type) {
		case nest.Loop, nest.Repeat, nest.If, nest.Rest, nest.Point, nest.Advance, nest.Jump:
			return i
		}
	}
	return len(nodes)
}

// control prints a node that loops or moves a cursor.
func (s *speller) control(g *jen.Group, n nest.Node) {
	switch n := n.(type) {
	case nest.Loop:
		s.loop(g, n)
	case nest.Repeat: // for range 2 { ... }
		g.For(jen.Range().Lit(n.Count)).BlockFunc(func(g *jen.Group) { s.block(g, n.Body) })
	case nest.Rest:
		left := jen.Id(n.Var).Op("+").Lit(n.Count).Op("==").Id(n.To)
		if n.Count == 0 {
			left = jen.Id(n.Var).Op("<").Id(n.To)
		}
		g.If(left).BlockFunc(func(g *jen.Group) { s.block(g, n.Body) })
	case nest.If:
		branch := g.If(jen.Id(n.Arg).Op("!=").Lit(0)).BlockFunc(func(g *jen.Group) { s.block(g, n.Body) })
		if n.Else != nil {
			branch.Else().BlockFunc(func(g *jen.Group) { s.block(g, n.Else) })
		}
	case nest.Point: // cursor := from
		from := jen.Lit(0)
		if s.cursors[n.From] != n.From {
			from = jen.Id(n.From)
		}
		s.cursors[n.Cursor] = s.cursors[n.From]
		g.Add(s.assign(n.Cursor)).Add(from)
	case nest.Advance: // cursor += times * dim
		g.Id(n.Cursor).Op("+=").Add(times(n.Times, n.Dim))
	case nest.Jump: // cursor += int(math.Float32bits(slice[at+1]))
		by := jen.Id(s.cursors[n.By.Cursor]).Index(jen.Id(n.By.Cursor).Op("+").Lit(n.By.Disp))
		g.Id(n.Cursor).Op("+=").Int().Call(jen.Qual("math", "Float32bits").Call(by))
	}
}

func times(n int, dim string) *jen.Statement {
	switch {
	case dim == "":
		return jen.Lit(n)
	case n == 1:
		return jen.Id(dim)
	default:
		return jen.Lit(n).Op("*").Id(dim)
	}
}

// loop prints one of
//
//	for range to { ... }
//	for ; col+3 <= to; col += 3 { ... }
func (s *speller) loop(g *jen.Group, l nest.Loop) {
	body := func(g *jen.Group) { s.block(g, l.Body) }
	if l.Step == 1 && !l.Continue && !l.Partial && l.Var != "col" {
		g.For(jen.Range().Id(l.To)).BlockFunc(body)
		return
	}
	if !l.Continue {
		g.Add(s.assign(l.Var)).Lit(0)
	}
	cond := jen.Id(l.Var).Op("+").Lit(l.Step).Op("<=").Id(l.To)
	if l.Partial || l.Step == 1 {
		cond = jen.Id(l.Var).Op("<").Id(l.To)
	}
	g.For(jen.Empty(), cond, jen.Id(l.Var).Op("+=").Lit(l.Step)).BlockFunc(body)
}

// assign returns "name :=" the first time in scope, then "name =".
func (s *speller) assign(name string) *jen.Statement {
	if s.known(name) {
		return jen.Id(name).Op("=")
	}
	s.declared[len(s.declared)-1][name] = true
	return jen.Id(name).Op(":=")
}

// known reports whether a name is declared in this scope or one around it.
func (s *speller) known(name string) bool {
	return slices.ContainsFunc(s.declared, func(scope map[string]bool) bool { return scope[name] })
}
