package plan

import (
	"errors"
	"fmt"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// Without vectors pixels are moved as runs of known length: the compiler makes the widest
// moves of one that there are, and no calls.

// maxRun is the number of channels up to which that is faster than calls that copy, and
// zeros than clearing whole rows.
var maxRun = map[specs.Op]int{specs.Nearest: 64, specs.BedOfNails: 16}

// maxBlock is the number of pixels of a block, each of which has an instruction.
const maxBlock = 256

// runsFor decides how a target without vectors repeats pixels of known size, or puts them
// between zeros, in blocks. Others take a table of places.
func runsFor(l specs.Layer, t Target, b polyphase.Blocks) (Move, error) {
	if t.Lanes > 1 {
		return Move{}, errors.New("pixels are moved by a table")
	}
	if err := fitsRun(l, t); err != nil {
		return Move{}, err
	}
	if b.Y*b.X > maxBlock {
		return Move{}, errors.New("blocks of so many pixels take a table")
	}
	return Move{Target: t, Op: l.Op, Y: b.Y, X: b.X, Pixels: true, Run: l.InChannels}, nil
}

// fitsRun says why a target has no kernel that moves the pixels of a layer.
func fitsRun(l specs.Layer, t Target) error {
	switch {
	case t.Lanes > 1:
		return nil
	case l.InChannels == 0:
		return errors.New("without vectors, and with any number of channels, pixels are copied as the generic path does")
	case l.InChannels == 1 && l.Op == specs.Nearest:
		return errors.New("without vectors, pixels of one channel are repeated as fast by the generic path")
	case l.InChannels > maxRun[l.Op]:
		return fmt.Errorf("without vectors, pixels of more than %d channels are copied as fast by the generic path", maxRun[l.Op])
	}
	return nil
}

// maxRuns is the number of values of a row of a block up to which moves without a call
// are faster.
const maxRuns = 64

// dealsRuns decides how a shuffle moves the pixels of a row of a block, which lie together
// in a coarse pixel, too.
func dealsRuns(l specs.Layer, t Target, b polyphase.Blocks) (Move, error) {
	m, run := Move{Target: t, Op: l.Op, Y: b.Y, X: b.X, Pixels: true, Runs: true}, b.X*min(l.InChannels, l.OutChannels)
	switch {
	case b.Y > maxInterleave:
		return Move{}, fmt.Errorf("a scale of %d is above %d", b.Y, maxInterleave)
	case t.Lanes > 1 && run > 0 && run < t.Lanes:
		return Move{}, fmt.Errorf("the %d values of a row of a block do not fill a vector of %d", run, t.Lanes)
	case t.Lanes > 1:
		return m, nil
	case run == 0:
		return Move{}, errors.New("without vectors, and with any number of channels, pixels are copied as the generic path does")
	case run > maxRuns:
		return Move{}, fmt.Errorf("without vectors, runs of more than %d values are copied as fast by the generic path", maxRuns)
	}
	m.Run = run
	return m, nil
}

// runText says how long runs are.
func runText(n int) string { return fmt.Sprintf("runs of %d values", n) }

// whyRuns is what led to them.
const whyRuns = "no vectors: pixels of known size are moved as a whole, without a call for each"
