package examples

import (
	"fmt"
	"log"

	"github.com/upconv/upconv/generated/common"
	"github.com/upconv/upconv/runtime"
)

// The best kernel for the processor runs unless WithISA, or the environment variable
// UPCONV_ISA, names an instruction set. Here the worked example of a transposed
// convolution runs on the paths that every processor has.
func Example_path() {
	weights := []float32{0, 1, 2, 3}
	src := []float32{0, 1, 2, 3}
	for _, isa := range []string{"go", "generic"} {
		up, err := common.NewK2s2(1, 1, weights, nil, runtime.WithISA(isa), runtime.WithThreads(1))
		if err != nil {
			log.Fatal(err)
		}
		dst := make([]float32, 4*4)
		if err := up.Forward(dst, src, runtime.NewShape(1, 2, 2)); err != nil {
			log.Fatal(err)
		}
		fmt.Println(up.ISA(), up.Kernel())
		for y := range 4 {
			fmt.Println(dst[y*4 : y*4+4])
		}
	}
	_, err := common.NewK2s2(1, 1, weights, nil, runtime.WithISA("sse9"))
	fmt.Println(err)
	// Output:
	// go conv_transpose2d_k2s2_go
	// [0 0 0 1]
	// [0 0 2 3]
	// [0 2 0 3]
	// [4 6 6 9]
	// generic conv_transpose2d_k2s2_c1x1_generic
	// [0 0 0 1]
	// [0 0 2 3]
	// [0 2 0 3]
	// [4 6 6 9]
	// runtime: unknown instruction set "sse9"; there is: generic, go, avx2, avx512
}
