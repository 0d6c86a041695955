package tests

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/asm/sim"
	"github.com/upconv/upconv/asm/sim/mutant"
	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/internal/outdir"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
)

// faultyLayer has a halo, tails and several phases and taps.
const faultyLayer = "conv_transpose2d_k4s2p1"

// sound is a kernel without a fault, on a target.
type sound struct {
	gen.Design
	target plan.Target
	layer  specs.Layer
	calls  []trial.Call
}

func newSound(t *testing.T, target plan.Target) sound {
	t.Helper()
	l, err := specs.ParseName(faultyLayer)
	require.NoError(t, err)
	d, err := gen.DesignOf(l, target)
	require.NoError(t, err)
	return sound{d, target, l, d.Contract.Calls()}
}

// emitted compares the assembly of one nest with another, as generation does.
func (s sound) emitted(t *testing.T, spelled nest.Kernel) error {
	t.Helper()
	out, err := asm.Emit(spelled, s.target.Name)
	require.NoError(t, err)
	return trial.Check(s.Nest, out, s.calls)
}

// defined compares a nest with the definition of the layer, on a whole layer; after each
// call, other things are done to its slices.
func (s sound) defined(t *testing.T, k nest.Kernel, others ...func(nest.Args)) error {
	t.Helper()
	l := s.layer
	l.InChannels, l.OutChannels = 3, 5
	run := func(a nest.Args) error {
		err := k.Eval(a)
		for _, other := range others {
			other(a)
		}
		return err
	}
	_, err := kerneltest.TargetOf(differential.Link(s.Design, run)).Check(kerneltest.Case{Layer: l, Shape: runtime.NewShape(2, 3, 19)}, 1)
	return err
}

// spelledAs is the kernel with each node that f changes.
func spelledAs(k nest.Kernel, f func(nest.Node) nest.Node) nest.Kernel {
	k.Body = changed(k.Body, f)
	return k
}

func changed(nodes []nest.Node, f func(nest.Node) nest.Node) []nest.Node {
	list := slices.Clone(nodes)
	for i, n := range list {
		if l, ok := n.(nest.Loop); ok {
			l.Body = changed(l.Body, f)
			n = l
		}
		list[i] = f(n)
	}
	return list
}

// eachVector runs f on both vector targets, first without a fault.
func eachVector(t *testing.T, f func(t *testing.T, s sound)) {
	t.Helper()
	for _, target := range []plan.Target{plan.AVX2, plan.AVX512} {
		t.Run(target.Name, func(t *testing.T) {
			s := newSound(t, target)
			require.NoError(t, s.emitted(t, s.Nest))
			require.NoError(t, s.defined(t, s.Nest))
			f(t, s)
		})
	}
}

// TestFaultInThePlan: the taps of a phase read one input too far. Nest, contract and assembly
// follow, so that the trial sees nothing; the definition sees it, in integers.
func TestFaultInThePlan(t *testing.T) {
	eachVector(t, func(t *testing.T, s sound) {
		prob, p, err := plan.For(s.layer, s.target)
		require.NoError(t, err)
		prob.X.Phases = slices.Clone(prob.X.Phases)
		first := &prob.X.Phases[0]
		first.Taps = slices.Clone(first.Taps)
		for i := range first.Taps {
			first.Taps[i].Delta++
		}
		faulty := nest.Build(s.Nest.Name, prob, p)
		out, err := asm.Emit(faulty, s.target.Name)
		require.NoError(t, err)
		require.NoError(t, trial.Check(faulty, out, trial.NewContract(prob, p).Calls()), "nest and trial are made from the plan")
		require.ErrorContains(t, s.defined(t, faulty), "integers: not exact")
	})
}

// TestFaultInTheNest: two inputs are taken for each other. The definition sees it, of a call
// and of a layer.
func TestFaultInTheNest(t *testing.T) {
	eachVector(t, func(t *testing.T, s sound) {
		faulty := exchanged(s.Nest)
		out, err := asm.Emit(faulty, s.target.Name)
		require.NoError(t, err)
		require.ErrorIs(t, trial.Check(faulty, out, s.calls), trial.ErrDefinition)
		require.ErrorContains(t, s.defined(t, faulty), "integers: not exact")
	})
}

// exchanged is the kernel with the displacements 0 and 1 of the inputs exchanged.
func exchanged(k nest.Kernel) nest.Kernel {
	return spelledAs(k, func(n nest.Node) nest.Node {
		if l, ok := n.(nest.Load); ok && strings.HasPrefix(l.From.Cursor, "sTap") && l.From.Disp <= 1 {
			l.From.Disp = 1 - l.From.Disp
			return l
		}
		return n
	})
}

