package tensorio

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// literal reads the Python dictionary that a .npy header is. It knows what such
// a dictionary can hold: strings, True and False, tuples of integers, and the
// lists that describe records, which it skips.
type literal struct{ rest string }

// parseHeader reads {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
// with its keys in any order.
func parseHeader(text string) (header, error) {
	l := literal{text}
	var h header
	read := map[string]func() error{
		"descr":         func() (err error) { h.descr, err = l.descr(); return err },
		"fortran_order": func() (err error) { h.fortran, err = l.boolean(); return err },
		"shape":         func() (err error) { h.shape, err = l.tuple(); return err },
	}
	if !l.skip("{") {
		return h, errors.New("is not a dictionary")
	}
	for !l.skip("}") {
		key, err := l.quoted()
		if err != nil {
			return h, err
		}
		value, ok := read[key]
		if !ok {
			return h, fmt.Errorf("unknown or repeated key %q", key)
		}
		delete(read, key)
		if !l.skip(":") {
			return h, fmt.Errorf("no value for %q", key)
		}
		if err := value(); err != nil {
			return h, fmt.Errorf("%s: %w", key, err)
		}
		if !l.skip(",") && !strings.HasPrefix(l.rest, "}") {
			return h, fmt.Errorf("no comma after %q", key)
		}
	}
	if len(read) > 0 || l.rest != "" {
		return h, errors.New("wanted the keys descr, fortran_order and shape, and nothing else")
	}
	return h, nil
}

// skip consumes token and the white space around it.
func (l *literal) skip(token string) bool {
	rest, ok := strings.CutPrefix(l.trimmed(), token)
	if ok {
		l.rest = strings.TrimLeft(rest, " \t\r\n")
	}
	return ok
}

func (l *literal) trimmed() string {
	l.rest = strings.TrimLeft(l.rest, " \t\r\n")
	return l.rest
}

func (l *literal) quoted() (string, error) {
	for _, quote := range []string{"'", `"`} {
		body, ok := strings.CutPrefix(l.trimmed(), quote)
		if !ok {
			continue
		}
		text, rest, ok := strings.Cut(body, quote)
		if !ok || strings.Contains(text, `\`) {
			return "", errors.New("a string does not end")
		}
		l.rest = rest
		return text, nil
	}
	return "", errors.New("a string is missing")
}

// descr returns the element type; a record's is returned as it is written.
func (l *literal) descr() (string, error) {
	if !strings.HasPrefix(l.trimmed(), "[") {
		return l.quoted()
	}
	depth := 0
	for i, r := range l.rest {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
		}
		if depth == 0 {
			text := l.rest[:i+1]
			l.rest = l.rest[i+1:]
			return text, nil
		}
	}
	return "", errors.New("a list does not end")
}

func (l *literal) boolean() (bool, error) {
	if l.skip("True") {
		return true, nil
	}
	if l.skip("False") {
		return false, nil
	}
	return false, errors.New("is neither True nor False")
}

// tuple reads (), (2,) or (2, 3).
func (l *literal) tuple() ([]int, error) {
	if !l.skip("(") {
		return nil, errors.New("is not a tuple")
	}
	shape := []int{}
	for !l.skip(")") {
		end := strings.IndexAny(l.rest, ",)")
		if end < 0 || len(shape) == maxRank {
			return nil, errors.New("does not end")
		}
		text := strings.TrimSuffix(strings.TrimSpace(l.rest[:end]), "L") // as Python 2 wrote it
		n, err := strconv.ParseUint(text, 10, 62)
		if err != nil || n > uint64(^uint(0)>>1) {
			return nil, fmt.Errorf("%q is not a size", text)
		}
		shape = append(shape, int(n))
		l.rest = l.rest[end:]
		l.skip(",")
	}
	return shape, nil
}
