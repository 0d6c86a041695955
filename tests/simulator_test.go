package tests

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/internal/aligned"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// eachSimulation calls f for every prebuilt layer that has assembly, on each
// vector target.
func eachSimulation(t *testing.T, f func(t *testing.T, l specs.Layer, s *differential.Simulation)) {
	t.Helper()
	seen := map[string]bool{}
	for _, p := range prebuilt.Packages() {
		for _, l := range p.Layers {
			for _, target := range gen.Targets {
				s, err := differential.NewSimulation(l, target)
				require.NoError(t, err)
				if s == nil || seen[s.Nest.Name] {
					continue
				}
				seen[s.Nest.Name] = true
				t.Run(s.Nest.Name, func(t *testing.T) { t.Parallel(); f(t, l, s) })
			}
		}
	}
	require.Greater(t, len(seen), 40)
}

// TestSimulatorIsTheKernel executes every prebuilt kernel on the processor and in
// the simulator, on random bit patterns, NaN and infinities among them, and
// compares all of dst.
func TestSimulatorIsTheKernel(t *testing.T) {
	kernels := map[string]runtime.Kernel{}
	for _, k := range prebuilt.Kernels() {
		kernels[k.Name] = k
	}
	eachSimulation(t, func(t *testing.T, _ specs.Layer, s *differential.Simulation) {
		k, ok := kernels[s.Nest.Name]
		if !ok {
			t.Skip("this build has no assembly")
		}
		need(t, k)
		r := rand.New(rand.NewPCG(3, 0))
		calls := s.Contract.Calls()
		require.NotEmpty(t, calls)
		for _, c := range calls {
			scramble(r, c)
			got, _, err := c.Simulate(s.Program)
			require.NoError(t, err)
			want := aligned.Copy(c.Args.Slices[0])
			run(k, want, c)
			require.Equal(t, floatBits(want), floatBits(got), "%v", c.Args.Ints)
		}
	})
}

// need skips where the processor lacks what k needs, or fails where that was
// required.
func need(t *testing.T, k runtime.Kernel) {
	t.Helper()
	if lacks := k.Needs &^ cpu.Detect(); lacks != 0 {
		require.NotContains(t, strings.Split(os.Getenv(kerneltest.RequireVariable), ","), k.ISA)
		t.Skipf("this processor lacks %v", lacks)
	}
}

// scramble puts random floats into all slices but tables, and at places any bits at
// all.
func scramble(r *rand.Rand, c trial.Call) {
	for _, s := range c.Args.Slices[:len(c.Args.Slices)-c.Tables] {
		for i := range s {
			if s[i] = float32(r.NormFloat64()); r.IntN(24) == 0 {
				s[i] = math.Float32frombits(r.Uint32())
			}
		}
	}
}

func run(k runtime.Kernel, dst []float32, c trial.Call) {
	s, n := c.Args.Slices, c.Args.Ints
	if k.Pool != nil {
		k.Pool(dst, s[1], s[2], n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], n[12], n[13])
		return
	}
	if k.Move != nil {
		k.Move(dst, s[1], n[0], n[1], n[2], n[3], n[4], n[5])
		return
	}
	if k.Linear != nil {
		k.Linear(dst, s[1], s[2], s[3], s[4], n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9])
		return
	}
	k.Run(dst, s[1], s[2], s[3], n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], n[12], n[13], n[14])
}

func floatBits(s []float32) []uint32 {
	bits := make([]uint32, len(s))
	for i, v := range s {
		bits[i] = math.Float32bits(v)
	}
	return bits
}

// rerunWork bounds the multiply-adds of the cases of a layer.
const rerunWork = 1 << 22

// TestRuntimeCallsInTheSimulator runs every prebuilt kernel through the runtime on
// small inputs and executes each different call that it makes, on slices that end
// where the call may not go on. Layers of any size reach every instruction so; what
// layers of a fixed size do not, the trial before generation does.
func TestRuntimeCallsInTheSimulator(t *testing.T) {
	eachSimulation(t, func(t *testing.T, l specs.Layer, s *differential.Simulation) {
		r := &rerun{Simulation: s, seen: map[string]bool{}, coverage: s.Program.Coverage()}
		cases, err := kerneltest.Cases(l, rerunWork)
		require.NoError(t, err)
		for _, c := range otherIndices(append(cases, sizes(sized(cases, s), s)...)) {
			require.NoError(t, r.forward(c), "%v", c)
		}
		t.Logf("%d different calls of %d, %d instructions", len(r.seen), r.calls, r.instructions)
		require.NotEmpty(t, r.seen)
		if l.Axes[l.Rank-1].Input == 0 {
			for _, missing := range r.coverage.Missing() {
				require.NotContains(t, missing, "never executed")
			}
		}
	})
}

// otherIndices adds to each case of a max_pool the one whose indices count something
// else: one kernel serves both.
func otherIndices(cases []kerneltest.Case) []kerneltest.Case {
	for _, c := range slices.Clone(cases) {
		if c.Layer.Op != specs.MaxPool {
			continue
		}
		if c.Layer.Indices == specs.PlaneIndices {
			c.Layer.Indices = specs.TensorIndices
		} else {
			c.Layer.Indices = specs.PlaneIndices
		}
		cases = append(cases, c)
	}
	return cases
}

// rerun executes the different calls of one kernel.
type rerun struct {
	*differential.Simulation
	seen                map[string]bool // by integer arguments
	coverage            *sim.Coverage
	calls, instructions int
}

