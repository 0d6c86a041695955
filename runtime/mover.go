package runtime

import (
	"fmt"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/internal/witness"
	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/specs"
)

// mover runs a generated kernel that moves values. Work is a grid of (image and
// channel, strip of coarse rows, part of their columns). The planes of ops that keep
// their channels follow each other like rows of one plane.
type mover struct {
	spec     specs.Layer
	kernel   Kernel
	block    polyphase.Blocks
	back     bool // from blocks to single elements
	planes   int  // channels of the coarse array that a block is made of
	channels int  // of the array that has blocks
	mover    move.Mover
}

func newMover(l specs.Layer, k Kernel) engine {
	b, err := polyphase.BlocksOf(&l)
	if err != nil {
		panic(fmt.Sprintf("runtime: kernel %s was chosen for %s: %v", k.Name, l.Canonical(), err))
	}
	m := &mover{spec: l, kernel: k, block: b, back: l.Op == specs.PixelUnshuffle, planes: 1, channels: min(l.InChannels, l.OutChannels), mover: move.For(k.ISA)}
	if !l.Op.KeepsChannels() {
		m.planes = b.Y * b.X
	}
	return m
}

// moves is how the work of one call is divided.
type moves struct {
	rows, cols   int // of a coarse plane
	strip, width int // rows and columns of a task
	strips       int // of a plane
	across       int // parts of a row
}

func (m *mover) tasks(c *call) {
	y, x := &c.ext[1], &c.ext[2]
	s := moves{rows: min(y.In, y.Out), cols: min(x.In, x.Out)}
	if m.spec.Layout == specs.NHWC {
		s.width = min(s.cols, max(1, moveWork/(m.block.Y*m.block.X*m.channels)))
		s.across = (s.cols + s.width - 1) / s.width
		c.moves, c.halo, c.out, c.past = s, 0, 0, false
		c.count = c.batch * s.rows * s.across
		return
	}
	outer := c.batch * m.channels
	if m.planes == 1 {
		s.rows, outer = outer*s.rows, 1
	}
	lanes := m.kernel.Tile.Lanes
	perRow := m.block.Y * m.block.X
	s.width = min(s.cols, max(1, moveWork/(perRow*lanes))*lanes)
	s.across = (s.cols + s.width - 1) / s.width
	s.strip = min(s.rows, max(1, moveWork/(perRow*s.width)))
	if c.n > 1 {
		have := outer * s.across
		strips := max(1, (tasksEach*c.n+have-1)/have)
		s.strip = min(s.strip, (s.rows+strips-1)/strips)
	}
	s.strips = (s.rows + s.strip - 1) / s.strip
	c.moves, c.halo = s, 0
	c.stage(perRow*s.width, s.across == 1 && !m.back)
	c.count = outer * s.strips * s.across
}

func (m *mover) run(c *call, w *worker, task int) {
	if m.spec.Layout == specs.NHWC {
		m.pixels(c, task)
		return
	}
	s := &c.moves
	across, task := task%s.across, task/s.across
	strip, outer := task%s.strips, task/s.strips
	row, col := strip*s.strip, across*s.width
	rows, cols := min(s.strip, s.rows-row), min(s.width, s.cols-col)
	first, plane := m.channel(outer), m.apart()*s.rows*s.cols
	fineRow := m.block.X * s.cols
	fine := ((outer*s.rows+row)*m.block.Y)*fineRow + col*m.block.X
	coarse := (first*s.rows+row)*s.cols + col
	width := cols * m.block.X
	fineEnd := fine + (rows*m.block.Y-1)*fineRow + width
	coarseEnd := coarse + (m.planes-1)*plane + (rows-1)*s.cols + cols
	if witness.Enabled {
		from, to := witness.Span{Planes: m.planes, Plane: plane, Rows: rows, Step: s.cols, Width: cols}, witness.Span{Planes: 1, Rows: rows * m.block.Y, Step: fineRow, Width: width}
		if m.back {
			witness.ReadsSpan(c.src[fine:fineEnd], to)
			witness.WritesSpan(c.dst[coarse:coarseEnd], from)
		} else {
			witness.ReadsSpan(c.src[coarse:coarseEnd], from)
			witness.WritesSpan(c.dst[fine:fineEnd], to)
		}
	}
	if m.back {
		m.kernel.Move(c.dst[coarse:coarseEnd], c.src[fine:fineEnd], rows, cols, width, s.cols, fineRow, plane)
		return
	}
	expand := func(out []float32, first, n int) {
		src := c.src[coarse+first*s.cols:][:(m.planes-1)*plane+(n-1)*s.cols+cols]
		m.kernel.Move(out, src, n, cols, width, fineRow, s.cols, plane)
	}
	if c.past {
		w.stream(m.mover, c.dst[fine:fineEnd], rows, expand)
		return
	}
	expand(c.dst[fine:fineEnd], 0, rows)
}

// pixels makes the blocks of a part of a row of coarse pixels, whose channels lie
// together.
func (m *mover) pixels(c *call, task int) {
	s := &c.moves
	row, col := task/s.across, task%s.across*s.width
	n, block, cols := m.channels, m.planes, min(s.width, s.cols-col)
	line := s.cols * m.block.X * n // of fine pixels
	fine, coarse := row*m.block.Y*line+col*m.block.X*n, (row*s.cols+col)*block*n
	fineEnd, coarseEnd := fine+(m.block.Y-1)*line+cols*m.block.X*n, coarse+cols*block*n
	run := n
	if m.spec.Order == specs.DCR {
		run = m.block.X * n
	}
	if m.back {
		m.kernel.Move(c.dst[coarse:coarseEnd], c.src[fine:fineEnd], cols, run, block*n, block*n, m.block.X*n, line)
		return
	}
	m.kernel.Move(c.dst[fine:fineEnd], c.src[coarse:coarseEnd], cols, run, block*n, m.block.X*n, block*n, line)
}

// channel is the first of the coarse channels, counted over all images, that make
// the blocks of a plane.
func (m *mover) channel(outer int) int {
	if m.spec.Order == specs.DCR {
		return outer/m.channels*m.channels*m.planes + outer%m.channels
	}
	return outer * m.planes
}

// apart is the number of channels from one of a block to the next.
func (m *mover) apart() int {
	if m.spec.Order == specs.DCR {
		return m.channels
	}
	return 1
}
