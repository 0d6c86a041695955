package specs

import (
	"fmt"
	"strings"
)

const (
	// MaxParameter is the largest kernel, stride, dilation, padding or output
	// padding of one axis.
	MaxParameter = 1 << 16
	// MaxSize is the largest channel count, input size or output size.
	MaxSize = 1<<31 - 1
)

// Limits caps what a layer may cost. A cap of 0 is no cap.
type Limits struct {
	TensorElements int // elements of the input, of the output (for one batch item) and of the weights
	KernelElements int // product of the kernel sizes: each one is an unrolled tap
	Phases         int // product of the strides: each one is a loop nest
}

// DefaultLimits are the caps of Layer.Validate.
func DefaultLimits() Limits {
	return Limits{TensorElements: 1<<31 - 1, KernelElements: 1 << 14, Phases: 1 << 12}
}

// Cap is the word for one of the Limits.
type Cap string

const (
	CapElements Cap = "elements" // TensorElements
	CapKernel   Cap = "kernel"   // KernelElements
	CapPhases   Cap = "phases"   // Phases
)

// caps are all words, and what they stand for.
var caps = [...]struct {
	word Cap
	of   func(*Limits) *int
}{
	{CapElements, func(l *Limits) *int { return &l.TensorElements }},
	{CapKernel, func(l *Limits) *int { return &l.KernelElements }},
	{CapPhases, func(l *Limits) *int { return &l.Phases }},
}

// at is the cap of that word, or nil.
func (l *Limits) at(c Cap) *int {
	for _, known := range caps {
		if known.word == c {
			return known.of(l)
		}
	}
	return nil
}

// Set changes one cap; the error of an unknown word names those that there are.
func (l *Limits) Set(c Cap, most int) error {
	at := l.at(c)
	switch {
	case at == nil:
		return fmt.Errorf("there is no cap %s; there is: %s", Quote(string(c)), strings.Join(l.words(), ", "))
	case most < 0:
		return fmt.Errorf("the cap of %s is %d; it must be at least 0, which is none", c, most)
	}
	*at = most
	return nil
}

// words are the caps with their values, as String writes them.
func (l *Limits) words() (all []string) {
	for _, known := range caps {
		all = append(all, fmt.Sprintf("%s=%d", known.word, *known.of(l)))
	}
	return all
}

// String writes the caps as words: elements=2147483647,kernel=16384,phases=4096.
func (l Limits) String() string { return strings.Join(l.words(), ",") }
