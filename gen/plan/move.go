package plan

import (
	"fmt"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// Move is the schedule of one kernel that moves values on one target: a vector runs
// along x of the coarse array, where that has one element for each block, and the x
// phases of a block are interleaved in registers.
type Move struct {
	Target  Target
	Op      specs.Op // what goes where
	Y, X    int      // elements of a block of the fine array
	Pixels  bool     // channels lie together: a vector runs along those of the fine array
	Runs    bool     // pixels of a row of a block lie together in a coarse pixel: they are runs
	Abreast int      // inputs whose blocks are made together, without vectors; 0: rows of blocks one after the other
	Run     int      // values that are moved as a whole: a pixel, or one of those runs; 0: vectors
}

// MoveFor decides how target moves the values of the layer. The error says why the
// target has no kernel for it; the layer then runs on the generic path.
func MoveFor(l specs.Layer, t Target) (Move, error) {
	b, err := polyphase.BlocksOf(&l)
	switch {
	case err != nil:
		return Move{}, err
	case l.Layout != specs.NCHW && l.Op.KeepsChannels():
		return runsFor(l, t, b)
	case l.Layout != specs.NCHW && !deals(l):
		return dealsRuns(l, t, b)
	case l.Layout != specs.NCHW && t.Lanes > 1 && b.Y*b.X > t.Registers/2+1:
		return Move{}, fmt.Errorf("%d parts of a pixel are more than registers hold while they are permuted", b.Y*b.X)
	case b.Y > maxInterleave || b.X > maxInterleave:
		return Move{}, fmt.Errorf("a scale of %d is above %d", max(b.Y, b.X), maxInterleave)
	}
	m := Move{Target: t, Op: l.Op, Y: b.Y, X: b.X, Pixels: l.Layout == specs.NHWC}
	if t.Lanes == 1 && !m.Pixels {
		m.Abreast = storedAbreast / m.X
	}
	return m, nil
}

// storedAbreast are the neighbouring values of a row of blocks that code without vectors
// stores before it goes to the next row: stores to one cache line after the other are joined on
// their way to it. With 8 values, two blocks of 4, nearest took twice as long. For as many
// pixel_unshuffle reads a row, and stores an X-th of them to each channel.
const storedAbreast = 32

// deals reports whether neighbouring channels of a pixel go to different pixels.
func deals(l specs.Layer) bool {
	return (l.Op == specs.PixelShuffle || l.Op == specs.PixelUnshuffle) && l.Order != specs.DCR
}

// moveTexts say what happens to a block.
var moveTexts = map[specs.Op]string{
	specs.Nearest:        "each input repeated in a block",
	specs.BedOfNails:     "each input before the zeros of a block",
	specs.PixelShuffle:   "the channels of an input made a block",
	specs.PixelUnshuffle: "each block made the channels of an output",
}

// String prints the plan on one line.
func (m Move) String() string {
	along := "x"
	switch {
	case m.Run > 0:
		along = "nothing, " + runText(m.Run)
	case m.Abreast > 0:
		along = fmt.Sprintf("nothing, tile %d inputs", m.Abreast)
	case m.Target.Lanes == 1:
		along = "nothing"
	case m.Runs:
		along = "pixels of a row of a block"
	case m.Pixels:
		along = "channels"
	}
	return fmt.Sprintf("%s: lanes %d along %s, %s of %d x %d, bits kept", m.Target.Name, m.Target.Lanes, along, moveTexts[m.Op], m.Y, m.X)
}

// Why says in a few words what led to the plan.
func (m Move) Why() string {
	switch {
	case m.Run > 0:
		return whyRuns
	case m.Abreast > 0 && m.Op == specs.PixelUnshuffle:
		return "no vectors: several blocks are taken apart together, channel by channel"
	case m.Abreast > 0:
		return "no vectors: the blocks of several inputs are made together, so that one cache line is stored after the other"
	case m.Target.Lanes == 1:
		return "no vectors: values go through registers one at a time"
	case m.Runs:
		return "nothing is computed: pixels of a row of a block lie together on both sides, and are copied as one"
	case m.Pixels:
		return "nothing is computed: the parts of a pixel are parted or joined in registers, and every vector is read and written once"
	case m.X == 1:
		return "rows keep their order: whole vectors are copied"
	case m.Op == specs.PixelUnshuffle:
		return "nothing is computed: vectors of a row are taken apart in registers, and every row is read once"
	default:
		return "nothing is computed: x phases are interleaved in registers, and every row is written once"
	}
}

// Widths are the numbers of coarse columns of the tiles that fill a row, widest first.
func (m Move) Widths() []int {
	if m.Abreast > 0 {
		return []int{m.Abreast, 1}
	}
	return []int{m.Target.Lanes}
}
