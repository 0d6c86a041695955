package specs

import (
	"fmt"
	"strconv"
	"strings"
)

// A canonical name is
//
//	op rank "d_" word... [ "_c" in "x" out ] [ "_i" size "x" size... ] [ "_add" ] [ "_" activation ] [ "_nhwc" ]
//
// with the words of geometryWords, the groups, "ceil" and the choices in that order,
// defaults omitted:
//
//	conv_transpose2d_k4s2p1_c128x64
//	conv2d_k3p1_c64x64_relu
//	nearest2d_s2halfpixel
//
// A word's numbers are joined by x, one per axis; one number stands for equal
// axes (k4 is k4x4), except for sizes, which are always written in full. A free
// channel count is 0. Name and Bias are not part of the name.

// nameWord is one letter of the grammar and the parameter of an axis it stands for.
type nameWord struct {
	key     string // of the spec
	letter  byte
	initial int  // the default, which is omitted
	full    bool // written for every axis, even when equal
	of      func(*Axis) *int
}

// geometryWords are the words after the op, in order. The padding's modes and the
// groups, which are not numbers of an axis, stand between them.
var geometryWords = [...]nameWord{
	{"kernel", 'k', 0, false, func(a *Axis) *int { return &a.Kernel }},
	{"stride", 's', 1, false, func(a *Axis) *int { return &a.Stride }},
	{"scale", 's', 0, false, func(a *Axis) *int { return &a.Scale }}, // no op has both
	{"padding", 'p', 0, false, func(a *Axis) *int { return &a.PadBegin }},
	{"padding", 'e', 0, false, func(a *Axis) *int { return &a.PadEnd }},
	{"dilation", 'd', 1, false, func(a *Axis) *int { return &a.Dilation }},
	{"output_padding", 'o', 0, false, func(a *Axis) *int { return &a.OutputPadding }},
	{"output_size", 'n', 0, true, func(a *Axis) *int { return &a.OutputSize }},
}

// inputWord is the last part of a name.
var inputWord = nameWord{"input", 'i', 0, true, func(a *Axis) *int { return &a.Input }}

// paddingWords spell the padding modes; explicit padding is spelled in numbers.
var paddingWords = [...]struct {
	word string
	mode Padding
}{{"psu", SameUpper}, {"psl", SameLower}, {"pv", Valid}}

// Canonical returns the canonical name of a valid layer. Layers that differ in
// more than Name and Bias have different names.
func (l Layer) Canonical() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%dd_", l.Op, l.Rank)
	symmetric := l.symmetric()
	for _, w := range geometryWords {
		switch {
		case !l.Op.Takes(w.key):
		case w.letter == 'p' && l.Padding != Explicit:
			b.WriteString(paddingWord(l.Padding))
		case w.letter == 'p' && !symmetric:
			b.WriteString("p" + w.numbers(&l))
		case w.letter == 'e' && symmetric:
		default:
			b.WriteString(w.spell(&l))
		}
	}
	b.WriteString(l.groupWord())
	if l.CeilMode {
		b.WriteString(ceilWord)
	}
	for _, c := range l.Op.Choices() {
		if c.Key != layoutKey {
			b.WriteString(c.spell(&l))
		}
	}
	if l.InChannels != 0 || l.OutChannels != 0 {
		fmt.Fprintf(&b, "_c%dx%d", l.InChannels, l.OutChannels)
	}
	if input := inputWord.spell(&l); input != "" {
		b.WriteString("_" + input)
	}
	if l.Add {
		b.WriteString(addWord)
	}
	if l.Activation != (Activation{}) {
		b.WriteString("_" + l.Activation.spell())
	}
	if l.Layout != NCHW {
		b.WriteString(nhwcWord)
	}
	return b.String()
}

const (
	layoutKey = "layout" // the choice whose word ends a name
	ceilWord  = "ceil"
	addWord   = "_add"
	nhwcWord  = "_nhwc"
)

