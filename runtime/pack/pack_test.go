package pack

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/upconv/upconv/internal/polyphase"
)

// problem is one layer to pack and the layout to pack it in.
type problem struct {
	layout          Layout
	y, x            polyphase.Geometry
	groups, in, out int
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
		p := problem{layout: Layout{Order: Planar, Channels: upTo(5), Section: upTo(x.Stride)}, y: y, x: x, groups: upTo(3), in: upTo(4), out: upTo(7)}
		if i%3 == 0 { // whole vectors of phases
			p.x.Stride = 8 * upTo(2)
			p.x.Kernel, p.x.Dilation = p.x.Stride*upTo(2), 1
			p.layout.Order, p.layout.Section = Phases, p.x.Stride
		}
		ps = append(ps, p)
	}
	return append(ps, large...)
}

// large are read in several steps, the last of them shorter.
var large = []problem{
	{Layout{Order: Planar, Channels: 7, Section: 2}, polyphase.Geometry{Kernel: 4, Stride: 2, Dilation: 1, PadBegin: 1}, polyphase.Geometry{Kernel: 4, Stride: 2, Dilation: 1, PadBegin: 1}, 2, 23, 300},
	{Layout{Order: Phases, Channels: 2, Section: 8}, polyphase.Geometry{Kernel: 5, Stride: 3, Dilation: 1}, polyphase.Geometry{Kernel: 16, Stride: 8, Dilation: 1}, 1, 37, 111},
	{Layout{Order: Planar, Channels: 5, Section: 3}, polyphase.TrivialGeometry, polyphase.Geometry{Kernel: 1, Stride: 3, Dilation: 1}, 1, 100, 1001},
}

// weights numbers the elements from 1, so that each is found again.
func (p problem) weights() Weights {
	w := Weights{Groups: p.groups, In: p.in, Out: p.out, Y: polyphase.Transposed(p.y), X: p.layout.Frame(p.x), KernelY: p.y.Kernel, KernelX: p.x.Kernel}
	w.Data = make([]float32, p.groups*p.in*p.out*p.y.Kernel*p.x.Kernel)
	for i := range w.Data {
		w.Data[i] = float32(i + 1)
	}
	return w
}

// terms are the panel's terms in the order that Offset counts them.
func (p problem) terms(x polyphase.Axis) (all []Term) {
	for _, s := range p.layout.Sections(x) {
		all = append(all, s...)
	}
	return all
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
	terms := p.terms(w.X)
	for g := range p.groups {
		for oc := range p.out {
			block, channel := oc/p.layout.Channels, oc%p.layout.Channels
			for r, phase := range w.Y.Phases {
				for ic := range p.in {
					for tap, ty := range phase.Taps {
						panel := packed.At(g, block, r) + (ic*len(phase.Taps)+tap)*packed.Panel
						for n, tx := range terms {
							i := (((g*p.in+ic)*p.out+oc)*p.y.Kernel+ty.Kernel[0])*p.x.Kernel + tx.Kernel
							f(panel+p.layout.Offset(w.X, n, channel), w.Data[i])
						}
					}
				}
			}
		}
	}
}

// TestLenCountsWholeBlocks: groups, blocks, y taps of all phases, input channels
// and panels.
func TestLenCountsWholeBlocks(t *testing.T) {
	for _, p := range problems(60) {
		w := p.weights()
		packed := p.layout.Plan(w)
		blocks := (p.out + p.layout.Channels - 1) / p.layout.Channels
		want := p.groups * blocks * p.y.Kernel * p.in * packed.Panel // each y kernel element is a tap of one phase
		if packed.Blocks != blocks || packed.Len(p.groups) != want {
			t.Fatalf("%v: %d blocks, %d values; want %d, %d", p, packed.Blocks, packed.Len(p.groups), blocks, want)
		}
		if packed.Panel != p.layout.Panel(w.X) || packed.Panel < p.x.Kernel*p.layout.Channels {
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
		x := p.layout.Frame(p.x)
		seen := map[Term]bool{}
		for i, section := range p.layout.Sections(x) {
			for j, term := range section {
				if term.Phase/p.layout.Section != i {
					t.Fatalf("%v: phase %d in section %d", p, term.Phase, i)
				}
				if j > 0 && !(section[j-1].Delta < term.Delta || section[j-1].Delta == term.Delta && section[j-1].Phase < term.Phase) {
					t.Fatalf("%v: %+v after %+v", p, term, section[j-1])
				}
				seen[term] = true
			}
		}
		n := 0
		for _, phase := range x.Phases {
			for _, tap := range phase.Taps {
				n++
				if !seen[Term{phase.Offset, tap.Delta, tap.Kernel[0]}] {
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
		x := p.layout.Frame(p.x)
		taken := map[int]bool{}
		for n := range p.terms(x) {
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
// phases of a tap lie side by side; with the planar order those of neighbouring
// channels of a term.
func TestPhasesAreNeighbours(t *testing.T) {
	for _, p := range problems(150) {
		x := p.layout.Frame(p.x)
		for n := range p.terms(x) {
			at := p.layout.Offset(x, n, 0)
			switch {
			case p.layout.Order == Planar && p.layout.Channels > 1 && p.layout.Offset(x, n, 1) != at+1:
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
	if got, want := (Layout{Order: Planar}).Frame(g).String(), polyphase.Transposed(g).String(); got != want {
		t.Errorf("planar frame:\n%swant\n%s", got, want)
	}
	frame := Layout{Order: Phases}.Frame(g)
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
