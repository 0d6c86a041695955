package picture

// Resample returns the picture at another size, each pixel being the mean of
// the area it covers. Enlarging by a whole number therefore repeats pixels
// exactly, and shrinking does not alias.
func (p *Picture) Resample(width, height int) *Picture {
	if width == p.Width && height == p.Height {
		return p
	}
	columns, rows := areas(p.Width, width), areas(p.Height, height)
	q := New(width, height)
	narrow := make([]float32, p.Height*width)
	for c := range Channels {
		from, to := p.Plane(c), q.Plane(c)
		for y := range p.Height {
			for x, a := range columns {
				narrow[y*width+x] = a.mean(from[y*p.Width:], 1)
			}
		}
		for y, a := range rows {
			for x := range width {
				to[y*width+x] = a.mean(narrow[x:], width)
			}
		}
	}
	return q
}

// area is the stretch of source elements that one target element covers:
// element first+i counts with weight[i], and the weights add up to 1.
type area struct {
	first  int
	weight []float32
}

// areas maps an axis of in elements onto one of out elements.
func areas(in, out int) []area {
	list := make([]area, out)
	for o := range list {
		from, to := o*in, (o+1)*in // in units of 1/out source elements
		a := area{first: from / out}
		for i := a.first; i*out < to; i++ {
			covered := min(to, (i+1)*out) - max(from, i*out)
			a.weight = append(a.weight, float32(covered)/float32(in))
		}
		list[o] = a
	}
	return list
}

// mean is the weighted mean of source elements step apart.
func (a area) mean(source []float32, step int) float32 {
	if len(a.weight) == 1 {
		return source[a.first*step]
	}
	var sum float32
	for i, w := range a.weight {
		sum += float32(w * source[(a.first+i)*step])
	}
	return sum
}

// FitInside is the largest size of the picture's proportions inside a box, at
// least 1 x 1. Where the box holds the picture at least once, the factor is a
// whole number, so that every pixel is shown at the same size.
func (p *Picture) FitInside(width, height int) (w, h int) {
	if k := min(width/p.Width, height/p.Height); k >= 1 {
		return k * p.Width, k * p.Height
	}
	if p.Width*height > p.Height*width {
		return width, max(1, p.Height*width/p.Width)
	}
	return max(1, p.Width*height/p.Height), height
}
