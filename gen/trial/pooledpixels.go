package trial

import "math"

// What a call of a max_unpool of pixels has to leave in dst; col counts the channels of
// all pixels of a row.

// lanesOf are the lanes of the vectors of a pixel that hold a channel: its last vector
// ends with it.
func (p pooling) lanesOf(channel int) (list []int) {
	lanes, channels := p.plan.Target.Lanes, p.a[poolCols]
	whole := channels / lanes * lanes
	if channel < whole {
		list = append(list, channel)
	}
	if channels > whole && channel >= channels-lanes {
		list = append(list, whole+channel-(channels-lanes))
	}
	return list
}

// numberChannel is that of the pixel of its own block, or of the element, that the low half
// of an index leads to.
func (p pooling) numberChannel(row, col int) {
	block, lanes, pixel, channel := p.plan.Blocks, p.plan.Target.Lanes, col/p.a[poolCols], col%p.a[poolCols]
	at, n, high := row*p.a[poolSrcRow]+col, 0, uint32(0)
	if p.a[poolWide] > 0 {
		at += col
		high = math.Float32bits(p.src[at+1])
	}
	for i := range block.Y * block.X {
		own := p.a[poolFirst] + (row*block.Y+i/block.X)*p.a[poolLine] + (pixel*block.X+i%block.X)*p.a[poolSrcTap]
		if p.a[poolAidRow] != 0 {
			own += channel
		}
		if math.Float32bits(p.src[at]) == uint32(own) {
			n = i + 1
		}
	}
	numbers := p.dst[lanes+row*p.a[poolDstRow]+pixel*p.numbers(p.a[poolCols]):]
	for _, lane := range p.lanesOf(channel) {
		p.lead(lane%lanes, n, high)
		setByte(numbers, lane, uint32(n))
	}
}

// putChannel fills a channel of the pixels of a block: its input where the number says, 0
// elsewhere.
func (p pooling) putChannel(row, col int) {
	block, pixel, channel := p.plan.Blocks, col/p.a[poolCols], col%p.a[poolCols]
	numbers := p.aid[row*p.a[poolAidRow]+pixel*p.numbers(p.a[poolCols]):]
	n, x := byteOf(numbers, p.lanesOf(channel)[0]), p.src[row*p.a[poolSrcRow]+col]
	for i := range block.Y * block.X {
		at := &p.dst[(row*block.Y+i/block.X)*p.a[poolDstRow]+(pixel*block.X+i%block.X)*p.a[poolCols]+channel]
		if *at = 0; uint32(i+1) == n {
			*at = x
		}
	}
}

// shareNumbers gives a channel that two vectors of a pixel hold one number.
func (c PoolContract) shareNumbers(aid []float32, a []int) {
	for row := range a[poolRows] {
		for pixel := range a[poolTaps] {
			numbers := aid[row*a[poolAidRow]+pixel*c.numbers(a[poolCols]):]
			for channel := range a[poolCols] {
				lanes := pooling{PoolContract: c, a: a}.lanesOf(channel)
				setByte(numbers, lanes[len(lanes)-1], byteOf(numbers, lanes[0]))
			}
		}
	}
}

// byteOf is byte i of the elements of a list.
func byteOf(list []float32, i int) uint32 {
	return math.Float32bits(list[i/4]) >> (8 * (i % 4)) & 0xff
}

// setByte changes it.
func setByte(list []float32, i int, v uint32) {
	shift := 8 * (i % 4)
	list[i/4] = math.Float32frombits(math.Float32bits(list[i/4])&^(0xff<<shift) | v<<shift)
}
