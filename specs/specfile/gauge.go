package specfile

import "github.com/goccy/go-yaml/token"

// forbidden are the constructs of YAML that a spec file does without.
var forbidden = map[token.Type]string{
	token.AnchorType:     "anchors (&) are not supported; write the value out",
	token.AliasType:      "aliases (*) are not supported; write the value out",
	token.TagType:        "tags (!) are not supported",
	token.MergeKeyType:   "merge keys (<<) are not supported; write the keys out",
	token.MappingKeyType: "complex keys (?) are not supported",
	token.DirectiveType:  "directives (%) are not supported",
}

// gauge bounds what the parser is given. The parser recurses, and it stores the
// path of every node as text: a file of 1 MiB could make it take gigabytes.
type gauge struct {
	faults *faults
	tokens int
	line   int // of the last token
	flow   int // open brackets and braces
	block  int // dashes and question marks so far in this line
}

// admit reports whether the parser may see a token.
func (g *gauge) admit(t *token.Token) bool {
	at := place(t)
	if message, bad := forbidden[t.Type]; bad {
		g.faults.add(at, "%s", message)
	}
	first := at.Line != g.line
	g.count(t, first)
	g.line = at.Line
	switch comment := t.Type == token.CommentType; {
	case g.tokens > MaxTokens:
		g.faults.add(at, "the file has more than %d words and marks", MaxTokens)
	case g.flow > MaxDepth || g.block > MaxDepth:
		g.faults.add(at, "nested deeper than %d levels", MaxDepth)
	case first && at.Column > MaxIndent+1 && !comment:
		g.faults.add(at, "indented by more than %d columns", MaxIndent)
	case len(t.Value) > MaxText && !comment:
		g.faults.add(at, "text of %d bytes; the cap is %d", len(t.Value), MaxText)
	default:
		return true
	}
	return false
}

// count keeps the counts; first says that a token is the first of its line.
func (g *gauge) count(t *token.Token, first bool) {
	g.tokens++
	if first {
		g.block = 0
	}
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		g.flow++
	case token.SequenceEndType, token.MappingEndType:
		g.flow = max(0, g.flow-1)
	case token.SequenceEntryType, token.MappingKeyType:
		g.block++
	}
}
