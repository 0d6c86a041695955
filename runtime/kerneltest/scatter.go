package kerneltest

// adder takes one input element's row of stamps: x times w[s.kernel] is added to
// output base+s.out, for every s of row.
type adder interface {
	add(base int, row []stamp, w []float32, x float32)
}

// scatter stamps all input elements that reach one output plane (n*C_out + c):
// input channels ascending, then z, y, x ascending. So every output receives
// its terms in the documented order.
func (p *problem) scatter(plane int, src, weights []float32, to adder) {
	n, oc := plane/p.layer.OutChannels, plane%p.layer.OutChannels
	group := oc / p.groupOut
	for i := range p.groupIn {
		ic := group*p.groupIn + i
		in := p.input(src, n, ic)
		w := weights[p.kernelAt(ic, oc):][:p.kernelPlane]
		p.stampPlane(in, w, to)
	}
}

// stampPlane stamps one input plane with one kernel.
func (p *problem) stampPlane(in view, w []float32, to adder) {
	z, y, x := &p.axes[0], &p.axes[1], &p.axes[2]
	for iz := range z.in {
		for iy := range y.in {
			for ix := range x.in {
				v := in.data[((iz*y.in+iy)*x.in+ix)*in.step]
				p.stampKernel(z.stamps[iz], y.stamps[iy], x.stamps[ix], w, v, to)
			}
		}
	}
}

// stampKernel stamps one input element v.
func (p *problem) stampKernel(sz, sy, sx []stamp, w []float32, v float32, to adder) {
	y, x := &p.axes[1], &p.axes[2]
	for _, kz := range sz {
		for _, ky := range sy {
			row := w[(kz.kernel*y.kernel+ky.kernel)*x.kernel:][:x.kernel]
			to.add((kz.out*y.out+ky.out)*x.out, sx, row, v)
		}
	}
}
