package specfile

import (
	"unicode"
	"unicode/utf8"
)

// checkText reports what must not reach the YAML library, or means different
// things to different ones.
func checkText(data []byte, faults *faults) {
	at := Position{1, 1}
	if len(data) > MaxBytes {
		faults.add(at, "the file has %d bytes; the cap is %d", len(data), MaxBytes)
		return
	}
	for len(data) > 0 && len(faults.list) < maxErrors {
		r, size := utf8.DecodeRune(data)
		checkRune(r, data[:size], data[size:], at, faults)
		if at.Column == MaxLine+1 && r != '\n' && r != '\r' {
			faults.add(at, "the line is longer than %d characters", MaxLine)
		}
		data = data[size:]
		at.Column++
		if r == '\n' {
			at = Position{at.Line + 1, 1}
		}
	}
}

// checkRune reports a character that a spec file must not hold; self is its
// bytes, rest what follows.
func checkRune(r rune, self, rest []byte, at Position, faults *faults) {
	switch {
	case r == '\n' || r == '\r' && len(rest) > 0 && rest[0] == '\n':
	case r == utf8.RuneError && len(self) == 1:
		faults.add(at, "invalid UTF-8: byte 0x%02x", self[0])
	case r == 0xFEFF:
		faults.add(at, "byte order mark; save the file as UTF-8 without one")
	case r == 0:
		faults.add(at, "NUL character")
	case r == '\t':
		faults.add(at, "tab character; use spaces")
	case r == '\r':
		faults.add(at, "carriage return without a line feed")
	case unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp):
		faults.add(at, "control character %U", r)
	}
}
