package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/upconv/upconv/internal/hugemem"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// contestant holds the layer that is timed.
type contestant struct {
	layer    *runtime.Layer
	shape    runtime.Shape
	dst, src []float32
	flops    float64
}

// load builds a layer, which packs its weights, and runs it once.
func (c *contestant) load(r request) (reply, error) {
	*c = contestant{}
	found, err := find(r.Row)
	if err != nil {
		return reply{}, err
	}
	size, _ := specs.Product(found.Layer.WeightsShape()...)
	weights, err := readFloats(filepath.Join(r.Folder, "weights.f32"), size)
	if err != nil {
		return reply{}, err
	}
	registry, err := runtime.NewRegistry(prebuilt.Kernels())
	if err != nil {
		return reply{}, err
	}
	layer, err := registry.New(found.Layer, weights, nil, runtime.WithISA(r.ISA), runtime.WithThreads(r.Threads))
	if err != nil {
		return reply{}, err
	}
	if err := c.arrays(layer, found.Shape, r.Folder); err != nil {
		return reply{}, err
	}
	c.layer, c.shape, c.flops = layer, found.Shape, float64(found.FLOPs())
	if err := c.run(); err != nil {
		return reply{}, err
	}
	return reply{Path: layer.Kernel(), ISA: layer.ISA()}, writeFloats(filepath.Join(r.Folder, "ours.f32"), c.dst)
}

// arrays allocates as numpy does for the peers: large arrays on huge pages.
func (c *contestant) arrays(l *runtime.Layer, shape runtime.Shape, folder string) error {
	srcLen, err := l.SrcLen(shape)
	if err != nil {
		return err
	}
	dstLen, err := l.DstLen(shape)
	if err != nil {
		return err
	}
	c.dst = hugemem.Floats(dstLen)
	c.src, err = readFloats(filepath.Join(folder, "src.f32"), srcLen)
	return err
}

func (c *contestant) run() error { return c.layer.Forward(c.dst, c.src, c.shape) }

// leastRuns is the least number of runs that a turn times.
const leastRuns = 3

// time warms up for a quarter of the time asked for, then times runs; the result
// is their median.
func (c *contestant) time(r request) (reply, error) {
	if c.layer == nil {
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

// readFloats reads n little-endian float32.
func readFloats(path string, n int) ([]float32, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(data) != 4*n {
		return nil, fmt.Errorf("%s: %d bytes; the layer wants %d float32", path, len(data), n)
	}
	s := hugemem.Floats(n)
	for i := range s {
		s[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return s, nil
}

func writeFloats(path string, s []float32) error {
	data := make([]byte, 4*len(s))
	for i, v := range s {
		binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
	}
	return os.WriteFile(path, data, 0o644)
}
