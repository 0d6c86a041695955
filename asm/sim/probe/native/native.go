// Package native has the probes of package probe in assembly, to be executed by
// the processor.
package native

//go:generate go run ../../../../internal/selfgen probe

// Func is a probe; dst and src have probe.Elements elements.
type Func func(dst, src []float32)
