// Command program uses one layer from two goroutines: "sound" as it may, "dst" with one
// output for both, "src" while another goroutine changes the input.
package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/upconv/upconv/generated/common"
	"github.com/upconv/upconv/runtime"
)

// while is how long each goroutine goes on: long enough for both to work at once. Calls
// that follow each other are ordered by the memory that a layer hands from one to the
// next.
const while = 50 * time.Millisecond

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(how string) error {
	const in, out = 8, 12
	layer, err := common.NewK4s2p1(in, out, make([]float32, in*out*16), make([]float32, out), runtime.WithThreads(2))
	if err != nil {
		return err
	}
	shape := runtime.NewShape(2, 24, 24)
	src := make([]float32, 2*in*24*24)
	dsts := [2][]float32{make([]float32, 4*len(src)*out/in), make([]float32, 4*len(src)*out/in)}
	if how == "dst" {
		dsts[1] = dsts[0]
	}
	var errs [2]error
	var wait sync.WaitGroup
	for i := range dsts {
		wait.Go(func() {
			for begin := time.Now(); time.Since(begin) < while; {
				if how == "src" && i == 1 {
					src[len(src)/2]++
					continue
				}
				errs[i] = layer.Forward(dsts[i], src, shape)
			}
		})
	}
	wait.Wait()
	fmt.Println("ran on", layer.Kernel())
	return errs[0]
}