// TestSwappedDisplacements: an emitter spells two displacements for each other. The trial
// compares with the nest.
func TestSwappedDisplacements(t *testing.T) {
	eachVector(t, func(t *testing.T, s sound) {
		require.ErrorContains(t, s.emitted(t, exchanged(s.Nest)), "the nest gives")
	})
}

// TestMissingTailMask: an emitter stores a whole vector at the end of a row. The simulator
// knows which elements are outputs.
func TestMissingTailMask(t *testing.T) {
	eachVector(t, func(t *testing.T, s sound) {
		whole := spelledAs(s.Nest, func(n nest.Node) nest.Node {
			if st, ok := n.(nest.Store); ok {
				st.Mask = ""
				return st
			}
			return n
		})
		f := finding(t, s.emitted(t, whole))
		require.Contains(t, []sim.Kind{sim.OutOfBounds, sim.Unexpected}, f.Kind, f.Error())
		require.Equal(t, "dst", f.Argument)
	})
}

// finding is the simulator's, inside an error.
func finding(t *testing.T, err error) *sim.Finding {
	t.Helper()
	var f *sim.Finding
	require.True(t, errors.As(err, &f), "%v", err)
	return f
}

// edited tries the assembly with the last mutant of an operator that stands for such an
// instruction.
func (s sound) edited(t *testing.T, operator, where, instead string) error {
	t.Helper()
	out, err := asm.Emit(s.Nest, s.target.Name)
	require.NoError(t, err)
	program, err := sim.Load(out.Func)
	require.NoError(t, err)
	var found *mutant.Mutant
	for _, m := range mutant.All(out.Func) {
		if m.Operator == operator && strings.HasPrefix(mutant.Spell(out.Func.Instructions()[m.Index]), where) && strings.HasPrefix(m.Text(), instead) {
			found = &m
		}
	}
	require.NotNil(t, found, "no %s of %s", operator, where)
	faulty, err := program.Replace(found.Index, found.With...)
	require.NoError(t, err)
	return trial.Try(s.Nest, faulty, s.calls)
}

// TestLoopBoundByOne: the last loop of a row makes one round more, or one fewer. The
// simulator sees the first reach outside a slice or not do the nest's work, and outputs
// that the second leaves out.
func TestLoopBoundByOne(t *testing.T) {
	eachVector(t, func(t *testing.T, s sound) {
		f := finding(t, s.edited(t, "condition", "JLT col", "JLE col"))
		require.Equal(t, sim.OutOfBounds, f.Kind, f.Error())
		fewer := spelledAs(s.Nest, func(n nest.Node) nest.Node {
			if l, ok := n.(nest.Loop); ok && l.Partial {
				l.Partial = false
				return l
			}
			return n
		})
		require.Equal(t, sim.Missing, finding(t, s.emitted(t, fewer)).Kind)
	})
}

// TestDroppedVzeroupper: the simulator knows the state of the vector registers.
func TestDroppedVzeroupper(t *testing.T) {
	eachVector(t, func(t *testing.T, s sound) {
		f := finding(t, s.edited(t, "delete", "VZEROUPPER", "nothing"))
		require.Equal(t, sim.VectorState, f.Kind)
		require.ErrorContains(t, f, "RET: return without VZEROUPPER: vector registers were written since the last VZEROUPPER")
	})
}

// TestStaleFile: one changed byte, one lost and one more file of a generated package are
// three findings of the comparison that generate --check makes.
func TestStaleFile(t *testing.T) {
	files, err := gen.Package(readSpec(t, "specs/unet.yaml"))
	require.NoError(t, err)
	target := outdir.Target{Base: t.TempDir(), Sub: "unet", Mark: gen.HeaderPrefix}
	for _, f := range files {
		target.Files = append(target.Files, outdir.File(f))
	}
	_, err = outdir.Write(target)
	require.NoError(t, err)
	changes, err := outdir.Check(target)
	require.NoError(t, err)
	require.Empty(t, changes)

	stale, lost := filepath.Join(target.Path(), files[0].Name), filepath.Join(target.Path(), files[1].Name)
	text := slices.Clone(files[0].Data)
	text[len(text)-2]++
	require.NoError(t, os.WriteFile(stale, text, 0o644))
	require.NoError(t, os.Remove(lost))
	require.NoError(t, os.WriteFile(filepath.Join(target.Path(), "zz_more.go"), files[1].Data, 0o644))
	changes, err = outdir.Check(target)
	require.NoError(t, err)
	kinds := map[string]outdir.Kind{}
	for _, c := range changes {
		kinds[filepath.Base(c.Path)] = c.Kind
	}
	require.Equal(t, map[string]outdir.Kind{files[0].Name: outdir.Stale, files[1].Name: outdir.Missing, "zz_more.go": outdir.Orphaned}, kinds)
}
