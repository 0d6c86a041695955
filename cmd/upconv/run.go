package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/internal/tensorio"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// defaultMaxElements is the largest output unless --max-elements says more: 1 GiB.
const defaultMaxElements = 1 << 28

const runLong = `Run applies one layer of a spec file to arrays in .npy files (numpy.save): float32
in C order, the input as [N, C_in, spatial...], or with layout: nhwc as
[N, spatial..., C_in], weights as [C_in, C_out/groups, kernel...], as PyTorch and
ONNX have them, and the bias as [C_out].

It works for every layer of the file. One for which this binary has no kernel
runs on the generic path; stderr says which kernel ran and how long. Channels
and sizes that the spec leaves free are taken from the arrays.

The output appears under its name when it is complete.`

// application is the run command: one layer applied to arrays.
type application struct {
	*app
	spec, layer                  string
	input, weights, bias, output string
	isa                          string
	threads, maxElements         int
}

func (a *app) runCommand() *cobra.Command {
	r := &application{app: a}
	cmd := &cobra.Command{
		Use:     "run",
		Short:   "Apply a layer to arrays in .npy files",
		Long:    runLong,
		Example: "  upconv run -f layers.yaml --layer up1 --input x.npy --weights w.npy --bias b.npy --output y.npy",
		Args:    cobra.NoArgs,
		RunE:    a.do(r.run),
	}
	flags := cmd.Flags()
	flags.StringVarP(&r.spec, "file", "f", "", specFlagHelp)
	flags.StringVar(&r.layer, "layer", "", "name of the layer")
	flags.StringVar(&r.input, "input", "", "`FILE` with the input, [N, C_in, spatial...] or [N, spatial..., C_in]")
	flags.StringVar(&r.weights, "weights", "", "`FILE` with the weights, [C_in, C_out/groups, kernel...]")
	flags.StringVar(&r.bias, "bias", "", "`FILE` with the bias, [C_out]; for layers that have one")
	flags.StringVar(&r.output, "output", "", "`FILE` for the output, [N, C_out, spatial...] or [N, spatial..., C_out]")
	flags.StringVar(&r.isa, "isa", "", "instruction set: generic, go or avx2 (default: UPCONV_ISA, else the best)")
	flags.IntVar(&r.threads, "threads", 0, "goroutines to use at most (default: GOMAXPROCS)")
	flags.IntVar(&r.maxElements, "max-elements", defaultMaxElements, "largest output, in elements")
	for _, name := range []string{"layer", "input", "weights", "output"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a name that is not a flag
		}
	}
	return cmd
}

func (r *application) run(ctx context.Context, _ []string) error {
	note := startProgress(r.stderr, "reading the arrays")
	defer note.stop()
	f, err := loadSpec(r.spec)
	if err != nil {
		return err
	}
	l, err := layerOf(f, r.layer)
	if err != nil {
		return err
	}
	if err := outdir.Replaceable(r.output); err != nil {
		return err
	}
	arrays, err := r.read(l)
	if err != nil {
		return err
	}
	l, err = arrays.complete(l)
	if err != nil {
		return err
	}
	note.step("running " + l.Name)
	made, err := r.apply(ctx, l, arrays)
	if err != nil {
		return err
	}
	note.step("writing " + r.output)
	err = outdir.WriteFile(r.output, func(w io.Writer) error { return tensorio.Encode(w, made.out) })
	if err != nil {
		return err
	}
	note.stop()
	fmt.Fprintf(r.stderr, "%s: %s -> %s, %s, %.3f ms\n", l.Name, shapeText(arrays.input.Shape), shapeText(made.out.Shape),
		made.kernel, float64(made.elapsed)/float64(time.Millisecond))
	return nil
}

// read reads the files that the layer needs.
func (r *application) read(l specs.Layer) (*arrays, error) {
	switch {
	case l.Bias && r.bias == "":
		return nil, fmt.Errorf("layer %s has a bias: give --bias FILE, or write bias: false in the spec", l.Name)
	case !l.Bias && r.bias != "":
		return nil, fmt.Errorf("layer %s has no bias: leave out --bias, or leave out bias: false in the spec", l.Name)
	}
	a := &arrays{}
	for _, file := range []struct {
		path string
		into *array
	}{{r.input, &a.input}, {r.weights, &a.weights}, {r.bias, &a.bias}} {
		if file.path == "" {
			continue
		}
		read, err := tensorio.Read(file.path)
		if err != nil {
			return nil, err
		}
		*file.into = array{read, file.path}
	}
	return a, nil
}

// result is what a layer made of its arrays.
type result struct {
	out     tensorio.Array
	kernel  string
	elapsed time.Duration
}

// apply builds the layer, whose channels are set, and runs it once.
func (r *application) apply(ctx context.Context, l specs.Layer, a *arrays) (result, error) {
	registry, err := runtime.NewRegistry(prebuilt.Kernels())
	if err != nil {
		return result{}, err
	}
	opts := []runtime.Option{runtime.WithISA(r.isa)}
	if r.threads != 0 {
		opts = append(opts, runtime.WithThreads(r.threads))
	}
	layer, err := registry.New(l, a.weights.Data, a.bias.Data, opts...)
	if err != nil {
		return result{}, err
	}
	batch, _, sizes := l.Layout.Parts(a.input.Shape)
	shape := runtime.NewShape(batch, sizes...)
	outShape, err := layer.OutputShape(shape)
	if err != nil {
		return result{}, err
	}
	size := l.Layout.Shape(batch, l.OutChannels, outShape.Input[:l.Rank]...)
	n, ok := specs.Product(size...)
	if !ok || n > r.maxElements {
		return result{}, fmt.Errorf("the output of layer %s would be %s; --max-elements allows %d", l.Name, shapeText(size), r.maxElements)
	}
	dst := make([]float32, n)
	start := time.Now()
	err = interruptible(ctx, func() error { return layer.Forward(dst, a.input.Data, shape) })
	return result{tensorio.Array{Shape: size, Data: dst}, layer.Kernel(), time.Since(start)}, err
}
