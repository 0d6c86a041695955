package main

import (
	"context"
	"errors"
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
[N, spatial..., C_in], the bias as [C_out]. Weights are those of PyTorch and ONNX:
[C_in, C_out/groups, kernel...] for conv_transpose, [C_out, C_in/groups, kernel...]
for conv and resize_conv. Indices of max_pool are int64, those of max_unpool int64 or int32.

A PNG or JPEG picture may stand for an input or output of one channel (grey), of
three (red, green, blue) or, PNG alone, of four (and how opaque a pixel is), from 0
to 1. It is read with the channels of the layer, or with its own where the layer
leaves them free; fewer lay it on white, or make it grey. What a layer makes beyond
0 to 1 is clamped. A PNG made from one of 16 bits a channel has as many.

It works for every layer of the file. One for which this binary has no kernel
runs on the generic path; stderr says which kernel ran and how long. Channels
and sizes that the spec leaves free are taken from the arrays.

The output appears under its name when it is complete.`

// application is the run command: one layer applied to arrays.
type application struct {
	*app
	spec, layer            string
	input, output          string
	weights, bias, slopes  string
	residual               string
	indices, indicesOutput string
	isa                    string
	threads, maxElements   int
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
	flags.StringVar(&r.input, "input", "", "`FILE` with the input, [N, C_in, spatial...] or [N, spatial..., C_in], or a picture")
	flags.StringVar(&r.weights, "weights", "", "`FILE` with the weights; for layers that have some")
	flags.StringVar(&r.bias, "bias", "", "`FILE` with the bias, [C_out]; for layers that have one")
	flags.StringVar(&r.output, "output", "", "`FILE` for the output, [N, C_out, spatial...] or [N, spatial..., C_out], or a picture")
	flags.StringVar(&r.slopes, "slopes", "", "`FILE` with the slopes of prelu, [C_out]")
	flags.StringVar(&r.residual, "residual", "", "`FILE` with the residual, of the output's shape; for layers with add: true")
	flags.StringVar(&r.indices, "indices", "", "`FILE` with the int64 or int32 indices of a max_unpool, of the input's shape")
	flags.StringVar(&r.indicesOutput, "indices-output", "", "`FILE` for the int64 indices of a max_pool, of the output's shape")
	flags.StringVar(&r.isa, "isa", "", "instruction set: generic, go, avx2 or avx512 (default: UPCONV_ISA, else the best)")
	flags.IntVar(&r.threads, "threads", 0, "goroutines to use at most (default: GOMAXPROCS)")
	flags.IntVar(&r.maxElements, "max-elements", defaultMaxElements, "largest output, in elements")
	if err := cmd.RegisterFlagCompletionFunc("layer", a.completeLayers(1)); err != nil {
		panic(err) // a name that is not a flag
	}
	for _, name := range []string{"layer", "input", "output"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a name that is not a flag
		}
	}
	return cmd
}

func (r *application) run(ctx context.Context, _ []string) error {
	note := startProgress(r.stderr, "reading the arrays")
	defer note.stop()
	f, err := r.loadSpec(r.spec)
	if err != nil {
		return err
	}
	l, err := layerOf(f, r.layer)
	if err != nil {
		return err
	}
	for _, path := range []string{r.output, r.indicesOutput} {
		if path == "" {
			continue
		}
		if err := errors.Join(foreign(path), outdir.Replaceable(path)); err != nil {
			return err
		}
	}
	arrays, err := r.read(ctx, l)
	if err != nil {
		return err
	}
	l, err = arrays.complete(l, r.limits)
	if err != nil {
		return err
	}
	note.step("running " + l.Name)
	made, err := r.apply(ctx, l, arrays)
	if err != nil {
		return err
	}
	note.step("writing " + r.output)
	if err := r.write(l, made); err != nil {
		return err
	}
	note.stop()
	fmt.Fprintf(r.stderr, "%s: %s -> %s, %s, %.3f ms\n", l.Name, shapeText(arrays.input.Shape), shapeText(made.out.Shape),
		made.kernel, float64(made.elapsed)/float64(time.Millisecond))
	return nil
}

// write writes the output, and the indices of a max_pool.
func (r *application) write(l specs.Layer, made result) error {
	encode := func(w io.Writer) error { return tensorio.Encode(w, made.out) }
	if isPicture(r.output) {
		p, err := pictureOf(l, made.out)
		if err != nil {
			return fmt.Errorf("%s: %w", r.output, err)
		}
		p.Deep = made.deep
		encode = func(w io.Writer) error { return encodePicture(w, r.output, p) }
	}
	files := outdir.NewStaging()
	defer files.Discard()
	if err := files.Add(r.output, encode); err != nil {
		return err
	}
	if r.indicesOutput != "" {
		indices := tensorio.Integers{Shape: made.out.Shape, Data: made.indices}
		err := files.Add(r.indicesOutput, func(w io.Writer) error { return tensorio.EncodeIntegers(w, indices) })
		if err != nil {
			return err
		}
	}
	_, err := files.Commit()
	return err
}

// result is what a layer made of its arrays.
type result struct {
	out     tensorio.Array
	deep    bool    // made from a picture of sixteen bits a channel
	indices []int64 // of a max_pool, where they are wanted
	kernel  string
	elapsed time.Duration
}

// apply builds the layer, whose channels are set, and runs it once.
func (r *application) apply(ctx context.Context, l specs.Layer, a *arrays) (result, error) {
	registry, err := runtime.NewRegistry(prebuilt.Kernels())
	if err != nil {
		return result{}, err
	}
	opts := []runtime.Option{runtime.WithISA(r.isa), runtime.WithLimits(r.limits)}
	if r.threads != 0 {
		opts = append(opts, runtime.WithThreads(r.threads))
	}
	if l.Activation.Function == specs.PReLU {
		opts = append(opts, runtime.WithSlopes(a.slopes.Data))
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
	if l.Add {
		if err := a.residual.is(l, "the residual", size, shapeText(size)); err != nil {
			return result{}, err
		}
	}
	args := runtime.Args{Dst: make([]float32, n), Src: a.input.Data, Residual: a.residual.Data, Indices: a.indices.Data}
	if r.indicesOutput != "" {
		args.Indices = make([]int64, n)
	}
	start := time.Now()
	err = interruptible(ctx, func() error { return layer.Run(args, shape) })
	return result{tensorio.Array{Shape: size, Data: args.Dst}, a.input.deep, args.Indices, layer.Kernel(), time.Since(start)}, err
}
