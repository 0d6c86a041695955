package examples

import (
	"fmt"
	"log"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Every op runs without a generated package. Layers that take more than one array,
// such as the places of the maxima, are run with Run.
func Example_pooling() {
	registry, err := runtime.NewRegistry()
	if err != nil {
		log.Fatal(err)
	}
	build := func(name string) *runtime.Layer {
		l, err := specs.ParseName(name)
		if err != nil {
			log.Fatal(err)
		}
		layer, err := registry.New(l, nil, nil)
		if err != nil {
			log.Fatal(err)
		}
		return layer
	}
	pool, unpool := build("max_pool2d_k2s2_c1x1"), build("max_unpool2d_k2s2_c1x1")

	src := []float32{1, 2, 6, 3, 3, 5, 2, 1, 1, 2, 2, 1, 7, 3, 4, 8}
	small, places := make([]float32, 4), make([]int64, 4)
	if err := pool.Run(runtime.Args{Dst: small, Src: src, Indices: places}, runtime.NewShape(1, 4, 4)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(small, places)

	back := make([]float32, 16)
	if err := unpool.Run(runtime.Args{Dst: back, Src: []float32{1, 2, 3, 4}, Indices: places}, runtime.NewShape(1, 2, 2)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(back)
	// Output:
	// [5 6 7 8] [5 2 12 15]
	// [0 0 2 0 0 1 0 0 0 0 0 0 3 0 0 4]
}
