package nest

import (
	"fmt"

	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/pack"
)

// The arguments of every kernel, in the order of runtime.Func.
var (
	sumSlices = []string{"dst", "src", "weights", "bias"}
	sumInts   = []string{"rows", "whole", "cols", "width", "channels", "taps", "dstPlane", "dstRow", "srcPlane", "srcRow", "srcTap", "weightStep", "termStep", "termSkip", "again"}
)

// Build spells out the plan of a layer: one function that computes rows of one
// block of output channels and one y phase, or all with plan.Rows.
//
//	for each row, for each tile of columns:
//	    accumulators = bias
//	    for each input channel, for each y tap:
//	        accumulators += inputs * weights, once for each x term
//	    store the accumulators, phases interleaved
func Build(name string, prob plan.Problem, p plan.Plan) Kernel {
	b := newBuilder(prob, p)
	return Kernel{
		Name: name, Lanes: p.Target.Lanes, Fused: p.Target.Fused,
		Slices: sumSlices, Ints: sumInts,
		Body: b.body(),
	}
}

// body walks the rows once, or once for each section where its weights are to stay
// in the cache.
func (b *builder) body() (nodes []Node) {
	sections := b.sections()
	if b.plan.Order != pack.Channels {
		return b.rows(sections)
	}
	before := 0
	for i, t := range sections {
		if len(t.section) > 0 {
			nodes = append(nodes, Point{"w", "weights"}, Advance{"w", "termSkip", len(t.section)})
		}
		if len(t.section) > 0 && before > 0 {
			nodes = append(nodes, Advance{"w", "termStep", before})
		}
		nodes = append(nodes, b.rows(sections[i:i+1])...)
		before += len(t.section)
	}
	return nodes
}

// sections are the tiles of a row, one for each section of phases.
func (b *builder) sections() (tiles []tile) {
	term := 0
	for i, section := range b.layout.Sections(b.x) {
		first := i * b.layout.Section
		tiles = append(tiles, tile{section: section, first: first, term: term, phases: min(b.layout.Section, len(b.x.Phases)-first)})
		if b.plan.Order != pack.Channels { // there each section has panels of its own
			term += len(section)
		}
	}
	return tiles
}

// builder holds what the nodes of a kernel are made from.
type builder struct {
	plan   plan.Plan
	layout pack.Layout
	x      polyphase.Axis
	least  int // smallest column of a tap: where a row's first column stands in src
	lines  int // rows of src from one row q to the next: each row of inputs is one for each remainder of x
	tile   tiler
}

// tiler spells the parts of a tile that depend on the vector axis.
type tiler interface {
	init(t tile) []Node  // accumulators = bias
	sums(t tile) []Node  // accumulators = sums in dst
	terms(t tile) []Node // accumulators += inputs * weights of one panel
	store(t tile) []Node
}

// tile is one section's tile of columns; a masked tile serves what is left of a
// row and is one step wide.
type tile struct {
	section []pack.Term
	first   int // first phase of the section
	phases  int // phases of the section
	term    int // number of the section's first term in the panel
	columns int // columns q
	masked  bool
}

func newBuilder(prob plan.Problem, p plan.Plan) *builder {
	b := &builder{plan: p, layout: p.Layout()}
	b.x = b.layout.Frame(prob.X)
	b.least, _ = b.x.ReachColumns()
	b.lines = b.x.InStride * prob.Y.InStride
	b.tile = map[pack.Order]tiler{pack.Planar: planar{b}, pack.Phases: phases{b}, pack.Channels: channels{b}}[p.Order]
	if p.Rows > 0 {
		b.tile = rows{planar{b}, b.layout.RowTerms(prob.Y, b.x)}
	}
	return b
}

