package pack

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/upconv/upconv/internal/polyphase"
)

// problem is one layer to pack and the layout to pack it in.
type problem struct {
	layout          Layout
	y, x            polyphase.Geometry
	groups, in, out int
	outFirst        bool
}

func (p problem) String() string {
	return fmt.Sprintf("%v channels %d section %d y %+v x %+v groups %d in %d out %d",
		p.layout.Order, p.layout.Channels, p.layout.Section, p.y, p.x, p.groups, p.in, p.out)
}

// problems draws layers of all kinds: blocks that do not divide the channels,
// sections that do not divide the phases, strides above the kernel, dilation.
func problems(n int) (ps []problem) {
	r := rand.New(rand.NewPCG(11, 0))
	upTo := func(n int) int { return 1 + r.IntN(n) }
	for i := range n {
		y := polyphase.Geometry{Kernel: upTo(5), Stride: upTo(4), Dilation: upTo(3), PadBegin: r.IntN(4), PadEnd: r.IntN(3)}
		x := polyphase.Geometry{Kernel: upTo(7), Stride: upTo(6), Dilation: upTo(3), PadBegin: r.IntN(4), PadEnd: r.IntN(3), OutputPadding: r.IntN(2)}
		p := problem{layout: Layout{Order: Planar, Channels: upTo(5), Section: upTo(x.Stride)}, y: y, x: x, groups: upTo(3), in: upTo(4), out: upTo(7), outFirst: i%2 == 1}
		if i%3 == 0 { // whole vectors of phases
			p.x.Stride = 8 * upTo(2)
			p.x.Kernel, p.x.Dilation = p.x.Stride*upTo(2), 1
			p.layout.Order, p.layout.Section = Phases, p.x.Stride
		}
		if i%3 == 1 { // all y phases in a panel
			p.layout.Section, p.layout.Rows = p.x.Stride, p.y.Stride
		}
		if i%6 == 2 { // panels of a section each
			p.layout.Order = Channels
		}
		ps = append(ps, p)
	}
	return append(ps, large...)
}

// large are read in several steps, the last of them shorter.
var large = []problem{
	{Layout{Order: Planar, Channels: 7, Section: 2}, polyphase.Geometry{Kernel: 4, Stride: 2, Dilation: 1, PadBegin: 1}, polyphase.Geometry{Kernel: 4, Stride: 2, Dilation: 1, PadBegin: 1}, 2, 23, 300, false},
	{Layout{Order: Phases, Channels: 2, Section: 8}, polyphase.Geometry{Kernel: 5, Stride: 3, Dilation: 1}, polyphase.Geometry{Kernel: 16, Stride: 8, Dilation: 1}, 1, 37, 111, true},
	{Layout{Order: Planar, Channels: 5, Section: 3}, polyphase.TrivialGeometry, polyphase.Geometry{Kernel: 1, Stride: 3, Dilation: 1}, 1, 100, 1001, true},
}

// weights numbers the elements from 1, so that each is found again.
func (p problem) weights() Weights {
	w := Weights{Groups: p.groups, In: p.in, Out: p.out, Y: polyphase.Transposed(p.y), X: p.layout.Frame(polyphase.Transposed(p.x)), KernelY: p.y.Kernel, KernelX: p.x.Kernel, OutFirst: p.outFirst}
	w.Data = make([]float32, p.groups*p.in*p.out*p.y.Kernel*p.x.Kernel)
	for i := range w.Data {
		w.Data[i] = float32(i + 1)
	}
	return w
}

// element is the place of a weight in the order that the layer has.
func (p problem) element(g, ic, oc, ky, kx int) int {
	at := (g*p.in+ic)*p.out + oc
	if p.outFirst {
		at = (g*p.out+oc)*p.in + ic
	}
	return (at*p.y.Kernel+ky)*p.x.Kernel + kx
}

// panels are the terms of a panel in the order that Offset counts them: of all
// sections, or of each where they have panels of their own.
func (p problem) panels(x polyphase.Axis) [][]Term {
	sections := p.layout.Sections(x)
	if p.layout.Order == Channels {
		return sections
	}
	return [][]Term{slices.Concat(sections...)}
}

// TestEveryWeightIsPackedOnce, where At, Offset and Sections say, and all other
// places are 0.
func TestEveryWeightIsPackedOnce(t *testing.T) {
	for _, p := range problems(150) {
		w := p.weights()
		packed := p.layout.Plan(w)
		data := packed.Pack(w)
		if len(data) != packed.Len(p.groups) {
			t.Fatalf("%v: %d values, Len is %d", p, len(data), packed.Len(p.groups))
		}
		taken := map[int]bool{}
		p.places(w, packed, func(at int, weight float32) {
			if taken[at] {
				t.Fatalf("%v: two weights at %d", p, at)
			}
			taken[at] = true
			if data[at] != weight {
				t.Fatalf("%v: %v at %d, want weight %v", p, data[at], at, weight)
			}
		})
		if len(taken) != len(w.Data) {
			t.Fatalf("%v: %d of %d weights have a place", p, len(taken), len(w.Data))
		}
		for at, v := range data {
			if v != 0 && !taken[at] {
				t.Fatalf("%v: %v at %d, where no weight belongs", p, v, at)
			}
		}
	}
}

