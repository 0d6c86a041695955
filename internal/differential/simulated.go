package differential

import (
	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Simulated returns a kernel that executes the target's assembly in the simulator;
// ok is false when the target has none for the layer.
func Simulated(l specs.Layer, target plan.Target) (k runtime.Kernel, ok bool, err error) {
	s, err := NewSimulation(l, target)
	if s == nil || err != nil {
		return runtime.Kernel{}, false, err
	}
	return s.Executed(), true, nil
}

// write executes a call and copies to dst what it writes there, and nothing else:
// other goroutines write between its rows.
func (s *Simulation) write(a nest.Args) error {
	c, err := s.Contract.Exact(a)
	if err != nil {
		return err
	}
	dst, _, err := c.Compare(s.Nest, s.Program)
	if err != nil {
		return err
	}
	for i, written := range c.Outputs {
		if written {
			a.Slices[0][i] = dst[i]
		}
	}
	return nil
}

// Try executes the calls that the kernel is tried with before it is written; they
// reach every instruction. It returns how many there were and how many outputs were
// compared with the nest.
func (s *Simulation) Try() (calls, outputs int, err error) {
	list := s.Contract.Calls()
	for _, c := range list {
		for _, written := range c.Outputs {
			if written {
				outputs++
			}
		}
	}
	return len(list), outputs, trial.Check(s.Nest, s.output, list)
}

// Executed is the kernel with every call executed in the simulator.
func (s *Simulation) Executed() runtime.Kernel { return s.Link(s.write) }

// Simulation is the assembly of one kernel, ready to be executed.
type Simulation struct {
	gen.Design
	Program *sim.Program

	output asm.Output
}

// NewSimulation compiles the target's assembly for a layer; it is nil when there is
// none.
func NewSimulation(l specs.Layer, target plan.Target) (*Simulation, error) {
	d, err := gen.DesignOf(l, target)
	if err != nil || target.Lanes == 1 {
		return nil, nil
	}
	s := &Simulation{Design: d}
	out, err := asm.Emit(s.Nest, target.Name)
	if err != nil {
		return nil, err
	}
	s.output = out
	s.Program, err = sim.Load(out.Func)
	return s, err
}

// Call executes a call of the runtime, with slices cut to what it may touch, and
// returns what it writes to dst after comparing that with the nest.
func (s *Simulation) Call(a nest.Args) (dst []float32, stats sim.Stats, err error) {
	c, err := s.Contract.Exact(a)
	if err != nil {
		return nil, stats, err
	}
	return c.Compare(s.Nest, s.Program)
}

// Link is the kernel with its calls going to run instead. Errors of run are panics:
// the runtime knows of none.
func (s *Simulation) Link(run func(nest.Args) error) runtime.Kernel { return Link(s.Design, run) }