// rows walks the rows of the call; the sections share a row.
func (b *builder) rows(sections []tile) []Node {
	var body []Node
	for _, t := range sections {
		body = append(body, b.note(t), Point{"d", "dRow"}, Point{"s", "sRow"})
		if b.plan.Order == pack.Channels && t.first > 0 {
			body = append(body, Advance{"d", "dstPlane", t.first})
		}
		body = append(body, b.columns(t)...)
	}
	body = append(body, Advance{"sRow", "srcRow", b.lines}, Advance{"dRow", "dstRow", max(1, b.plan.Rows)})
	return []Node{Point{"sRow", "src"}, Point{"dRow", "dst"}, Loop{Var: "row", To: "rows", Step: 1, Body: body}}
}

func (b *builder) note(t tile) Node {
	return Note{fmt.Sprintf("x phases %d to %d of every row", t.first, t.first+t.phases-1)}
}

// columns runs whole tiles, narrower ones for what is left, and masked ones of the
// least width for the end of the row.
func (b *builder) columns(t tile) (nodes []Node) {
	widths := b.plan.Widths()
	if b.plan.Order == pack.Channels {
		return b.wholeColumns(t, widths)
	}
	last := len(widths) - 1
	for i, w := range widths[:last] {
		t.columns = w
		nodes = append(nodes, Loop{Var: "col", To: "whole", Step: w, Continue: i > 0, Body: append(b.column(t), b.next(t)...)})
	}
	t.columns, t.masked = widths[last], true
	return append(nodes, Loop{Var: "col", To: "cols", Step: t.columns, Partial: true, Continue: last > 0, Body: append(b.column(t), b.next(t)...)})
}

// wholeColumns runs whole tiles alone: narrower ones for what is left, or one where
// that is known.
func (b *builder) wholeColumns(t tile, widths []int) (nodes []Node) {
	for i, w := range widths {
		t.columns = w
		if i > 0 && b.plan.Row() > 0 {
			return append(nodes, Rest{Var: "col", To: "cols", Count: w, Body: b.column(t)})
		}
		nodes = append(nodes, Loop{Var: "col", To: "cols", Step: w, Partial: w == 1, Continue: i > 0, Body: append(b.column(t), b.next(t)...)})
	}
	return nodes
}

// column computes and stores one tile.
func (b *builder) column(t tile) []Node {
	body := append([]Node{Point{"b", "bias"}}, b.begin(t)...)
	if len(t.section) > 0 { // a phase that no kernel element reaches is the bias alone
		body = append(body, Point{"sChannel", "s"}, Point{"wChannel", b.firstWeight()}, b.channels(t))
	}
	return append(body, b.tile.store(t)...)
}

// begin starts with the bias, then, if the call goes on with sums of earlier input
// channels, with those in place of it.
func (b *builder) begin(t tile) []Node {
	nodes := b.tile.init(t)
	if b.plan.Once {
		return nodes
	}
	return append(nodes, If{Arg: "again", Body: b.tile.sums(t)})
}

// next steps to the tile after t.
func (b *builder) next(t tile) []Node {
	dim := ""
	if b.plan.Order == pack.Channels {
		dim = "dstPlane"
	}
	return []Node{Advance{"s", "", t.columns}, Advance{"d", dim, t.columns * b.x.OutStride}}
}

// firstWeight is the cursor that a section's weights start at.
func (b *builder) firstWeight() string {
	if b.plan.Order == pack.Channels {
		return "w"
	}
	return "weights"
}

// termsOf is the number of weightSteps from one input channel to the next.
func (b *builder) termsOf(t tile) int {
	if b.plan.Order == pack.Channels {
		return len(t.section)
	}
	return 1
}

// panel is the number of weights of one input channel and y tap.
func (b *builder) panel(t tile) int {
	if b.plan.Order == pack.Channels {
		return len(t.section) * b.plan.Channels
	}
	return b.layout.Panel(b.x)
}

