package examples

import (
	"fmt"
	"log"

	"github.com/upconv/upconv/generated/common"
	"github.com/upconv/upconv/runtime"
)

// Package common fixes only kernel, stride and padding: here kernel 4, stride 2 and
// padding 1 take 2 channels to 3, in a batch of two pictures of 2x3. The same layer
// may run with other sizes the next time.
func Example_channels() {
	weights := make([]float32, 2*3*4*4) // [C_in, C_out, k, k]
	for i := range weights {
		weights[i] = 1
	}
	bias := []float32{0, 100, 200}
	up, err := common.NewK4s2p1(2, 3, weights, bias)
	if err != nil {
		log.Fatal(err)
	}

	shape := runtime.NewShape(2, 2, 3)
	src := []float32{
		1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, // first picture: both channels
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // second picture
	}
	dst := make([]float32, 2*3*4*6)
	if err := up.Forward(dst, src, shape); err != nil {
		log.Fatal(err)
	}
	for y := range 4 {
		fmt.Println(dst[y*6 : y*6+6]) // first picture, first channel
	}
	last := dst[(1*3+2)*4*6:] // second picture, last channel
	fmt.Println(last[:6])
	// Output:
	// [1 3 3 5 5 3]
	// [5 12 12 16 16 9]
	// [5 12 12 16 16 9]
	// [4 9 9 11 11 6]
	// [202 204 204 204 204 202]
}
