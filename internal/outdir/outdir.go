// Package outdir brings folders to hold exactly a set of generated files.
//
// Everything is compared first. What differs is staged under temporary names
// beside its target, synced, and renamed only once all of it is on the disk.
// Files that are already right are not touched, generated files that are no longer
// wanted are removed, and a file that does not carry the mark of generated files is
// never changed or removed. Symbolic links are not followed below the folder that the
// user named.
//
// What a caller can rely on:
//   - After Write returns, the folders hold all of the new files or, with an error,
//     all of the old ones with their modes and times, and nothing temporary. Only where
//     the disk refuses even to give an old file its name back, the error says so for
//     each file.
//   - At any instant, and so after a kill or a loss of power, each file is an old or a
//     new one as a whole. Between two renames there are both: then a package does not
//     compile, as its files ask for each other's constants (gen/stamp.go), and the next
//     Write completes it and removes what is temporary.
//   - Of several at once in the same folders, each waits for the other, where the
//     system can lock folders.
//
// A kill while results are written, which WriteFile and Staging do, can leave a file
// .upconv-*.tmp beside them; it may be removed.
package outdir

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// File is one generated file: its name within the folder and its content.
type File struct {
	Name string
	Data []byte
}

// Target is one folder and the files that it is to hold.
type Target struct {
	Base  string // the folder that the user named; created when missing
	Sub   string // the folder below Base that holds the files; "." is Base itself
	Mark  string // how the first line of every generated file begins
	Files []File // in the order in which they are put in place
}

// Path is the folder that holds the files.
func (t Target) Path() string { return filepath.Join(t.Base, filepath.FromSlash(t.Sub)) }

// Kind says how a file differs from what it should be.
type Kind string

// The ways in which a folder differs from its target.
const (
	Stale    Kind = "stale"    // the content differs
	Missing  Kind = "missing"  // there is no such file
	Orphaned Kind = "orphaned" // a generated file that is no longer wanted
)

// Change is one difference between the disk and a target.
type Change struct {
	Kind Kind
	Path string
}

// String is the form that a check prints: "stale: decoder/kernels.go".
func (c Change) String() string { return string(c.Kind) + ": " + c.Path }

// Check compares the targets with the disk and writes nothing. The changes are
// sorted by path. It fails when a file in the way of a target was not
// generated, or is a symbolic link or a folder.
func Check(targets ...Target) ([]Change, error) {
	edits, err := compare(system{}, targets)
	return changesOf(edits), err
}

// Difference is a change of one file and what it holds before and after; a file that is
// not there holds nothing.
type Difference struct {
	Change
	Old, New []byte
}

// Differences is Check with the contents.
func Differences(targets ...Target) ([]Difference, error) {
	edits, err := compare(system{}, targets)
	var list []Difference
	for _, e := range edits {
		list = append(list, Difference{Change{e.kind, e.path()}, e.before, e.data})
	}
	slices.SortStableFunc(list, func(a, b Difference) int { return strings.Compare(a.Path, b.Path) })
	return list, err
}

// compare lists what has to change.
func compare(d disk, targets []Target) ([]*edit, error) {
	if err := validate(targets); err != nil {
		return nil, err
	}
	var edits []*edit
	for _, t := range targets {
		more, err := t.compare(d)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
	}
	return edits, nil
}

// Write makes the folders hold the files of their targets and returns what it
// changed, sorted by path. Nothing is written unless everything can be staged;
// when putting the files in place fails half-way, what was done is undone.
func Write(targets ...Target) ([]Change, error) {
	return write(system{}, targets)
}

func write(d disk, targets []Target) ([]Change, error) {
	edits, err := compare(d, targets)
	if err != nil || len(edits) == 0 && !interrupted(d, targets) {
		return nil, err
	}
	s := session{disk: d}
	defer s.close()
	edits, err = s.prepare(targets)
	if err == nil {
		err = apply(edits)
	}
	if err != nil {
		s.removeCreated()
		return nil, err
	}
	s.sync()
	return changesOf(edits), nil
}

// changesOf is what edits tell the caller, sorted by path.
func changesOf(edits []*edit) []Change {
	var changes []Change
	for _, e := range edits {
		changes = append(changes, Change{e.kind, e.path()})
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes
}

// validate reports targets that no disk could satisfy.
func validate(targets []Target) error {
	folders := map[string]bool{}
	for _, t := range targets {
		if !filepath.IsLocal(filepath.FromSlash(t.Sub)) {
			return fmt.Errorf("%s: the folder %q is not below %s", t.Path(), t.Sub, t.Base)
		}
		path, err := filepath.Abs(t.Path())
		if err != nil {
			return err
		}
		if folders[path] {
			return fmt.Errorf("%s: two sets of generated files want this folder", t.Path())
		}
		folders[path] = true
		if err := t.validateFiles(); err != nil {
			return err
		}
	}
	return nil
}

// validateFiles reports names that are not plain file names or that some file
// system takes for the same, and files without the mark.
func (t Target) validateFiles() error {
	names := map[string]bool{}
	for _, f := range t.Files {
		key := strings.ToLower(f.Name)
		switch {
		case f.Name != filepath.Base(f.Name) || !filepath.IsLocal(f.Name) || f.Name == ".":
			return fmt.Errorf("%s: %q is not a file name", t.Path(), f.Name)
		case isTemp(f.Name):
			return fmt.Errorf("%s: the name %q is kept for temporary files", t.Path(), f.Name)
		case names[key]:
			return fmt.Errorf("%s: %q is generated twice", t.Path(), f.Name)
		case t.Mark == "" || !bytes.HasPrefix(f.Data, []byte(t.Mark)):
			return fmt.Errorf("%s: %q does not begin with %q", t.Path(), f.Name, t.Mark)
		}
		names[key] = true
	}
	return nil
}
