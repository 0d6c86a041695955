package examples

import (
	"fmt"
	"log"

	"github.com/upconv/upconv/generated/dcgan"
	"github.com/upconv/upconv/runtime"
)

// The second layer of DCGAN's generator, [N, 512, 4, 4] to [N, 256, 8, 8]. The
// package fixes channels and sizes; weights come from the trained network.
func Example_dcgan() {
	weights := make([]float32, 512*256*4*4) // [C_in, C_out, k, k]
	for i := range weights {
		weights[i] = float32(i%3) - 1
	}
	g2, err := dcgan.NewG2(weights, nil) // this layer has no bias
	if err != nil {
		log.Fatal(err)
	}

	shape := runtime.NewShape(1, 4, 4)
	src := make([]float32, 512*4*4)
	for i := range src {
		src[i] = float32(i % 5)
	}
	out, err := g2.OutputShape(shape)
	if err != nil {
		log.Fatal(err)
	}
	dst := make([]float32, 256*8*8)
	if err := g2.Forward(dst, src, shape); err != nil {
		log.Fatal(err)
	}
	fmt.Println("output sizes:", out.Input[:2])
	fmt.Println("first outputs:", dst[:4])
	// Output:
	// output sizes: [8 8]
	// first outputs: [-1 2 0 2]
}
