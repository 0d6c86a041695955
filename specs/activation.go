package specs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Function names what a layer applies to each of its outputs.
type Function string

const (
	None      Function = ""           // v
	ReLU      Function = "relu"       // v, or 0 where v < 0; NaN stays
	ReLU6     Function = "relu6"      // clamp(0, 6)
	LeakyReLU Function = "leaky_relu" // v, or A*v where v < 0
	PReLU     Function = "prelu"      // v, or the output channel's slope times v where v < 0
	Sigmoid   Function = "sigmoid"    // 1/(1+exp(-v))
	Tanh      Function = "tanh"       // the hyperbolic tangent
	Clamp     Function = "clamp"      // A where v < A, B where v > B, else v
)

// Activation is a function and its numbers; those it has none of are 0.
type Activation struct {
	Function Function
	A, B     float32
}

// functionForm is how a function is written.
type functionForm struct {
	function Function
	numbers  []string
	word     string
}

// functions says how many numbers each function has and how a name spells it.
var functions = []functionForm{
	{None, nil, ""}, {ReLU, nil, "relu"}, {ReLU6, nil, "relu6"}, {LeakyReLU, []string{"a"}, "leakyrelu"}, {PReLU, nil, "prelu"},
	{Sigmoid, nil, "sigmoid"}, {Tanh, nil, "tanh"}, {Clamp, []string{"lo", "hi"}, "clamp"},
}

// supportedActivations lists them as a spec spells them.
func supportedActivations() string {
	list := []string{"none"}
	for _, f := range functions[1:] {
		text := string(f.function)
		if len(f.numbers) > 0 {
			text += "(" + strings.Join(f.numbers, ", ") + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// ParseActivation reads what a spec says: none, relu, leaky_relu(0.2), clamp(-1, 1).
func ParseActivation(text string) (Activation, error) {
	name, rest, call := strings.Cut(text, "(")
	inner, closed := strings.CutSuffix(rest, ")")
	var numbers []string
	if call {
		numbers = strings.Split(inner, ",")
	}
	for _, f := range functions {
		if name != string(f.function) && (name != "none" || f.function != None) || name == "" {
			continue
		}
		if closed != call || len(numbers) != len(f.numbers) {
			break
		}
		return f.read(numbers)
	}
	return Activation{}, fmt.Errorf("activation %s is not supported; supported: %s", Quote(text), supportedActivations())
}

// read reads the numbers of a call.
func (f functionForm) read(numbers []string) (Activation, error) {
	a := Activation{Function: f.function}
	for i, to := range []*float32{&a.A, &a.B}[:len(numbers)] {
		text := strings.TrimSpace(numbers[i])
		v, err := strconv.ParseFloat(text, 32)
		if err != nil || strings.Trim(text, "0123456789+-.e") != "" {
			return Activation{}, fmt.Errorf("activation %s: %s is %s; it must be a decimal number", f.function, f.numbers[i], Quote(text))
		}
		*to = float32(v) + 0 // -0 is 0
	}
	return a, a.check()
}

// check reports numbers that the function cannot have.
func (a Activation) check() error {
	form, ok := a.form()
	if !ok {
		return fmt.Errorf("activation %s is not supported; supported: %s", Quote(string(a.Function)), supportedActivations())
	}
	numbers := [...]float32{a.A, a.B}
	for i, v := range numbers {
		switch {
		case i >= len(form.numbers) && (v != 0 || math.Signbit(float64(v))):
			return fmt.Errorf("activation %s has %d numbers and got more", a.Function, len(form.numbers))
		case math.IsNaN(float64(v)) || math.IsInf(float64(v), 0):
			return fmt.Errorf("activation %s: %s is %v; it must be finite", a.Function, form.numbers[i], v)
		case v == 0 && math.Signbit(float64(v)):
			return fmt.Errorf("activation %s: %s is -0; write 0", a.Function, form.numbers[i])
		}
	}
	if a.Function == Clamp && a.A > a.B {
		return fmt.Errorf("activation clamp: lo is %v and hi is %v; lo must not be above hi", a.A, a.B)
	}
	return nil
}

// form finds the row of the function.
func (a Activation) form() (functionForm, bool) {
	for _, f := range functions {
		if f.function == a.Function {
			return f, true
		}
	}
	return functionForm{}, false
}

// String is what ParseActivation reads.
func (a Activation) String() string {
	form, _ := a.form()
	switch len(form.numbers) {
	case 1:
		return fmt.Sprintf("%s(%v)", a.Function, a.A)
	case 2:
		return fmt.Sprintf("%s(%v, %v)", a.Function, a.A, a.B)
	}
	if a.Function == None {
		return "none"
	}
	return string(a.Function)
}

// spell writes the activation in a canonical name: relu, clampm1x0p5.
func (a Activation) spell() string {
	form, _ := a.form()
	var numbers []string
	for i := range form.numbers {
		text := strconv.FormatFloat(float64([...]float32{a.A, a.B}[i]), 'g', -1, 32)
		numbers = append(numbers, numberWords.Replace(text))
	}
	return form.word + strings.Join(numbers, "x")
}

// numberWords spells what a file name cannot hold: a point, a minus sign.
var (
	numberWords   = strings.NewReplacer(".", "p", "-", "m", "+", "")
	numberNumbers = strings.NewReplacer("p", ".", "m", "-")
)

// unspell reads what spell wrote; rest is what follows.
func unspell(text string) (a Activation, rest string, ok bool) {
	var best functionForm
	for _, f := range functions[1:] {
		if strings.HasPrefix(text, f.word) && len(f.word) > len(best.word) {
			best = f
		}
	}
	if best.word == "" {
		return a, text, false
	}
	a.Function, rest = best.function, text[len(best.word):]
	for i, to := range []*float32{&a.A, &a.B}[:len(best.numbers)] {
		if i > 0 {
			rest, ok = strings.CutPrefix(rest, "x")
			if !ok {
				return a, rest, false
			}
		}
		end := len(rest) - len(strings.TrimLeft(rest, "0123456789pme"))
		v, err := strconv.ParseFloat(numberNumbers.Replace(rest[:end]), 32)
		if err != nil {
			return a, rest, false
		}
		*to, rest = float32(v), rest[end:]
	}
	return a, rest, true
}
