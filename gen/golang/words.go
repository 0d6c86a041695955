package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/upconv/upconv/gen/nest"
)

// Registers that are only loaded, stored, compared and counted with are words: uint32
// variables, which the compiler keeps where it can choose between them without a branch.
// What is added, multiplied or weighed is a float32 variable.

// wordsOf finds the registers of a kernel that are words.
func wordsOf(body []nest.Node) map[string]bool {
	words := map[string]bool{}
	var floats []string
	each(body, func(n nest.Node) {
		for _, name := range integers(n) {
			words[name] = true
		}
		floats = append(floats, numbers(n)...)
	})
	for _, name := range floats {
		delete(words, name)
	}
	return words
}

// each visits all nodes.
func each(nodes []nest.Node, visit func(nest.Node)) {
	for _, n := range nodes {
		visit(n)
		switch n := n.(type) {
		case nest.Loop:
			each(n.Body, visit)
		case nest.Repeat:
			each(n.Body, visit)
		case nest.Rest:
			each(n.Body, visit)
		case nest.If:
			each(n.Body, visit)
			each(n.Else, visit)
		}
	}
}

// integers are the registers whose bits a node works on.
func integers(n nest.Node) []string {
	switch n := n.(type) {
	case nest.Constant:
		return []string{n.Dst}
	case nest.Spread:
		return []string{n.Dst}
	case nest.Count:
		return []string{n.Dst}
	case nest.LoadBytes:
		return []string{n.Dst}
	case nest.StoreBytes:
		return []string{n.Src}
	case nest.KeepEqual:
		return []string{n.Dst, n.A, n.B, n.Then}
	case nest.ChooseEqual:
		return []string{n.Dst, n.A, n.B, n.Then}
	case nest.Raise:
		if !n.Rare {
			return []string{n.Dst, n.By}
		}
	case nest.Compute:
		if !arithmetic[n.Op] {
			return []string{n.Dst, n.A, n.B}
		}
	}
	return nil
}

// numbers are the registers that a node calculates with.
func numbers(n nest.Node) []string {
	switch n := n.(type) {
	case nest.Splat:
		return []string{n.Dst}
	case nest.FMA:
		return []string{n.Acc, n.A, n.B}
	case nest.Choose:
		return []string{n.Dst, n.A, n.B, n.Then}
	case nest.Raise:
		if n.Rare {
			return []string{n.Dst, n.By}
		}
	case nest.Compute:
		if arithmetic[n.Op] {
			return []string{n.Dst, n.A, n.B}
		}
	}
	return nil
}

// bits are those of a register.
func (s *speller) bits(register string) *jen.Statement {
	if s.words[register] {
		return jen.Id(register)
	}
	return bitsOf(jen.Id(register))
}

// number is the value of a register.
func (s *speller) number(register string) *jen.Statement {
	if s.words[register] {
		return fromBits(jen.Id(register))
	}
	return jen.Id(register)
}

// assignBits gives a register its bits.
func (s *speller) assignBits(register string, word *jen.Statement) *jen.Statement {
	if s.words[register] {
		return s.assign(register).Add(word)
	}
	return s.assign(register).Add(fromBits(word))
}

// assignNumber gives a register its value.
func (s *speller) assignNumber(register string, value *jen.Statement) *jen.Statement {
	if s.words[register] {
		return s.assign(register).Add(bitsOf(value))
	}
	return s.assign(register).Add(value)
}

func bitsOf(value jen.Code) *jen.Statement { return jen.Qual("math", "Float32bits").Call(value) }

func fromBits(word jen.Code) *jen.Statement { return jen.Qual("math", "Float32frombits").Call(word) }
