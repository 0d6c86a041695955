package nest

import (
	"math"

	"github.com/upconv/upconv/gen/plan"
)

// pixelPooler makes the nodes of a max_pool whose channels lie together. Here rows counts
// pixels, and cols their channels.
type pixelPooler struct{ plan plan.Pool }

// values spells
//
//	for each pixel, for each few vectors of its channels:
//	    for each row of the window and each of its pixels: load, raise the maxima
//	    store them
func (b pixelPooler) values() []Node {
	body := []Node{Point{"s", "sPixel"}, Point{"d", "dPixel"}}
	body = append(body, b.channels(b.plan.Vectors, b.valueTile)...)
	body = append(body, Advance{"sPixel", "srcRow", 1}, Advance{"dPixel", "dstRow", 1})
	return []Node{Point{"sPixel", "src"}, Point{"dPixel", "dst"}, Loop{Var: "pixel", To: "rows", Step: 1, Body: body}}
}

// channelTile is a part of a pixel: some vectors, or the lanes that are left. The last one of its
// pixel steps to no other.
type channelTile struct {
	vectors      int
	masked, last bool
}

// channels runs tiles of several vectors, then of one, then what is left of a pixel.
func (b pixelPooler) channels(many int, spell func(channelTile) []Node) (loops []Node) {
	lanes := b.plan.Target.Lanes
	if many > 1 {
		loops = append(loops, Loop{Var: "col", To: "cols", Step: many * lanes, Body: spell(channelTile{vectors: many})})
	}
	one := channelTile{vectors: 1, last: lanes == 1 && many == 2}
	loops = append(loops, Loop{Var: "col", To: "cols", Step: lanes, Continue: many > 1, Body: spell(one)})
	if lanes > 1 {
		loops = append(loops, Rest{Var: "col", To: "cols", Body: spell(channelTile{vectors: 1, masked: true, last: true})})
	}
	return loops
}

func (b pixelPooler) valueTile(t channelTile) []Node {
	lanes, kernel := b.plan.Target.Lanes, b.plan.Windows.Kernel
	nodes, mask := insideCols(t.masked)
	row := []Node{Point{"at", "in"}}
	for i := range kernel {
		for v := range t.vectors {
			row = append(row, Load{Dst: "x", From: Ref{"at", v * lanes}, Mask: mask}, Raise{Dst: vector("best", v), By: "x", Rare: b.plan.Rare})
		}
		if i < kernel-1 {
			row = append(row, Advance{"at", "width", 1})
		}
	}
	row = append(row, Advance{"in", "srcTap", 1})
	for v := range t.vectors {
		nodes = append(nodes, Constant{vector("best", v), math.Float32bits(float32(math.Inf(-1)))})
	}
	nodes = append(nodes, Point{"in", "s"}, Loop{Var: "tap", To: "taps", Step: 1, Body: row})
	for v := range t.vectors {
		nodes = append(nodes, Store{To: Ref{"d", v * lanes}, Src: vector("best", v), Mask: mask})
	}
	if t.last {
		return nodes
	}
	return append(nodes, Advance{"s", "", t.vectors * lanes}, Advance{"d", "", t.vectors * lanes})
}

// indices spells
//
//	for each pixel, for each vector of its channels:
//	    load the maxima
//	    for each row of the window and each of its pixels, from the last to the first:
//	    where it has the bits of the maximum, that is where it was found
//	    store the places with 64 bits
//
// Places count elements, or pixels, which are the same for all channels.
func (b pixelPooler) indices(elements bool) []Node {
	body := []Node{Point{"d", "dPixel"}, Point{"best", "bPixel"}, Point{"s", "sPixel"}, copied("left", "places")}
	body = append(body, b.channels(1, func(t channelTile) []Node { return b.indexTile(elements, t) })...)
	body = append(body, b.step(elements, "step", "srcRow", b.plan.Windows.Stride),
		Compute{"places", AddInt, "places", "step"},
		Advance{"sPixel", "srcRow", 1}, Advance{"bPixel", "aidRow", 1}, Advance{"dPixel", "dstRow", 1})
	nodes := append(b.ends(elements), Point{"bPixel", "aid"}, Point{"dPixel", "dst"})
	return append(nodes, Loop{Var: "pixel", To: "rows", Step: 1, Body: body})
}

