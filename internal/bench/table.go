package bench

import (
	"fmt"
	"io"
	"strings"
)

// Header prints the head of the table that Row continues.
func Header(w io.Writer) {
	fmt.Fprintf(w, "%-16s %-8s %3s %12s %9s %9s %7s  %s\n", "layer", "isa", "thr", "us", "GFLOP/s", "FMA peak", "share", "kernel")
	fmt.Fprintln(w, strings.Repeat("-", 100))
}

// Row prints one result on a line.
func Row(w io.Writer, r Result) {
	fmt.Fprintf(w, "%-16s %-8s %3d %12.1f %9.1f %9.1f %6.1f%%  %s\n",
		r.Layer, r.ISA, r.Threads, float64(r.NS)/1e3, r.GFLOPS, r.PeakGFLOPS, 100*r.Share, r.Kernel)
}
