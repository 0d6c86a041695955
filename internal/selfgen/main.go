// Command selfgen writes the project's own assembly, which belongs to no spec,
// into the current folder: selfgen peak, selfgen move, or selfgen probe. It is what
// their go:generate lines call.
package main

import (
	"fmt"
	"os"

	"github.com/upconv/upconv/gen"
)

// packages names what can be written.
var packages = map[string]func() ([]gen.File, error){"peak": gen.Peak, "move": gen.Move, "probe": gen.Probe}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "selfgen:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	if len(args) != 1 || packages[args[0]] == nil {
		return fmt.Errorf("want one argument, peak, move or probe; got %q", args)
	}
	files, err := packages[args[0]]()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(f.Name, f.Data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
