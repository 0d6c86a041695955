package runtime

import (
	"math"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// What kernels of LinearFunc need that move values and weigh nothing.

// moves reports whether outputs are inputs or 0.
func (l *linear) moves() bool { return l.spec.Op != specs.Bilinear }

// elements reports whether pixels are moved that are no longer than a vector: a row of
// them is one of single elements.
func (l *linear) elements() bool {
	return l.moves() && l.spec.Layout == specs.NHWC && l.kernel.Tile.Lanes > 1 && l.spec.InChannels <= l.kernel.Tile.Lanes
}

// wholeGroups reports whether calls are about all rows of a group: those of blocks, whose
// number a kernel may know.
func (l *linear) wholeGroups() bool {
	_, err := polyphase.BlocksOf(&l.spec)
	return err == nil && (l.spec.Layout == specs.NHWC || l.spec.Op == specs.BedOfNails)
}

// spread makes the map along x one of the elements of pixels of so many channels.
func (m *maps) spread(channels int) {
	m.spreads = room(m.spreads, channels*len(m.lerps[2]))
	for o, x := range m.lerps[2] {
		for ch := range channels {
			at := x.first*channels + ch
			m.spreads[o*channels+ch] = lerp{first: at, second: at, keep: x.keep, add: x.add}
		}
	}
}

// nail works out the maps of a bed_of_nails for other sizes than before; it reports
// whether there are any. Zeros lie after their input, as if they were weighed.
func (m *maps) nail(e extents) bool {
	if m.of == e {
		return false
	}
	m.of = e
	for axis, e := range e {
		m.lerps[axis] = room(m.lerps[axis], e.Out)
		for o := range m.lerps[axis] {
			at := o / e.Scale
			m.lerps[axis][o] = lerp{first: at, second: at, keep: 1}
			if o%e.Scale > 0 {
				m.lerps[axis][o].add = 1
			}
		}
	}
	return true
}

// keepBits makes the weights of a bed_of_nails the bits that outputs keep of inputs.
// Entries are for so many columns.
func (m *linearMap) keepBits(columns int) {
	first := columns // after the places
	if m.record == 2 {
		first = 0
	}
	for at := first; at < len(m.table); at += m.record {
		for i := range columns {
			bits := ^uint32(0)
			if m.table[at+columns+i] > 0 {
				bits = 0
			}
			m.table[at+i] = math.Float32frombits(bits)
		}
	}
}
