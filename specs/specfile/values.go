package specfile

import (
	"strconv"
	"strings"

	"github.com/upconv/upconv/specs"
)

// values reads scalars and reports those of another type. A node that was
// reported before is not reported again.
type values struct{ faults *faults }

func (v values) wrong(field, want string, n *node) {
	if n.kind != unusable {
		v.faults.add(n.at, "%s must be %s, not %s", field, want, n.describe())
	}
}

// integer reads a number in plain decimal digits, of at most specs.MaxSize.
func (v values) integer(field string, n *node) (value int, ok bool) {
	return v.number(field, "an integer in plain decimal digits", n)
}

// number is integer with the wanted type in the caller's words.
func (v values) number(field, want string, n *node) (value int, ok bool) {
	if n.quoted || n.kind != plain && n.kind != text || !decimal(n.value) {
		v.wrong(field, want, n)
		return 0, false
	}
	wide, err := strconv.ParseInt(n.value, 10, 64)
	switch {
	case err != nil && wide < 0 || wide < -specs.MaxSize:
		v.faults.add(n.at, "%s is %s; it must not be negative", field, n.describe())
		return 0, false
	case err != nil || wide > specs.MaxSize:
		v.faults.add(n.at, "%s is %s; it must be at most %d", field, n.describe(), specs.MaxSize)
		return 0, false
	}
	return int(wide), true
}

// decimal reports digits without leading zero, after a minus sign or none.
func decimal(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	return digits[0] != '0' || s == "0"
}

// positive is integer for what counts something.
func (v values) positive(field string, n *node) (value int, ok bool) {
	value, ok = v.integer(field, n)
	return value, ok && v.counts(field, value, n)
}

func (v values) counts(field string, value int, n *node) bool {
	if value < 1 {
		v.faults.add(n.at, "%s is %d; it must be at least 1", field, value)
	}
	return value >= 1
}

func (v values) text(field string, n *node) (value string, ok bool) {
	if n.kind != text {
		v.wrong(field, "a string", n)
		return "", false
	}
	return n.value, true
}

func (v values) boolean(field string, n *node) (value, ok bool) {
	if n.kind != plain || n.value != "true" && n.value != "false" {
		v.wrong(field, "true or false", n)
		return false, false
	}
	return n.value == "true", true
}

// known reports the keys of a mapping that are not in the list.
func (v values) known(n *node, keys []string) {
	for _, e := range n.entries {
		near := nearest(e.key, keys)
		switch {
		case near == e.key:
		case near != "":
			v.faults.add(e.at, "unknown key %s; did you mean %s?", specs.Quote(e.key), near)
		default:
			v.faults.add(e.at, "unknown key %s; known: %s", specs.Quote(e.key), strings.Join(keys, ", "))
		}
	}
}

// nearest returns the key that is at most two edits, and half its own length,
// away, or nothing.
func nearest(word string, keys []string) string {
	best, least := "", 3
	for _, k := range keys {
		if len(word) > len(k)+2 {
			continue
		}
		if d := edits(strings.ToLower(word), k); word == k || d < least && 2*d <= len(k) {
			best, least = k, d
			if word == k {
				return k
			}
		}
	}
	return best
}

// edits is the number of characters to insert, delete or replace.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
