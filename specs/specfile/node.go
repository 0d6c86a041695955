package specfile

import (
	"strings"

	"github.com/upconv/upconv/specs"
)

// kind says what a node is.
type kind int

const (
	unusable kind = iota // reported already
	plain                // a scalar that is not text: a number, true, null
	text                 // a string
	list
	mapping
)

// node is a value of the file, free of the YAML library.
type node struct {
	kind    kind
	at      Position
	value   string // of a scalar: as written (plain), or its text
	quoted  bool   // the text stood in quotes
	items   []*node
	entries []entry
}

// entry is one key of a mapping and its value.
type entry struct {
	key   string
	at    Position
	value *node
}

// get returns the value of a key, or nil.
func (n *node) get(key string) *node {
	for _, e := range n.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// describe names a value in a message: 3.7, the string "a", a list.
func (n *node) describe() string {
	switch {
	case n.kind == list:
		return "a list"
	case n.kind == mapping:
		return "a mapping"
	case n.kind == plain && n.value == "":
		return "nothing"
	case n.kind == plain && len(n.value) <= specs.MaxNameLength, !n.quoted && numeric(n.value):
		return n.value
	}
	return "the string " + specs.Quote(n.value)
}

// numeric reports text that was meant as a number and may stand in a message
// as it is, such as 1e3, which YAML 1.2 takes for text.
func numeric(s string) bool {
	if s == "" || len(s) > specs.MaxNameLength || !strings.ContainsRune("0123456789+-.", rune(s[0])) {
		return false
	}
	return strings.Trim(s, "0123456789+-._abcdefxABCDEFX") == ""
}
