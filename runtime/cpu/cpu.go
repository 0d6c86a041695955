// Package cpu tells which instructions this processor has.
package cpu

import (
	"runtime"
	"strings"

	"golang.org/x/sys/cpu"
)

// Features is a set of instruction set extensions, one bit each. A kernel needs
// exactly those that its instructions need.
type Features uint64

// The extensions, by their names in the Go assembler and in avo.
const (
	AVX Features = 1 << iota
	AVX2
	FMA3
	AVX512F
	AVX512DQ
	AVX512VL
	AVX512BW
	BMI2
)

// table names each feature and says where this processor reports it.
var table = []struct {
	name string
	bit  Features
	has  *bool
}{
	{"AVX", AVX, &cpu.X86.HasAVX},
	{"AVX2", AVX2, &cpu.X86.HasAVX2},
	{"FMA3", FMA3, &cpu.X86.HasFMA},
	{"AVX512F", AVX512F, &cpu.X86.HasAVX512F},
	{"AVX512DQ", AVX512DQ, &cpu.X86.HasAVX512DQ},
	{"AVX512VL", AVX512VL, &cpu.X86.HasAVX512VL},
	{"AVX512BW", AVX512BW, &cpu.X86.HasAVX512BW},
	{"BMI2", BMI2, &cpu.X86.HasBMI2},
}

// Detect returns the features of this processor that its operating system
// supports; none on processors other than amd64 and 386.
// AVX-512 is never reported on darwin, where the system enables it lazily and a
// signal can lose the upper halves of the registers (golang/go#49233).
func Detect() Features {
	var f Features
	for _, e := range table {
		if *e.has && !(runtime.GOOS == "darwin" && strings.HasPrefix(e.name, "AVX512")) {
			f |= e.bit
		}
	}
	return f
}

// Has reports whether f holds every feature of want.
func (f Features) Has(want Features) bool { return f&want == want }

// ByName returns the feature of that name; ok is false for an unknown one.
func ByName(name string) (f Features, ok bool) {
	for _, e := range table {
		if e.name == name {
			return e.bit, true
		}
	}
	return 0, false
}

// Names lists the features of f, in a fixed order.
func (f Features) Names() []string {
	var names []string
	for _, e := range table {
		if f&e.bit != 0 {
			names = append(names, e.name)
		}
	}
	return names
}

// String joins the names with "+"; "none" for the empty set.
func (f Features) String() string {
	if f == 0 {
		return "none"
	}
	return strings.Join(f.Names(), "+")
}
