package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/internal/overlap"
	"github.com/upconv/upconv/specs/specfile"
)

// errorFormat is the value of --error-format.
type errorFormat string

const (
	formatText   errorFormat = "text"
	formatJSON   errorFormat = "json"
	formatGitHub errorFormat = "github-actions"
)

// formats say how a problem is printed on one line.
var formats = map[errorFormat]func(problem) string{
	formatText:   problem.text,
	formatJSON:   problem.json,
	formatGitHub: problem.annotation,
}

func (f *errorFormat) String() string { return string(*f) }
func (f *errorFormat) Type() string   { return "format" }

func (f *errorFormat) Set(s string) error {
	if formats[errorFormat(s)] == nil {
		return fmt.Errorf("there is: %s, %s, %s", formatText, formatJSON, formatGitHub)
	}
	*f = errorFormat(s)
	return nil
}

// problem is one line of the report. File is empty for what is not about a
// file, Line is 0 for what is about the whole file.
type problem struct {
	Kind    string         `json:"kind"` // "error", or how a generated file is out of date
	File    string         `json:"file,omitempty"`
	Line    int            `json:"line,omitempty"`
	Column  int            `json:"column,omitempty"`
	Message string         `json:"message"`
	Cures   []overlap.Cure `json:"cures,omitempty"` // of an uneven layer
}

const kindError = "error"

// found is an error that says that a command did its work and found something.
type found interface {
	error
	problems() []problem
}

// findings are generated files that are not up to date.
type findings []outdir.Change

func (f findings) Error() string { return fmt.Sprintf("%d generated files are not up to date", len(f)) }

func (f findings) problems() (list []problem) {
	for _, c := range f {
		list = append(list, problem{Kind: string(c.Kind), File: c.Path, Message: findingMessages[c.Kind]})
	}
	return list
}

// findingMessages explain the kinds of findings where there is room for it.
var findingMessages = map[outdir.Kind]string{
	outdir.Stale:    "not what the spec generates; run upconv generate",
	outdir.Missing:  "not generated yet; run upconv generate",
	outdir.Orphaned: "generated before and not any more; run upconv generate",
}

// usageError is an error of the command line.
type usageError struct {
	err     error
	command string
}

func (e usageError) Error() string {
	return fmt.Sprintf("%v (see %s --help)", e.err, e.command)
}

// problemsOf takes an error apart: sorted by file and position, then the rest.
func problemsOf(err error) []problem {
	var list []problem
	for _, e := range flatten(err) {
		list = append(list, problemOf(e)...)
	}
	slices.SortStableFunc(list, func(a, b problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return list
}

// flatten undoes errors.Join.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var list []error
	for _, e := range joined.Unwrap() {
		list = append(list, flatten(e)...)
	}
	return list
}

func problemOf(err error) []problem {
	var list []problem
	var faults specfile.Errors
	var finds found
	switch {
	case errors.As(err, &faults):
		for _, f := range faults {
			list = append(list, problem{Kind: kindError, File: f.File, Line: f.Line, Column: f.Column, Message: f.Message})
		}
	case errors.As(err, &finds):
		return finds.problems()
	default:
		list = append(list, problem{Kind: kindError, Message: strings.TrimPrefix(err.Error(), "runtime: ")})
	}
	return list
}

func report(w io.Writer, format errorFormat, problems []problem) {
	for _, p := range problems {
		fmt.Fprintln(w, formats[format](p))
	}
}

func (p problem) text() string {
	switch {
	case p.Line > 0:
		return fmt.Sprintf("%s:%d:%d: %s%s", p.File, p.Line, p.Column, p.Message, overlap.Text(p.Cures))
	case p.Kind != kindError:
		return p.Kind + ": " + p.File
	}
	return "upconv: " + p.Message
}

func (p problem) json() string {
	text, err := json.Marshal(p)
	if err != nil {
		return p.text()
	}
	return string(text)
}

// annotation is GitHub's workflow command for an error.
func (p problem) annotation() string {
	var where []string
	if p.File != "" {
		where = append(where, "file="+escape(p.File, ":", ","))
	}
	if p.Line > 0 {
		where = append(where, fmt.Sprintf("line=%d,col=%d", p.Line, p.Column))
	}
	message := p.Message
	if p.Kind != kindError {
		message = p.Kind + ": " + message
	}
	space := " "
	if len(where) == 0 {
		space = ""
	}
	return "::error" + space + strings.Join(where, ",") + "::" + escape(message+overlap.Text(p.Cures))
}

// escape percent-encodes what would end a part of a workflow command.
func escape(s string, more ...string) string {
	for _, c := range append([]string{"%", "\r", "\n"}, more...) {
		s = strings.ReplaceAll(s, c, fmt.Sprintf("%%%02X", c[0]))
	}
	return s
}
