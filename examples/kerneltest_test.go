package examples

import (
	"fmt"
	"log"

	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// stamper is a transposed convolution as its definition says: every input stamps
// the kernel, scaled by its value, onto the output. Its terms arrive in the order of
// the contract, so that it owes the same bits as the generated Go kernels.
type stamper struct {
	layer         specs.Layer
	weights, bias []float32
	origin        int // where the stamp of input 0 begins
}

func (s *stamper) Kernel() string { return "stamper" }

// Run serves two axes, one group and a batch of any size.
func (s *stamper) Run(a runtime.Args, shape runtime.Shape) error {
	dst, src := a.Dst, a.Src
	extents, err := s.layer.Resolve(shape.Input[:2])
	if err != nil {
		return err
	}
	y, x := extents[0], extents[1]
	plane := y.Out * x.Out
	for i := range dst {
		dst[i] = 0
		if s.bias != nil {
			dst[i] = s.bias[i/plane%s.layer.OutChannels]
		}
	}
	for i, v := range src {
		image := i / (s.layer.InChannels * y.In * x.In)
		channel := i / (y.In * x.In) % s.layer.InChannels
		top, left := y.Stride*(i/x.In%y.In)+s.origin, x.Stride*(i%x.In)+s.origin
		for out := range s.layer.OutChannels {
			to := dst[(image*s.layer.OutChannels+out)*plane:][:plane]
			w := s.weights[(channel*s.layer.OutChannels+out)*y.Kernel*x.Kernel:]
			for k := range y.Kernel * x.Kernel {
				row, col := top+k/x.Kernel, left+k%x.Kernel
				if row >= 0 && row < y.Out && col >= 0 && col < x.Out {
					to[row*x.Out+col] += float32(v * w[k])
				}
			}
		}
	}
	return nil
}

// A test of one's own can prove any implementation the way that generated packages
// prove theirs: a Target says how to build it. A generated package needs less:
//
//	func TestKernels(t *testing.T) { kerneltest.Verify(t, decoder.Kernels(), decoder.Layers()) }
func Example_kerneltest() {
	layer, err := specs.ParseName("conv_transpose2d_k4s2p1_c3x2")
	if err != nil {
		log.Fatal(err)
	}
	for _, origin := range []int{-1, 0} { // minus the padding; and a mistake
		target := kerneltest.Target{
			Name: "stamper",
			New: func(l specs.Layer, w kerneltest.Weights, _ kerneltest.Setup) (kerneltest.Runner, error) {
				return &stamper{l, w.Weights, w.Bias, origin}, nil
			},
		}
		_, err := target.Check(kerneltest.Case{Layer: layer, Shape: runtime.NewShape(2, 3, 5)}, 1)
		fmt.Printf("origin %d: %v\n", origin, err)
	}
	// Output:
	// origin -1: <nil>
	// origin 0: conv_transpose2d_k4s2p1_c3x2 batch 2 input [3 5]: integers: not exact: 240 of 240 outputs; the first: dst[0 0 0 0] is -631, want 425
}