// prefetch asks for weights a little ahead of their use, once for each line of a
// panel: they stream from far caches or memory.
func (b *builder) prefetch(t tile) (nodes []Node) {
	if b.plan.Target.Lanes == 1 || b.plan.Rows > 0 { // few weights, which stay in the cache
		return nil
	}
	ahead, far := prefetchAhead, false
	switch {
	case b.plan.Order == pack.Channels: // what the next pass takes
		ahead, far = pack.PassElements, true
	case b.plan.Shifted > 0:
		ahead = prefetchSoon
	}
	at := b.weight(0, 0)
	for line := 0; line < b.panel(t); line += lineElements {
		nodes = append(nodes, Prefetch{From: Ref{at.Cursor, ahead + line}, Far: far})
	}
	return nodes
}

const (
	lineElements  = 16   // float32 of a cache line
	prefetchAhead = 2048 // float32 between a use of weights and the request
	prefetchSoon  = 512  // the same for small maps, whose weights come from far and are used few times: a request holds its place longer
)

// channels adds up all input channels.
func (b *builder) channels(t tile) Node {
	var body []Node
	if b.plan.RowTaps > 1 {
		body = []Node{Point{"sTap", "sChannel"}, Point{"wTap", "wChannel"}, b.taps(t)}
	} else {
		body = append(b.prefetch(t), b.tile.terms(t)...)
	}
	body = append(body, Advance{"sChannel", "srcPlane", 1}, Advance{"wChannel", "weightStep", b.termsOf(t)})
	return Loop{Var: "channel", To: "channels", Step: 1, Body: body}
}

// taps adds up the y taps of one input channel.
func (b *builder) taps(t tile) Node {
	body := append(b.prefetch(t), b.tile.terms(t)...)
	body = append(body, Advance{"sTap", "srcTap", 1}, Advance{"wTap", "", b.panel(t)})
	return Loop{Var: "tap", To: "taps", Step: 1, Body: body}
}

// toLine moves the innermost cursor of src between the rows of two remainders of x.
func (b *builder) toLine(from, to int) []Node {
	if from == to {
		return nil
	}
	return []Node{Advance{b.innermost("sChannel", "sTap"), "srcRow", to - from}}
}

// src and weight refer to elements of the innermost cursors, src to the row that
// holds what a tap at delta reads.
func (b *builder) src(delta, column int) Ref {
	apart := max(1, b.plan.Shifted)
	delta, _ = b.x.Place(delta)
	cursor := b.innermost("sChannel", "sTap")
	if b.plan.Rows > 0 {
		cursor = rowCursor
	}
	return Ref{cursor, (delta-b.least)*apart + column}
}

func (b *builder) weight(term, channel int) Ref {
	return Ref{b.innermost("wChannel", "wTap"), b.layout.Offset(b.x, term, channel)}
}

// multiply adds the element at from, times a vector each, to sums. It is broadcast once for all
// of them; for a single one the multiply-add does that, if it can.
func (b *builder) multiply(from Ref, products []FMA) []Node {
	first := products[0]
	if len(products) == 1 && b.plan.Target.Embedded {
		return []Node{FMASplat{first.Acc, first.A, from}}
	}
	nodes := []Node{Splat{first.B, from}}
	for _, p := range products {
		nodes = append(nodes, p)
	}
	return nodes
}

func (b *builder) innermost(channel, tap string) string {
	if b.plan.RowTaps > 1 {
		return tap
	}
	return channel
}

// eachTap calls f for every tap of the section, with the number of its first
// term: terms with the same Delta form a run.
func (t tile) eachDelta(f func(delta, from, to int)) {
	for from := 0; from < len(t.section); {
		to := from
		for to < len(t.section) && t.section[to].Delta == t.section[from].Delta {
			to++
		}
		f(t.section[from].Delta, from, to)
		from = to
	}
}

// tapText prints one term as polyphase does.
func (b *builder) tapText(delta int, kernel []int) string {
	return polyphase.Tap{Delta: delta, Kernel: kernel}.Term(b.x.InStride)
}
