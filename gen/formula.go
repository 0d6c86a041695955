package gen

import (
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/runtime/activate"
)

// formula collects the operations of a function. Register zero holds 0.
type formula struct {
	nodes []nest.Node
	held  int // 1 + the constant that register k holds; 0: none
}

func (f *formula) set(dst, a string, op nest.Operator, b string) {
	f.nodes = append(f.nodes, nest.Compute{Dst: dst, Op: op, A: a, B: b})
}

// with is set with a constant of package activate in place of b.
func (f *formula) with(dst, a string, op nest.Operator, constant int) {
	if f.held != constant+1 {
		f.fill("k", constant)
	}
	f.set(dst, a, op, "k")
}

// fill sets all lanes to a constant.
func (f *formula) fill(dst string, constant int) {
	f.nodes = append(f.nodes, parameter(dst, constant))
	if dst == "k" {
		f.held = constant + 1
	}
}

func (f *formula) choose(dst, a, b, then string) {
	f.nodes = append(f.nodes, nest.Choose{Dst: dst, A: a, B: b, Then: then})
}

// clampFormula keeps NaN, which Max and Min return as they do x.
func clampFormula(f *formula, x string) {
	f.set(x, "lo", nest.Max, x)
	f.set(x, "hi", nest.Min, x)
}

// scaleFormula multiplies what is negative with the slope.
func scaleFormula(f *formula, x string) {
	f.set("y", "slope", nest.Mul, x)
	f.choose(x, x, "zero", "y")
}

// polynomial is Horner's rule, from the constant first up to end.
func (f *formula) polynomial(dst, x string, first, end int) {
	f.fill(dst, first)
	for c := first + 1; c < end; c++ {
		f.set(dst, dst, nest.Mul, x)
		f.with(dst, dst, nest.Add, c)
	}
}

// exp sets e to exp(x) for x <= 0, with the operations of activate; 2^n is in two
// factors, as there, which are made from whole numbers that are floats.
func (f *formula) exp(x string) {
	f.with("n", x, nest.Mul, activate.Log2E)
	f.with("n", "n", nest.Add, activate.Round)
	f.with("n", "n", nest.Sub, activate.Round)
	f.with("t", "n", nest.Mul, activate.Ln2High)
	f.set("r", x, nest.Sub, "t")
	f.with("t", "n", nest.Mul, activate.Ln2Low)
	f.set("r", "r", nest.Sub, "t")
	f.polynomial("e", "r", activate.ExpPolynomial, activate.ExpEnd)
	f.set("t", "r", nest.Mul, "r")
	f.set("e", "e", nest.Mul, "t")
	f.set("e", "e", nest.Add, "r")
	f.with("e", "e", nest.Add, activate.One)
	f.with("t", "n", nest.Mul, activate.Half)
	f.with("t", "t", nest.Add, activate.Round)
	f.with("t", "t", nest.Sub, activate.Round)
	f.set("n", "n", nest.Sub, "t")
	f.power("t")
	f.power("n")
	f.fill("k", activate.Lowest)
	f.choose("e", x, "k", "zero")
}

// power multiplies e with 2^n: the lowest bits of n + Power are the exponent.
func (f *formula) power(n string) {
	f.with(n, n, nest.Add, activate.Power)
	f.nodes = append(f.nodes, nest.ShiftLeft{Dst: n, A: n, Count: 23})
	f.set("e", "e", nest.Mul, n)
}

// sigmoidFormula is activate.Sigmoid: m = -|x|, e = exp(m), then 1 or e over 1+e.
func sigmoidFormula(f *formula, x string) {
	f.with("m", x, nest.And, activate.Magnitude)
	f.with("m", "m", nest.Xor, activate.Sign)
	f.exp("m")
	f.fill("y", activate.One)
	f.set("t", "y", nest.Add, "e")
	f.choose("y", x, "zero", "e")
	f.set(x, "y", nest.Div, "t")
}

// tanhFormula is activate.Tanh: with a = |x| and e = exp(-2a) both the polynomial
// and 1 - 2e/(1+e), of which one is chosen; then the sign of x.
func tanhFormula(f *formula, x string) {
	f.with("a", x, nest.And, activate.Magnitude)
	f.set("s", x, nest.Xor, "a")
	f.set("m", "a", nest.Add, "a")
	f.with("m", "m", nest.Xor, activate.Sign)
	f.exp("m")
	f.fill("k", activate.One)
	f.set("t", "k", nest.Add, "e")
	f.set("e", "e", nest.Add, "e")
	f.set("e", "e", nest.Div, "t")
	f.set("y", "k", nest.Sub, "e")
	f.set("m", "a", nest.Mul, "a")
	f.polynomial("r", "m", activate.TanhPolynomial, activate.TanhEnd)
	f.set("r", "r", nest.Mul, "m")
	f.set("r", "r", nest.Mul, "a")
	f.set("r", "r", nest.Add, "a")
	f.fill("k", activate.TanhSmall)
	f.choose("y", "a", "k", "r")
	f.set(x, "y", nest.Xor, "s")
}
