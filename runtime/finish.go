package runtime

import "github.com/upconv/upconv/internal/polyphase"

// packSlopes repeats slopes for each output of folded channels, which may be those of
// several of the layer's or a part of one's.
func (t *tiled) packSlopes(slopes []float32) []float32 {
	if len(slopes) == 0 {
		return nil
	}
	all := make([]float32, t.groups*t.out*t.slopesEach())
	each := len(all) / len(slopes)
	for i, v := range slopes {
		fill(all[i*each:(i+1)*each], v)
	}
	return all
}

// slopesEach is the number of slopes of a channel.
func (t *tiled) slopesEach() int { return max(1, t.kernel.Tile.Fold) }

// finishElements bounds the outputs of a piece, to stay in the first level cache.
const finishElements = 8 << 10

// pieceRows is the number of the part's rows q that are finished together.
func (t *tiled) pieceRows(p *part) int {
	if t.finish == nil {
		return p.rowEnd - p.row
	}
	return max(1, finishElements/t.outputsOf(1, p.cols))
}

// outputRows are rows of a block's outputs: step apart in a plane, from place to place
// within each.
type outputRows struct {
	first, channels int // channels of the layer
	row, step, rows int
	from, to        int // places
}

// finishRows finishes the outputs that the part's rows q of some y phases of a block
// are, once each.
func (t *tiled) finishRows(c *call, p *part, block int, phases []polyphase.Phase) {
	m, stride := t.kernel.Pack.Channels, t.y.OutStride
	o := outputRows{first: p.group*t.out + block*m, channels: min(m, t.out-block*m), step: 1, row: p.row * stride}
	o.from, o.to = t.outputs(c, p)
	if len(phases) == stride { // one row after the other
		o.rows = min(p.rowEnd*stride, c.ext[1].Out) - o.row
		t.finishOutputs(c, p.image, o)
		return
	}
	o.step = stride
	for _, phase := range phases {
		o.row = p.row*stride + phase.Offset
		o.rows = min(p.rowEnd, count(c.ext[1].Out, phase.Offset, stride)) - p.row
		t.finishOutputs(c, p.image, o)
	}
}

func (t *tiled) finishOutputs(c *call, image int, o outputRows) {
	d := c.split.dst
	at, width := t.outputAt(c, image)+o.first*d.channel+o.row*d.row+o.from*d.col, o.to-o.from
	if o.rows <= 0 || width <= 0 {
		return
	}
	if o.step == 1 && width == c.ext[2].Out { // rows without gaps are one
		o.rows, width = 1, o.rows*width
	}
	if d.col > 1 {
		t.finishPixels(c, at, o, width)
		return
	}
	for i := range o.channels {
		t.finishAt(c, at+i*d.channel, o.first+i, 1, o.rows, width, o.step*d.row)
	}
}

// finishPixels finishes width places of each row, whose channels lie together.
func (t *tiled) finishPixels(c *call, at int, o outputRows, width int) {
	d := c.split.dst
	for r := range o.rows {
		from := at + r*o.step*d.row
		if o.channels == d.col && !t.finish.PerChannel() {
			t.finishAt(c, from, o.first, o.channels, 1, width*d.col, 0)
		} else {
			t.finishAt(c, from, o.first, o.channels, width, o.channels, d.col)
		}
	}
}

// finishAt finishes rows of width elements of dst, row apart, which have so many
// channels.
func (t *tiled) finishAt(c *call, at, channel, channels, rows, width, row int) {
	var residual, slopes []float32
	if t.spec.Add {
		residual = c.residual[at:]
	}
	if t.slopes != nil {
		n := t.slopesEach()
		slopes = t.slopes[channel*n:][:channels*n]
	}
	t.finish.Rows(c.dst[at:], residual, slopes, rows, width, row)
}
