package mutation

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Score counts outcomes.
type Score struct {
	Made, Killed, Proved, Survived int
	By                             map[Layer]int
}

// Add counts one.
func (s *Score) Add(o Outcome) {
	s.Made++
	switch {
	case o.By != "":
		s.Killed++
		if s.By == nil {
			s.By = map[Layer]int{}
		}
		s.By[o.By]++
	case o.Equivalent != "":
		s.Proved++
	default:
		s.Survived++
	}
}

// Percent is the share of those that are found, of all that are not proved to be no
// mistakes.
func (s Score) Percent() float64 { return 100 * float64(s.Killed) / float64(max(1, s.Made-s.Proved)) }

func (s Score) row() string {
	var by []string
	for _, l := range slices.Sorted(maps.Keys(s.By)) {
		by = append(by, fmt.Sprintf("%s %d", l, s.By[l]))
	}
	return fmt.Sprintf("%d | %d | %d | %d | %.2f %% | %s", s.Made, s.Killed, s.Proved, s.Survived, s.Percent(), strings.Join(by, ", "))
}

const columns = " | mutants | found | proved equal | left | score | found by |\n|---|---|---|---|---|---|---|\n"

// Report is what a run has counted.
type Report struct {
	Total        Score
	kernels, ops map[string]*Score
	left         map[string]map[string][]Outcome // by reason, then by operator
}

// Add counts an outcome.
func (r *Report) Add(o Outcome) {
	if r.kernels == nil {
		r.kernels, r.ops, r.left = map[string]*Score{}, map[string]*Score{}, map[string]map[string][]Outcome{}
	}
	r.Total.Add(o)
	for m, name := range map[*map[string]*Score]string{&r.kernels: o.Kernel, &r.ops: o.Operator} {
		if (*m)[name] == nil {
			(*m)[name] = &Score{}
		}
		(*m)[name].Add(o)
	}
	if o.By == "" && o.Equivalent == "" {
		reason := Argue(o)
		if o.Missed != "" {
			reason = ""
		}
		if r.left[reason] == nil {
			r.left[reason] = map[string][]Outcome{}
		}
		r.left[reason][o.Operator] = append(r.left[reason][o.Operator], o)
	}
}

// Unexplained is the number of mutants that nothing found and nothing explains.
func (r *Report) Unexplained() (n int) {
	for _, list := range r.left[""] {
		n += len(list)
	}
	return n
}

// Print writes the tables: by operator, by kernel, and those that are left with their
// reasons, of each reason and operator at most each of them.
func (r *Report) Print(w io.Writer, each int) {
	fmt.Fprintf(w, "| mistake%s", columns)
	for _, name := range slices.Sorted(maps.Keys(r.ops)) {
		fmt.Fprintf(w, "| %s | %s |\n", name, r.ops[name].row())
	}
	fmt.Fprintf(w, "| **all** | %s |\n\n| kernel%s", r.Total.row(), columns)
	for _, name := range slices.Sorted(maps.Keys(r.kernels)) {
		fmt.Fprintf(w, "| %s | %s |\n", name, r.kernels[name].row())
	}
	for _, reason := range slices.Sorted(maps.Keys(r.left)) {
		r.printLeft(w, reason, each)
	}
}

func (r *Report) printLeft(w io.Writer, reason string, each int) {
	title := reason
	if title == "" {
		title = "not explained"
	}
	fmt.Fprintf(w, "\nLeft: %s.\n\n", title)
	for _, operator := range slices.Sorted(maps.Keys(r.left[reason])) {
		list := r.left[reason][operator]
		fmt.Fprintf(w, "- %s: %d\n", operator, len(list))
		for _, o := range list[:min(each, len(list))] {
			fmt.Fprintf(w, "  - %s: %s -> %s%s\n", o.Kernel, o.Where, o.Instead, o.missed())
		}
	}
}

// Each calls try for all items on that many goroutines and adds their outcomes; done is
// told the number of items that are. It returns the first error.
func Each[T any](r *Report, items []T, goroutines int, done func(int), try func(T) ([]Outcome, error)) error {
	var (
		lock  sync.Mutex
		wait  sync.WaitGroup
		first error
		n     int
		work  = make(chan T)
	)
	for range goroutines {
		wait.Go(func() {
			for item := range work {
				list, err := try(item)
				lock.Lock()
				if first == nil {
					first = err
				}
				for _, o := range list {
					r.Add(o)
				}
				n++
				done(n)
				lock.Unlock()
			}
		})
	}
	for _, item := range items {
		work <- item
	}
	close(work)
	wait.Wait()
	return first
}

// Every selects one in n mutants, from the one numbered seed on.
func Every(n, seed int) func(int) bool { return func(i int) bool { return (i+seed)%n == 0 } }