// symmetric reports whether both ends of every axis have the same padding;
// asymmetric padding is spelled p<begin>e<end>, both always present.
func (l *Layer) symmetric() bool {
	for _, a := range l.Spatial() {
		if a.PadBegin != a.PadEnd {
			return false
		}
	}
	return true
}

func paddingWord(mode Padding) string {
	for _, p := range paddingWords {
		if p.mode == mode {
			return p.word
		}
	}
	return ""
}

func (l *Layer) groupWord() string {
	switch {
	case l.Depthwise:
		return "dw"
	case l.Groups != 1 && l.Op.Weighted():
		return fmt.Sprintf("g%d", l.Groups)
	}
	return ""
}

// spell writes a word, or nothing when all axes have the default.
func (w nameWord) spell(l *Layer) string {
	// Asymmetric ends are spelled even where all ends are 0.
	omit := w.letter != 'e'
	for i := range l.Spatial() {
		omit = omit && *w.of(&l.Axes[i]) == w.initial
	}
	if omit {
		return ""
	}
	return string(w.letter) + w.numbers(l)
}

// numbers joins one parameter of all axes.
func (w nameWord) numbers(l *Layer) string {
	var list []string
	equal := true
	for i := range l.Spatial() {
		list = append(list, strconv.Itoa(*w.of(&l.Axes[i])))
		equal = equal && list[i] == list[0]
	}
	if equal && !w.full {
		return list[0]
	}
	return strings.Join(list, "x")
}

// ParseName is the inverse of Canonical: Name is empty, and Bias true where the op
// has one, in the layer it returns. Text that Canonical would not write is an error. Caps do
// not apply.
func ParseName(name string) (Layer, error) {
	p := nameParser{rest: name}
	l := p.layer()
	if p.failed {
		return Layer{}, fmt.Errorf("%s is not the name of a layer: expected %s at %s", Quote(name), p.want, Quote(p.rest))
	}
	if problems := l.ValidateWithin(Limits{}); len(problems) > 0 {
		return Layer{}, fmt.Errorf("%s is not the name of a layer: %v", Quote(name), problems[0])
	}
	if c := l.Canonical(); c != name {
		return Layer{}, fmt.Errorf("%s is not the canonical name of a layer; write %s", Quote(name), c)
	}
	return l, nil
}

// nameParser reads a name from the left; the first failure sticks.
type nameParser struct {
	rest   string
	want   string
	failed bool
}

func (p *nameParser) layer() (l Layer) {
	l = NewLayer(p.op(), 0)
	l.Rank = p.rank()
	p.expect("d_", "d_")
	l = NewLayer(l.Op, l.Rank)
	p.geometry(&l)
	p.groups(&l)
	l.CeilMode = l.Op.Takes("ceil_mode") && p.accept(ceilWord)
	for _, c := range l.Op.Choices() {
		if c.Key != layoutKey {
			c.Default(&l)
			p.choice(c, &l)
		}
	}
	p.channels(&l)
	p.input(&l)
	p.ending(&l)
	p.require(p.rest == "", "the end")
	return l
}

// geometry reads the words of the axes.
func (p *nameParser) geometry(l *Layer) {
	symmetric := true
	for _, w := range geometryWords {
		if !l.Op.Takes(w.key) || w.letter == 'p' && p.paddingMode(l) {
			continue
		}
		found := p.word(w, l)
		symmetric = symmetric && (w.letter != 'e' || !found)
	}
	for i := range l.Spatial() {
		if symmetric {
			l.Axes[i].PadEnd = l.Axes[i].PadBegin
		}
	}
}

