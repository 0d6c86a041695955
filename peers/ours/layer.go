package main

import (
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/upconv/upconv/internal/bench"
	"github.com/upconv/upconv/internal/hugemem"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// contestant holds what is timed: a layer, or several that feed each other.
type contestant struct {
	name   string
	split  func(specs.Layer) ([]specs.Layer, error)
	stages []stage
	flops  float64
	bytes  int64
}

// stage is a layer, the shape that it runs at, and what it reads and writes.
type stage struct {
	layer *runtime.Layer
	shape runtime.Shape
	args  runtime.Args
}

// load builds the layers of a row, which packs their weights, and runs them once.
func (c *contestant) load(r request) (reply, error) {
	*c = contestant{name: c.name, split: c.split}
	found, err := find(r.Row.Name)
	if err != nil {
		return reply{}, err
	}
	layers, err := c.split(found.Layer)
	if err != nil {
		return reply{}, err
	}
	registry, err := runtime.NewRegistry(prebuilt.Kernels())
	if err != nil {
		return reply{}, err
	}
	for _, l := range layers {
		if err := c.add(registry, l, found.Shape, r); err != nil {
			return reply{}, err
		}
	}
	c.flops, c.bytes = float64(found.FLOPs()), moved(c.stages)
	if err := c.run(); err != nil {
		return reply{}, err
	}
	return c.loaded(found, r.Folder)
}

// add is one more stage, which reads what the last one writes; the first one reads
// the row's input.
func (c *contestant) add(registry *runtime.Registry, l specs.Layer, shape runtime.Shape, r request) error {
	weights, err := readWeights(l, r.Folder)
	if err != nil {
		return err
	}
	layer, err := registry.New(l, weights, nil, runtime.WithISA(r.ISA), runtime.WithThreads(r.Threads))
	if err != nil {
		return err
	}
	s := stage{layer: layer, shape: shape}
	if n := len(c.stages); n > 0 {
		last := c.stages[n-1]
		if s.shape, err = last.layer.OutputShape(last.shape); err != nil {
			return err
		}
		s.args.Src = last.args.Dst
	} else if err := s.read(r.Folder); err != nil {
		return err
	}
	n, err := layer.DstLen(s.shape)
	if err != nil {
		return err
	}
	s.args.Dst = hugemem.Floats(n) // as numpy does for the peers
	c.stages = append(c.stages, s)
	return nil
}

// read reads the row's input, and the indices of a layer that takes them.
func (s *stage) read(folder string) error {
	n, err := s.layer.SrcLen(s.shape)
	if err != nil {
		return err
	}
	if s.args.Src, err = readFloats(filepath.Join(folder, "src.f32"), n); err != nil {
		return err
	}
	if s.layer.Spec().Op == specs.MaxUnpool {
		s.args.Indices, err = readIndices(filepath.Join(folder, "indices.i64"), n)
	}
	return err
}

// readWeights reads the weights of a layer that has any.
func readWeights(l specs.Layer, folder string) ([]float32, error) {
	if !l.Op.Weighted() {
		return nil, nil
	}
	n, _ := specs.Product(l.WeightsShape()...)
	return readFloats(filepath.Join(folder, "weights.f32"), n)
}

// moved are the bytes that stages read and write, weights left aside.
func moved(stages []stage) (n int64) {
	for _, s := range stages {
		n += int64(4*(len(s.args.Src)+len(s.args.Dst)) + 8*len(s.args.Indices))
	}
	return n
}

// loaded describes what runs and writes its output.
func (c *contestant) loaded(found bench.Case, folder string) (reply, error) {
	var kernels []string
	for _, s := range c.stages {
		kernels = append(kernels, s.layer.Kernel())
	}
	last := c.stages[len(c.stages)-1]
	out, err := last.layer.OutputShape(last.shape)
	if err != nil {
		return reply{}, err
	}
	l := found.Layer
	return reply{
		Path: strings.Join(kernels, " + "), ISA: last.layer.ISA(), Bytes: c.bytes,
		Shape: l.Layout.Shape(out.Batch, l.OutChannels, out.Input[:l.Rank]...),
	}, writeFloats(filepath.Join(folder, c.name+".f32"), last.args.Dst)
}

func (c *contestant) run() error {
	for _, s := range c.stages {
		if err := s.layer.Run(s.args, s.shape); err != nil {
			return err
		}
	}
	return nil
}

// leastRuns is the least number of runs that a turn times.
const leastRuns = 3

// time warms up for a quarter of the time asked for, then times runs; the result
// is their median.
func (c *contestant) time(r request) (reply, error) {
	if c.stages == nil {
		return reply{}, errors.New("no layer is loaded")
	}
	slice := time.Duration(r.MS * float64(time.Millisecond))
	for start, warm := time.Now(), false; !warm || time.Since(start) < slice/4; warm = true {
		if err := c.run(); err != nil {
			return reply{}, err
		}
	}
	var runs []float64
	for start := time.Now(); len(runs) < leastRuns || time.Since(start) < slice; {
		t := time.Now()
		if err := c.run(); err != nil {
			return reply{}, err
		}
		runs = append(runs, float64(time.Since(t)))
	}
	return reply{US: median(runs) / 1e3, Runs: len(runs)}, nil
}
