package kerneltest

import "fmt"

// Agree runs two paths that promise the same bits, such as AVX2 and AVX-512, on one
// case and compares all outputs bit for bit. Zeros may differ in sign. The error
// names the case, the kind of data and the first output that differs.
func Agree(a, b Target, c Case, seed uint64) (Report, error) {
	p, err := newProblem(c.Layer, c.Shape)
	if err != nil {
		return Report{}, fmt.Errorf("%v: %w", c, err)
	}
	r := Report{Cases: 1}
	for _, kind := range []Kind{Normal, Special} {
		n, err := agreeOn(a, b, p, c, p.data(kind, seed))
		if err != nil {
			return r, fmt.Errorf("%v: %s: %w", c, kind, err)
		}
		r.Outputs += n
	}
	return r, nil
}

// agreeOn compares on the same data; n is the number of outputs.
func agreeOn(a, b Target, p *problem, c Case, d *Data) (n int, err error) {
	setup := Setup{Tail, 1}
	first, _, err := a.forward(p, c, d, setup)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", a.Name, err)
	}
	second, _, err := b.forward(p, c, d, setup)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", b.Name, err)
	}
	for i, v := range first {
		if v == second[i] { // also zeros of either sign
			continue
		}
		if differ(first[i:i+1], second[i:i+1]) == 0 {
			return 0, fmt.Errorf("%s is %v with %s, %v with %s", p.name(p.locate(i)), v, a.Name, second[i], b.Name)
		}
	}
	return len(first), nil
}
