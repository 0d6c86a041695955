package specs

import (
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxNameLength is the largest number of characters of a layer or package name.
const MaxNameLength = 64

// predeclared are the identifiers of Go's universe block and the two names
// that a package treats specially.
var predeclared = strings.Fields(`any append bool byte cap clear close comparable
	complex complex128 complex64 copy delete error false float32 float64 imag
	init int int16 int32 int64 int8 iota len main make max min new nil panic
	print println real recover rune string true uint uint16 uint32 uint64 uint8
	uintptr`)

// ignoredPackages are package or folder names that the go tool skips or treats
// specially.
var ignoredPackages = []string{"documentation", "internal", "testdata", "vendor"}

// CheckName says why a name cannot be a layer's: it becomes part of Go
// identifiers and of file names, so it is an ASCII identifier that starts with
// a letter, has at most MaxNameLength characters and means nothing to Go or to
// Windows yet.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("name is empty")
	case hidden(name) >= 0:
		return fmt.Errorf("name %s contains the invisible character %U", Quote(name), hidden(name))
	case !identifier(name):
		return fmt.Errorf("name %s is not an identifier: a letter, then letters, digits and _ (ASCII)", Quote(name))
	case len(name) > MaxNameLength:
		return fmt.Errorf("name %s has %d characters; the cap is %d", Quote(name), len(name), MaxNameLength)
	case token.IsKeyword(name):
		return fmt.Errorf("name %q is a keyword of Go", name)
	case slices.Contains(predeclared, name):
		return fmt.Errorf("name %q is predeclared in Go", name)
	case WindowsReserved(name):
		return fmt.Errorf("name %q is reserved on Windows", name)
	}
	return nil
}

// CheckPackageName says why a name cannot be a generated package's.
func CheckPackageName(name string) error {
	if err := CheckName(name); err != nil {
		return fmt.Errorf("package %w", err)
	}
	switch {
	case name != strings.ToLower(name):
		return fmt.Errorf("package name %q has upper-case letters; write %q", name, strings.ToLower(name))
	case strings.HasSuffix(name, "_test"):
		return fmt.Errorf("package name %q ends in _test, which the go tool keeps for tests", name)
	case slices.Contains(ignoredPackages, name):
		return fmt.Errorf("package name %q is special to the go tool", name)
	}
	return nil
}

// GoName is the exported Go name of a layer: the words between underscores
// with a capital first letter (up_conv1 becomes UpConv1).
func GoName(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// Quote quotes text of a user for a message: one line, ASCII, and cut where it
// is longer than a name may be.
func Quote(s string) string {
	if utf8.RuneCountInString(s) <= MaxNameLength {
		return strconv.QuoteToASCII(s)
	}
	cut := 0
	for range MaxNameLength {
		_, size := utf8.DecodeRuneInString(s[cut:])
		cut += size
	}
	return strconv.QuoteToASCII(s[:cut]) + "..."
}

func identifier(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if digit := r >= '0' && r <= '9'; !letter && (i == 0 || !digit && r != '_') {
			return false
		}
	}
	return s != ""
}

// hidden returns the first bidirectional control or zero-width character, or -1.
func hidden(s string) rune {
	for _, r := range s {
		switch {
		case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F,
			r == 0x00AD, r == 0x061C, r == 0x180E, r == 0xFEFF:
			return r
		}
	}
	return -1
}

// WindowsReserved reports a device name that Windows finds in every folder,
// whatever extension follows it.
func WindowsReserved(s string) bool {
	s, _, _ = strings.Cut(strings.ToLower(s), ".")
	if n := len(s) - 1; n == 3 && s[n] >= '0' && s[n] <= '9' {
		return s[:n] == "com" || s[:n] == "lpt"
	}
	return slices.Contains([]string{"con", "prn", "aux", "nul"}, s)
}
