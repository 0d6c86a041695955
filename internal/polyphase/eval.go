package polyphase

// Eval is the meaning of an axis: out[o] is the sum over the taps of o's phase
// that lie inside the input, of in[InStride*q+Delta] * sum(w[Kernel...]).
func Eval[T ~int | ~int64 | ~float64](a Axis, in, w []T) []T {
	out := make([]T, max(0, a.Out(len(in))))
	for o := range out {
		for i, k := range a.Terms(o, len(in)) {
			out[o] += in[i] * w[k]
		}
	}
	return out
}

// Terms yields the (input, kernel) index pairs that reach output o of an input
// of in elements, by ascending input index.
func (a Axis) Terms(o, in int) func(yield func(i, k int) bool) {
	return func(yield func(i, k int) bool) {
		r, q := a.Position(o)
		p := a.Phases[r]
		from, to := p.Valid(q, in, a.InStride)
		for _, t := range p.Taps[from:to] {
			for _, k := range t.Kernel {
				if !yield(a.InStride*q+t.Delta, k) {
					return
				}
			}
		}
	}
}