// call executes a call with new integers; the others differ in data alone.
func (r *rerun) call(a nest.Args) error {
	r.calls++
	key := fmt.Sprint(a.Ints)
	if r.seen[key] {
		return nil
	}
	r.seen[key] = true
	_, stats, err := r.Call(a)
	if err == nil {
		r.coverage.Add(stats)
		r.instructions += stats.Instructions
	}
	return err
}

// sized is the layer whose rows take many sizes: for a kernel that goes on with sums of
// earlier input channels the one with most of these, so that every tile does.
func sized(cases []kerneltest.Case, s *differential.Simulation) specs.Layer {
	if s.Kernel.Pack.Order != pack.Channels && s.Kernel.Tile.Pass == 0 {
		return cases[0].Layer
	}
	return slices.MaxFunc(cases, func(a, b kerneltest.Case) int { return a.Layer.InChannels - b.Layer.InChannels }).Layer
}

// sizes are rows that end just before, at and just after each tile of the kernel,
// and two rows of tiles; of resizes to one size also far more inputs than outputs. For
// layers that take any size.
func sizes(l specs.Layer, s *differential.Simulation) (cases []kerneltest.Case) {
	x := l.Axes[l.Rank-1]
	if x.Input != 0 {
		return nil
	}
	most, shrunk := 0, 3*x.OutputSize
	for _, width := range s.Plan.Widths() {
		most += width
		for _, in := range []int{width - 1, width, width + 1, most + 1, most + width - 1, max(width, shrunk)} {
			c := kerneltest.Case{Layer: l, Shape: runtime.Shape{Batch: 1}}
			for i := range l.Rank - 1 {
				c.Shape.Input[i] = max(2, l.Axes[i].Kernel) * blocks(l, i)
			}
			c.Shape.Input[l.Rank-1] = max(in, x.Kernel) * blocks(l, l.Rank-1)
			cases = append(cases, c)
		}
	}
	return cases
}

// blocks is the number of inputs of an axis for each output of a layer that makes fewer.
func blocks(l specs.Layer, axis int) int {
	switch l.Op {
	case specs.PixelUnshuffle:
		return l.Axes[axis].Scale
	case specs.Conv:
		return l.Axes[axis].Stride
	default:
		return 1
	}
}

// forward runs a case through the runtime, with this kernel alone: one that may go on from
// sums also one input channel after the other.
func (r *rerun) forward(c kerneltest.Case) error {
	k := r.Link(r.call)
	if k.Tile.Pass > 0 && !k.Tile.Once {
		one := k
		one.Tile.Pass = 1
		if err := r.with(one, c); err != nil {
			return err
		}
	}
	return r.with(k, c)
}

func (r *rerun) with(k runtime.Kernel, c kerneltest.Case) error {
	registry, err := runtime.NewRegistry([]runtime.Kernel{k})
	if err != nil {
		return err
	}
	var weights, bias []float32
	if c.Layer.Op.Weighted() {
		n, _ := specs.Product(c.Layer.WeightsShape()...)
		weights = normal(n)
	}
	if c.Layer.Bias {
		bias = normal(c.Layer.OutChannels)
	}
	for _, cache := range caches(c.Layer.Op) {
		layer, err := registry.New(c.Layer, weights, bias, runtime.WithISA(k.ISA), runtime.WithThreads(1), runtime.WithCache(cache))
		if err != nil {
			return err
		}
		if err := runOnce(layer, c); err != nil {
			return err
		}
	}
	return nil
}

// caches are the sizes with which a case runs, in bytes: the kernel of a max_unpool writes
// past a small one itself.
func caches(op specs.Op) []int {
	if op == specs.MaxUnpool {
		return []int{0, 1}
	}
	return []int{0}
}

// runOnce runs a layer on new arrays, a max_unpool with indices of both widths.
func runOnce(layer *runtime.Layer, c kerneltest.Case) error {
	in, err := layer.SrcLen(c.Shape)
	if err != nil {
		return err
	}
	out, err := layer.DstLen(c.Shape)
	if err != nil {
		return err
	}
	a := runtime.Args{Dst: make([]float32, out), Src: normal(in)}
	switch c.Layer.Op {
	case specs.MaxPool:
		a.Indices = make([]int64, out)
	case specs.MaxUnpool: // of both widths; the first element of each block
		indices, narrow := cornersOf(c, in)
		a.Indices32 = narrow
		if err := kerneltest.Guarded(func() error { return layer.Run(a, c.Shape) }); err != nil {
			return err
		}
		a.Indices, a.Indices32 = indices, nil
	}
	return kerneltest.Guarded(func() error { return layer.Run(a, c.Shape) })
}

// cornersOf are indices of the first element of each input's block.
func cornersOf(c kerneltest.Case, n int) (wide []int64, narrow []int32) {
	e, err := c.Layer.Resolve(c.Shape.Input[:c.Layer.Rank])
	if err != nil {
		panic(err)
	}
	x, y := e[len(e)-1], specs.Extent{In: 1, Out: 1, Stride: 1}
	if len(e) > 1 {
		y = e[0]
	}
	wide, narrow = make([]int64, n), make([]int32, n)
	for i := range wide {
		plane, row, col := i/(x.In*y.In), i/x.In%y.In, i%x.In
		at := row*y.Stride*x.Out + col*x.Stride
		if c.Layer.Indices == specs.TensorIndices {
			at += plane * y.Out * x.Out
		}
		wide[i], narrow[i] = int64(at), int32(at)
	}
	return wide, narrow
}

// normal draws n numbers.
func normal(n int) []float32 {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
	return s
}