// ends goes to the last pixel of the row after the first window, from where its
// elements are compared.
func (b pixelPooler) ends(elements bool) []Node {
	w := b.plan.Windows
	nodes := []Node{Spread{"places", "first"}, Point{"sPixel", "src"}}
	if w.Kernel > 1 {
		nodes = append(nodes, b.step(elements, "apart", "width", w.Dilation), Advance{"sPixel", "width", w.Kernel - 1})
	}
	if elements {
		if b.plan.Target.Lanes > 1 {
			nodes = append(nodes, Count{"lane", 1}, Compute{"places", AddInt, "places", "lane"})
		}
		nodes = append(nodes, Spread{"down", "srcTap"})
	} else {
		nodes = append(nodes, Spread{"down", "whole"})
	}
	for range w.Kernel - 1 {
		nodes = append(nodes, Compute{"places", AddInt, "places", "apart"})
	}
	return append(nodes, Loop{Var: "tap", To: "taps", Step: 1, Body: []Node{
		Advance{"sPixel", "srcTap", 1}, Compute{"places", AddInt, "places", "down"},
	}})
}

// step fills dst with a distance, in elements an argument, in pixels a constant.
func (b pixelPooler) step(elements bool, dst, arg string, pixels int) Node {
	if elements {
		return Spread{dst, arg}
	}
	return Constant{dst, uint32(pixels)}
}

func (b pixelPooler) indexTile(elements bool, t channelTile) []Node {
	lanes := b.plan.Target.Lanes
	nodes, mask := insideCols(t.masked)
	nodes = append(nodes,
		Load{Dst: "most", From: Ref{Cursor: "best"}, Mask: mask}, Point{"in", "s"}, copied("tapLeft", "left"), Zero{"found"},
		Loop{Var: "tap", To: "taps", Step: 1, Body: b.backwards(mask)},
		Zero{"high"},
	)
	if lanes > 1 {
		nodes = append(nodes, Interleave{[]string{"found", "high"}})
	}
	for r, x := range []string{"found", "high"} {
		store := Store{To: Ref{"d", r * lanes}, Src: x}
		if t.masked {
			nodes = append(nodes, Mask{Dst: "kept", Var: "col", Scale: 2, Skip: r * lanes, Limit: "line"})
			store.Mask = "kept"
		}
		nodes = append(nodes, store)
	}
	if t.last {
		return nodes
	}
	nodes = append(nodes, Advance{"s", "", lanes}, Advance{"best", "", lanes}, Advance{"d", "", 2 * lanes})
	if elements {
		nodes = append(nodes, Constant{"step", uint32(lanes)}, Compute{"left", AddInt, "left", "step"})
	}
	return nodes
}

// backwards compares the pixels of a row of the windows, the last one first.
func (b pixelPooler) backwards(mask string) []Node {
	kernel := b.plan.Windows.Kernel
	nodes := []Node{Advance{"in", "srcTap", -1}, Compute{"tapLeft", SubInt, "tapLeft", "down"}, Point{"at", "in"}}
	place := "tapLeft"
	for i := range kernel {
		nodes = append(nodes, Load{Dst: "x", From: Ref{Cursor: "at"}, Mask: mask}, ChooseEqual{Dst: "found", A: "x", B: "most", Then: place})
		if i < kernel-1 {
			nodes = append(nodes, Advance{"at", "width", -1}, Compute{"place", SubInt, place, "apart"})
			place = "place"
		}
	}
	return nodes
}
