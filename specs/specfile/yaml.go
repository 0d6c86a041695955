package specfile

import (
	"errors"
	"io"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/scanner"
	"github.com/goccy/go-yaml/token"
)

// readYAML returns the only document of a text, or nil when its faults hide
// what it says.
func readYAML(src string, faults *faults) (root *node) {
	guard(faults, func() {
		tokens, ok := scan(src, faults)
		if !ok {
			return
		}
		file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
		if err != nil {
			syntaxFault(err, faults)
			return
		}
		root = document(file, faults)
	})
	return root
}

// guard turns a panic of the YAML library into a fault: hostile text must not
// end the program.
func guard(faults *faults, read func()) {
	defer func() {
		if recover() != nil {
			faults.add(Position{1, 1}, "YAML: the parser gives up on this text")
		}
	}()
	read()
}

// scan splits text into tokens. It stops, with ok false, where the parser would
// need too much memory or stack.
func scan(src string, faults *faults) (tokens token.Tokens, ok bool) {
	var s scanner.Scanner
	s.Init(src)
	g := gauge{faults: faults}
	for {
		some, err := s.Scan()
		if errors.Is(err, io.EOF) {
			return tokens, true
		}
		tokens.Add(some...)
		for _, t := range some {
			if !g.admit(t) {
				return nil, false
			}
		}
	}
}

func place(t *token.Token) Position {
	if t == nil || t.Position == nil {
		return Position{1, 1}
	}
	return Position{max(t.Position.Line, 1), max(t.Position.Column, 1)}
}

func syntaxFault(err error, faults *faults) {
	var positioned interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if !errors.As(err, &positioned) {
		faults.add(Position{1, 1}, "YAML: %v", err)
		return
	}
	message, _, _ := strings.Cut(positioned.GetMessage(), "\n")
	faults.add(place(positioned.GetToken()), "YAML: %s", message)
}

// document returns the first document, and reports all others.
func document(file *ast.File, faults *faults) (root *node) {
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() == ast.DirectiveType || doc.Body == nil && doc.Start == nil {
			continue
		}
		if root != nil {
			faults.add(startOf(doc), "a second document starts here; a spec file holds one")
			break
		}
		c := converter{faults: faults}
		root = c.convert(doc.Body, Position{1, 1}, 0)
	}
	if root == nil {
		faults.add(Position{1, 1}, "the file is empty")
	}
	return root
}

func startOf(doc *ast.DocumentNode) Position {
	if doc.Start != nil {
		return place(doc.Start)
	}
	return position(doc.Body)
}

// position is where a node starts; the library's own token of a mapping is the
// first colon.
func position(n ast.Node) Position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return position(n.Values[0])
		}
	case *ast.MappingValueNode:
		return place(n.Key.GetToken())
	}
	return place(n.GetToken())
}

// converter turns the library's nodes into ours.
type converter struct{ faults *faults }

// convert returns a node; a missing one stands at the given position.
func (c *converter) convert(n ast.Node, at Position, depth int) *node {
	if n == nil {
		return &node{kind: plain, at: at}
	}
	at = position(n)
	if depth > MaxDepth {
		c.faults.add(at, "nested deeper than %d levels", MaxDepth)
		return &node{at: at}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return c.mapping(n.Values, at, depth)
	case *ast.MappingValueNode:
		return c.mapping([]*ast.MappingValueNode{n}, at, depth)
	case *ast.SequenceNode:
		return c.list(n.Values, at, depth)
	case *ast.AnchorNode:
		return c.convert(n.Value, at, depth+1)
	case *ast.TagNode:
		return c.convert(n.Value, at, depth+1)
	}
	return scalar(n, at)
}

func (c *converter) list(values []ast.Node, at Position, depth int) *node {
	result := &node{kind: list, at: at}
	for _, v := range values {
		result.items = append(result.items, c.convert(v, at, depth+1))
	}
	return result
}

func (c *converter) mapping(values []*ast.MappingValueNode, at Position, depth int) *node {
	result := &node{kind: mapping, at: at}
	first := map[string]Position{}
	for _, v := range values {
		at := position(v)
		value := c.convert(v.Value, at, depth+1)
		if value.kind == plain && value.value == "" {
			value.at = at // the library puts nothing at various places
		}
		key, ok := keyText(v.Key)
		if !ok {
			continue
		}
		if before, again := first[key]; again {
			c.faults.add(at, "duplicate key %q; the first is in line %d", key, before.Line)
			continue
		}
		first[key] = at
		result.entries = append(result.entries, entry{key, at, value})
	}
	return result
}

// keyText returns the text of a key; ok is false for those that scan reported.
func keyText(n ast.MapKeyNode) (key string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// scalar converts what has no parts.
func scalar(n ast.Node, at Position) *node {
	switch n := n.(type) {
	case *ast.StringNode:
		return &node{kind: text, at: at, value: n.Value, quoted: n.Token.Type != token.StringType}
	case *ast.LiteralNode:
		return &node{kind: text, at: at, value: n.Value.Value, quoted: true}
	case *ast.NullNode:
		if n.Token.Type == token.ImplicitNullType {
			return &node{kind: plain, at: at}
		}
		return &node{kind: plain, at: at, value: n.Token.Value}
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode, *ast.BoolNode:
		return &node{kind: plain, at: at, value: n.GetToken().Value}
	}
	return &node{at: at}
}