// places calls f for every weight with its place in the packed data.
func (p problem) places(w Weights, packed Packed, f func(at int, weight float32)) {
	if p.layout.Rows > 0 {
		p.rowPlaces(w, packed, f)
		return
	}
	for g := range p.groups {
		for oc := range p.out {
			block, channel := oc/p.layout.Channels, oc%p.layout.Channels
			for r, phase := range w.Y.Phases {
				first := packed.At(g, block, r)
				for _, terms := range p.panels(w.X) {
					p.panelPlaces(w, phase, terms, g, oc, func(nth, n int, weight float32) {
						f(first+nth*len(terms)*p.layout.Channels+p.layout.Offset(w.X, n, channel), weight)
					})
					first += p.in * len(phase.Taps) * len(terms) * p.layout.Channels
				}
			}
		}
	}
}

// panelPlaces calls f for every weight of an output channel in panels of terms,
// with the numbers of the panel and of the term.
func (p problem) panelPlaces(w Weights, phase polyphase.Phase, terms []Term, g, oc int, f func(nth, n int, weight float32)) {
	for ic := range p.in {
		for tap, ty := range phase.Taps {
			for n, tx := range terms {
				i := p.element(g, ic, oc, ty.Kernel[0], tx.Kernel[0])
				f(ic*len(phase.Taps)+tap, n, w.Data[i])
			}
		}
	}
}

// rowPlaces is places for a layout with Rows: one panel an input channel.
func (p problem) rowPlaces(w Weights, packed Packed, f func(at int, weight float32)) {
	terms := p.layout.RowTerms(w.Y, w.X)
	for g := range p.groups {
		for oc := range p.out {
			for ic := range p.in {
				panel := packed.At(g, oc/p.layout.Channels, 0) + ic*packed.Panel
				for n, t := range terms {
					i := p.element(g, ic, oc, t.KernelY[0], t.Kernel[0])
					f(panel+p.layout.Offset(w.X, n, oc%p.layout.Channels), w.Data[i])
				}
			}
		}
	}
}

// TestRowTerms: every pair of a y tap and an x tap once, ascending by what it
// reads, then by phases.
func TestRowTerms(t *testing.T) {
	seenRows := 0
	for _, p := range problems(150) {
		if p.layout.Rows == 0 {
			continue
		}
		y, x := polyphase.Transposed(p.y), p.layout.Frame(polyphase.Transposed(p.x))
		key := func(t RowTerm) [4]int { return [4]int{t.Down, t.Delta, t.Row, t.Phase} }
		seen := map[string]bool{}
		terms := p.layout.RowTerms(y, x)
		for i, term := range terms {
			if last := terms[max(0, i-1)]; i > 0 && slices.Compare(ordered(key(last)), ordered(key(term))) >= 0 {
				t.Fatalf("%v: %+v after %+v", p, term, last)
			}
			seen[fmt.Sprint(term)] = true
		}
		for _, py := range y.Phases {
			for _, ty := range py.Taps {
				for _, px := range x.Phases {
					for _, tx := range px.Taps {
						want := RowTerm{py.Offset, ty.Delta, ty.Kernel, Term{px.Offset, tx.Delta, tx.Kernel}}
						if !seen[fmt.Sprint(want)] {
							t.Fatalf("%v: no %+v", p, want)
						}
					}
				}
			}
		}
		if len(seen) != p.y.Kernel*p.x.Kernel || len(seen) != len(terms) {
			t.Fatalf("%v: %d terms", p, len(terms))
		}
		seenRows++
	}
	if seenRows < 40 {
		t.Fatalf("%d layouts with rows", seenRows)
	}
}

func ordered(key [4]int) []int { return key[:] }

// TestWalk: kernels walk y phase by phase, and with Rows in one step, from the
// first row that any tap reads.
func TestWalk(t *testing.T) {
	y := polyphase.Transposed(polyphase.Geometry{Kernel: 9, Stride: 3, Dilation: 1, PadBegin: 4, PadEnd: 4})
	if got := (Layout{}).Walk(y); got.String() != y.String() {
		t.Errorf("without rows:\n%s", got)
	}
	got := Layout{Rows: 3}.Walk(y)
	if len(got.Phases) != 1 || got.OutStride != 3 || got.MaxTaps() != 1 || got.Phases[0].Taps[0].Delta != -1 {
		t.Errorf("with rows: %+v", got)
	}
	if len(y.Phases) != 3 {
		t.Errorf("the axis was changed: %+v", y)
	}
}

