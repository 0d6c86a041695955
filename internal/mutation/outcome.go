// Package mutation measures the proof: it plants small mistakes in the assembly and in
// the loop nests of kernels, one at a time, and tells which layer finds each.
package mutation

import "fmt"

// Layer is what finds a mutant; "" is nothing.
type Layer string

// Outcome is what became of a mutant.
type Outcome struct {
	Kernel, Operator string
	Where, Instead   string // what stood there and what stands there now
	By               Layer
	Message          string // of the finding
	Equivalent       string // the rule by which it is no mistake; "" if none proves that
	Missed           Layer  // what finds it in more calls than those of a trial
}

// missed says that more calls than those of a trial find a mutant.
func (o Outcome) missed() string {
	if o.Missed == "" {
		return ""
	}
	return fmt.Sprintf(" (more calls find it: %s)", o.Missed)
}
