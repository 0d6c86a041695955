package runtime

import (
	"github.com/upconv/upconv/runtime/move"
	"github.com/upconv/upconv/specs"
)

// shuffle turns the channels of a coarse array into the blocks of pixels of a fine
// one, or back.
type shuffle struct {
	spec     specs.Layer
	channels int                // of the fine array
	scale    [specs.MaxRank]int // z, y, x
	block    int
	back     bool // from fine to coarse
}

func newShuffle(l specs.Layer, _ parameters) engine {
	s := &shuffle{spec: l, scale: [specs.MaxRank]int{1, 1, 1}, block: 1, back: l.Op == specs.PixelUnshuffle}
	for i, a := range l.Spatial() {
		s.scale[specs.MaxRank-l.Rank+i] = a.Scale
		s.block *= a.Scale
	}
	s.channels = min(l.InChannels, l.OutChannels)
	return s
}

// sizes are those of the fine array.
func (s *shuffle) sizes(c *call) (size [specs.MaxRank]int) {
	for i, e := range c.ext {
		size[i] = max(e.In, e.Out)
	}
	return size
}

// tasks makes one task of each row of the fine array, of one channel or of all.
func (s *shuffle) tasks(c *call) {
	size := s.sizes(c)
	c.count = c.batch * size[0] * size[1]
	if s.spec.Layout == specs.NCHW {
		c.count *= s.channels
	}
	c.halo, c.out = 0, 0
}

func (s *shuffle) run(c *call, _ *worker, task int) {
	fine, coarse := c.dst, c.src
	if s.back {
		fine, coarse = c.src, c.dst
	}
	size := s.sizes(c)
	y, z, plane := task%size[1], task/size[1]%size[0], task/size[1]/size[0]
	from := position{z / s.scale[0], y / s.scale[1], (z%s.scale[0]*s.scale[1] + y%s.scale[1]) * s.scale[2]}
	rows, cols, width := size[0]/s.scale[0], size[1]/s.scale[1], size[2]/s.scale[2]
	if s.spec.Layout == specs.NHWC {
		row := fine[task*size[2]*s.channels:][:size[2]*s.channels]
		s.pixels(row, coarse[((plane*rows+from.z)*cols+from.y)*width*s.channels*s.block:], width, from.part)
		return
	}
	row := fine[task*size[2]:][:size[2]]
	n, oc := plane/s.channels, plane%s.channels
	for part := range s.scale[2] {
		channel := n*s.channels*s.block + s.channel(oc, from.part+part)
		s.line(row[part:], coarse[((channel*rows+from.z)*cols+from.y)*width:][:width])
	}
}

// position is a row of the coarse array, and the first part of the block that a row
// of the fine one takes from it.
type position struct{ z, y, part int }

// channel is the channel of the coarse array that is pixel part of the blocks of
// fine channel oc.
func (s *shuffle) channel(oc, part int) int {
	if s.spec.Order == specs.DCR {
		return part*s.channels + oc
	}
	return oc*s.block + part
}

// line moves one row of a coarse channel to every scale-th element of a fine row.
func (s *shuffle) line(fine, coarse []float32) {
	at := 0
	for i := range coarse {
		if s.back {
			coarse[i] = fine[at]
		} else {
			fine[at] = coarse[i]
		}
		at += s.scale[2]
	}
}

// pixels moves one row of pixels; width counts the coarse ones.
func (s *shuffle) pixels(fine, coarse []float32, width, part int) {
	n, all := s.channels*s.scale[2], s.channels*s.block
	for i := range width {
		s.pixel(fine[i*n:][:n], coarse[i*all:][:all], part)
	}
}

// pixel moves some parts of a coarse pixel. With DCR they lie together.
func (s *shuffle) pixel(fine, coarse []float32, part int) {
	if s.spec.Order == specs.DCR {
		coarse = coarse[part*s.channels:][:len(fine)]
		if s.back {
			fine, coarse = coarse, fine
		}
		move.Copy(fine, coarse)
		return
	}
	at := 0
	for x := range s.scale[2] {
		for oc := range s.channels {
			if from := s.channel(oc, part+x); s.back {
				coarse[from] = fine[at]
			} else {
				fine[at] = coarse[from]
			}
			at++
		}
	}
}
