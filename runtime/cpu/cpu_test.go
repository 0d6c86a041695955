package cpu

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"
)

// TestNamesRoundTrip: each feature is one bit of its own, found by its name.
func TestNamesRoundTrip(t *testing.T) {
	var all Features
	for _, e := range table {
		f, ok := ByName(e.name)
		if !ok || f != e.bit || f == 0 || f&(f-1) != 0 {
			t.Errorf("ByName(%q) = %b, %v; want the bit %b", e.name, f, ok, e.bit)
		}
		if all&f != 0 {
			t.Errorf("%s shares its bit", e.name)
		}
		if names := f.Names(); !slices.Equal(names, []string{e.name}) || f.String() != e.name {
			t.Errorf("%s prints as %v, %v", e.name, names, f)
		}
		all |= f
	}
	if names := all.Names(); len(names) != len(table) || len(names) < 8 {
		t.Errorf("all features are %v", names)
	}
	var back Features
	for _, n := range strings.Split(all.String(), "+") {
		f, _ := ByName(n)
		back |= f
	}
	if back != all {
		t.Errorf("%v read back is %v", all, back)
	}
}

func TestUnknownNames(t *testing.T) {
	for _, n := range []string{"", "avx2", "AVX2 ", "AVX+AVX2", "none", "SSE"} {
		if f, ok := ByName(n); ok || f != 0 {
			t.Errorf("ByName(%q) = %v, %v", n, f, ok)
		}
	}
}

func TestString(t *testing.T) {
	for f, want := range map[Features]string{
		0: "none", AVX: "AVX", FMA3 | AVX2 | AVX: "AVX+AVX2+FMA3", BMI2 | AVX512F: "AVX512F+BMI2",
		AVX512DQ | AVX512VL | AVX512BW: "AVX512DQ+AVX512VL+AVX512BW",
	} {
		if got := f.String(); got != want {
			t.Errorf("%b prints as %q, want %q", f, got, want)
		}
	}
	if names := Features(0).Names(); names != nil {
		t.Errorf("no features have the names %v", names)
	}
}

// TestHas: every feature of the other set, not any.
func TestHas(t *testing.T) {
	for _, c := range []struct {
		have, want Features
		has        bool
	}{
		{0, 0, true}, {AVX, 0, true}, {0, AVX, false}, {AVX | FMA3, AVX, true}, {AVX | FMA3, AVX | FMA3, true},
		{AVX, AVX | FMA3, false}, {AVX512F, AVX2, false}, {^Features(0), AVX | BMI2, true},
	} {
		if got := c.have.Has(c.want); got != c.has {
			t.Errorf("%v has %v: %v", c.have, c.want, got)
		}
	}
}

// TestDetect: the bits are those that x/sys reports for each name.
func TestDetect(t *testing.T) {
	f := Detect()
	for name, has := range map[string]bool{
		"AVX": cpu.X86.HasAVX, "AVX2": cpu.X86.HasAVX2, "FMA3": cpu.X86.HasFMA, "BMI2": cpu.X86.HasBMI2,
	} {
		bit, ok := ByName(name)
		if !ok || f.Has(bit) != has {
			t.Errorf("%s is %v, x/sys says %v", name, f.Has(bit), has)
		}
	}
	for name, has := range map[string]bool{
		"AVX512F": cpu.X86.HasAVX512F, "AVX512DQ": cpu.X86.HasAVX512DQ, "AVX512VL": cpu.X86.HasAVX512VL, "AVX512BW": cpu.X86.HasAVX512BW,
	} {
		bit, ok := ByName(name)
		if !ok || f.Has(bit) && !has {
			t.Errorf("%s is %v, x/sys says %v", name, f.Has(bit), has)
		}
	}
	if f != Detect() {
		t.Error("features change")
	}
}
