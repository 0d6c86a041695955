package examples

import (
	"fmt"
	"log"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// A registry builds any valid layer. One for which it holds no kernel runs on the
// generic path, such as this transposed convolution with three spatial axes.
func Example_anyLayer() {
	registry, err := runtime.NewRegistry() // no tables of kernels
	if err != nil {
		log.Fatal(err)
	}
	layer, err := specs.ParseName("conv_transpose3d_k1x2x2s1x2x2_c1x1")
	if err != nil {
		log.Fatal(err)
	}
	weights := []float32{1, 2, 3, 4}
	up, err := registry.New(layer, weights, nil)
	if err != nil {
		log.Fatal(err)
	}
	src := []float32{1, 10} // depth 1, height 1, width 2
	dst := make([]float32, 1*2*4)
	if err := up.Forward(dst, src, runtime.NewShape(1, 1, 1, 2)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(up.Kernel())
	fmt.Println(dst[:4])
	fmt.Println(dst[4:])
	// Output:
	// conv_transpose3d_k1x2x2s1x2x2_c1x1_generic
	// [1 2 10 20]
	// [3 4 30 40]
}
