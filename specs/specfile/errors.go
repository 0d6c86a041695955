package specfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxErrors is how many faults of a file are reported.
const maxErrors = 100

// Position is a place in a file; lines and columns count from 1, columns in
// characters.
type Position struct{ Line, Column int }

// Error is one fault of a spec file.
type Error struct {
	File         string
	Line, Column int
	Message      string
}

// Error returns file:line:col: message.
func (e Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Errors are the faults of a file, sorted by position.
type Errors []Error

// Error returns one line for each fault.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// faults collects the faults of one file.
type faults struct {
	file string
	list Errors
}

func (f *faults) add(at Position, format string, args ...any) {
	f.list = append(f.list, Error{f.file, at.Line, at.Column, fmt.Sprintf(format, args...)})
}

func (f *faults) any() bool { return len(f.list) > 0 }

// sorted returns the faults in the order of the file, each once, or nil.
func (f *faults) sorted() error {
	if !f.any() {
		return nil
	}
	slices.SortStableFunc(f.list, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	list := unique(f.list)
	if more := len(list) - maxErrors; more > 0 {
		next := list[maxErrors]
		next.Message = fmt.Sprintf("%d more faults from here on", more)
		list = append(list[:maxErrors:maxErrors], next)
	}
	return list
}

// unique drops repetitions of a fault: one number that stands for all axes is
// wrong for each of them.
func unique(list Errors) Errors {
	seen := map[Error]bool{}
	return slices.DeleteFunc(list, func(e Error) bool {
		again := seen[e]
		seen[e] = true
		return again
	})
}