// op reads the name of an op that a number of axes follows.
func (p *nameParser) op() Op {
	for _, o := range Ops() {
		rest, ok := strings.CutPrefix(p.rest, string(o))
		if ok && rest != "" && (digit(rest[0]) || rest[0] == 'd') {
			p.rest = rest
			return o
		}
	}
	p.require(false, "an op")
	return ConvTranspose
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// input reads the sizes of the input.
func (p *nameParser) input(l *Layer) {
	if strings.HasPrefix(p.rest, nhwcWord) || strings.HasPrefix(p.rest, addWord) {
		return
	}
	rest, more := strings.CutPrefix(p.rest, "_")
	if _, _, activation := unspell(rest); !more || activation && l.Op.Takes("activation") {
		return
	}
	p.accept("_")
	p.require(p.word(inputWord, l), "input sizes")
}

// ending reads the words that say what happens to the outputs, and the layout.
func (p *nameParser) ending(l *Layer) {
	l.Add = l.Op.Takes("add") && p.accept(addWord)
	if rest, ok := strings.CutPrefix(p.rest, "_"); ok && l.Op.Takes("activation") && !p.failed {
		if a, rest, ok := unspell(rest); ok {
			l.Activation, p.rest = a, rest
		}
	}
	if p.accept(nhwcWord) {
		l.Layout = NHWC
	}
}

// choice reads the word of one of the values, the longest that fits.
func (p *nameParser) choice(c Choice, l *Layer) {
	best := choiceValue{}
	for _, v := range c.values {
		if strings.HasPrefix(p.rest, v.word) && len(v.word) > len(best.word) {
			best = v
		}
	}
	if best.word != "" && p.accept(best.word) {
		c.set(l, best.stored)
	}
}

// require records a failure unless ok.
func (p *nameParser) require(ok bool, want string) {
	if !ok && !p.failed {
		p.failed, p.want = true, want
	}
}

func (p *nameParser) expect(text, want string) { p.require(p.accept(text), want) }

// accept consumes text when the rest starts with it.
func (p *nameParser) accept(text string) bool {
	if p.failed || !strings.HasPrefix(p.rest, text) {
		return false
	}
	p.rest = p.rest[len(text):]
	return true
}

func (p *nameParser) rank() int {
	for rank := 1; rank <= MaxRank; rank++ {
		if p.accept(strconv.Itoa(rank)) {
			return rank
		}
	}
	p.require(false, "a number of axes")
	return 1
}

// word reads a word that stands for a parameter of every axis.
func (p *nameParser) word(w nameWord, l *Layer) bool {
	if w.letter == 'd' && strings.HasPrefix(p.rest, "dw") || !p.accept(string(w.letter)) {
		return false
	}
	first := p.number()
	for i := range l.Spatial() {
		*w.of(&l.Axes[i]) = first
	}
	for i := 1; i < l.Rank && p.accept("x"); i++ {
		*w.of(&l.Axes[i]) = p.number()
	}
	return true
}

// number reads a decimal number that fits 31 bits.
func (p *nameParser) number() int {
	end := 0
	for end < len(p.rest) && p.rest[end] >= '0' && p.rest[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(p.rest[:end], 10, 32)
	p.require(err == nil, "a number")
	if p.failed {
		return 0
	}
	p.rest = p.rest[end:]
	return int(n)
}

func (p *nameParser) paddingMode(l *Layer) bool {
	for _, w := range paddingWords {
		if p.accept(w.word) {
			l.Padding = w.mode
			return true
		}
	}
	return false
}

func (p *nameParser) groups(l *Layer) {
	switch {
	case !l.Op.Weighted():
	case p.accept("dw"):
		l.Depthwise, l.Groups = true, 0
	case p.accept("g"):
		l.Groups = p.number()
	}
}

func (p *nameParser) channels(l *Layer) {
	if rest, ok := strings.CutPrefix(p.rest, "_c"); !ok || rest != "" && !digit(rest[0]) {
		return // the activation clamp begins with these letters too
	}
	p.accept("_c")
	l.InChannels = p.number()
	p.expect("x", "x and the output channels")
	l.OutChannels = p.number()
}