// TestLenCountsWholeBlocks: groups, blocks, y taps of all phases, input channels
// and panels.
func TestLenCountsWholeBlocks(t *testing.T) {
	for _, p := range problems(60) {
		w := p.weights()
		packed := p.layout.Plan(w)
		blocks := (p.out + p.layout.Channels - 1) / p.layout.Channels
		want := p.groups * blocks * p.y.Kernel * p.in * p.layout.Panel(w.X) // each y kernel element is a tap of one phase
		if packed.Blocks != blocks || packed.Len(p.groups) != want {
			t.Fatalf("%v: %d blocks, %d values; want %d, %d", p, packed.Blocks, packed.Len(p.groups), blocks, want)
		}
		rows := 1
		if p.layout.Rows > 0 {
			rows = p.y.Kernel
		}
		if packed.Panel != rows*p.layout.Panel(w.X) || packed.Panel < p.x.Kernel*p.layout.Channels {
			t.Fatalf("%v: a panel of %d", p, packed.Panel)
		}
		if packed.At(0, 0, 0) != 0 {
			t.Fatalf("%v: the first panel is at %d", p, packed.At(0, 0, 0))
		}
	}
}

// TestSections: every tap of every phase is a term once; sections hold their own
// phases, by ascending Delta, then by phase.
func TestSections(t *testing.T) {
	for _, p := range problems(150) {
		x := p.layout.Frame(polyphase.Transposed(p.x))
		seen := map[string]bool{}
		for i, section := range p.layout.Sections(x) {
			for j, term := range section {
				if term.Phase/p.layout.Section != i {
					t.Fatalf("%v: phase %d in section %d", p, term.Phase, i)
				}
				if j > 0 && !(section[j-1].Delta < term.Delta || section[j-1].Delta == term.Delta && section[j-1].Phase < term.Phase) {
					t.Fatalf("%v: %+v after %+v", p, term, section[j-1])
				}
				seen[fmt.Sprint(term)] = true
			}
		}
		n := 0
		for _, phase := range x.Phases {
			for _, tap := range phase.Taps {
				n++
				if !seen[fmt.Sprint(Term{phase.Offset, tap.Delta, tap.Kernel})] {
					t.Fatalf("%v: phase %d lacks %v", p, phase.Offset, tap)
				}
			}
		}
		if n != len(seen) || n != p.x.Kernel {
			t.Fatalf("%v: %d terms of %d taps", p, len(seen), n)
		}
	}
}

// TestOffsetsFitThePanel and none is given twice.
func TestOffsetsFitThePanel(t *testing.T) {
	for _, p := range problems(150) {
		x := p.layout.Frame(polyphase.Transposed(p.x))
		taken := map[int]bool{}
		for n := range slices.Concat(p.layout.Sections(x)...) {
			for c := range p.layout.Channels {
				at := p.layout.Offset(x, n, c)
				if at < 0 || at >= p.layout.Panel(x) || taken[at] {
					t.Fatalf("%v: term %d of channel %d is at %d of %d", p, n, c, at, p.layout.Panel(x))
				}
				taken[at] = true
			}
		}
	}
}

// TestPhasesAreNeighbours: with the phases order the weights of neighbouring
// phases of a tap lie side by side; with the others those of neighbouring
// channels of a term.
func TestPhasesAreNeighbours(t *testing.T) {
	for _, p := range problems(150) {
		x := p.layout.Frame(polyphase.Transposed(p.x))
		for n := range slices.Concat(p.layout.Sections(x)...) {
			at := p.layout.Offset(x, n, 0)
			switch {
			case p.layout.Order != Phases && p.layout.Channels > 1 && p.layout.Offset(x, n, 1) != at+1:
				t.Fatalf("%v: channels of term %d are apart", p, n)
			case p.layout.Order == Phases && (n+1)%p.x.Stride != 0 && p.layout.Offset(x, n+1, 0) != at+1:
				t.Fatalf("%v: phases of term %d are apart", p, n)
			}
		}
	}
}

// TestFrame: the phases order sees the uncropped axis, on which all phases read
// the same inputs; the planar order sees the axis as it is.
func TestFrame(t *testing.T) {
	g := polyphase.Geometry{Kernel: 16, Stride: 8, Dilation: 1, PadBegin: 4, PadEnd: 3, OutputPadding: 1}
	if got, want := (Layout{Order: Planar}).Frame(polyphase.Transposed(g)).String(), polyphase.Transposed(g).String(); got != want {
		t.Errorf("planar frame:\n%swant\n%s", got, want)
	}
	frame := Layout{Order: Phases}.Frame(polyphase.Transposed(g))
	for _, ph := range frame.Phases {
		if len(ph.Taps) != 2 || ph.Taps[0].Delta != -1 || ph.Taps[1].Delta != 0 || ph.Taps[1].Kernel[0] != ph.Offset {
			t.Errorf("phase %d reads %v", ph.Offset, ph.Taps)
		}
	}
}

func TestOrderNames(t *testing.T) {
	if Planar.String() != "planar" || Phases.String() != "phases" {
		t.Errorf("%v, %v", Planar, Phases)
	}
}
