package gen

import (
	"fmt"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
)

// tried emits a kernel and lets it pass only after the calls have tried it.
func tried(k nest.Kernel, t plan.Target, calls []trial.Call) (asm.Output, error) {
	out, err := asm.Emit(k, t.Name)
	if err != nil {
		return asm.Output{}, err
	}
	if err := trial.Check(k, out, calls); err != nil {
		return asm.Output{}, err
	}
	return out, nil
}

// Trial is a kernel and the calls that it is tried with before it is written.
type Trial struct {
	Target plan.Target
	Nest   nest.Kernel
	Calls  []trial.Call
}

// OwnTrials are those of the assembly that belongs to no spec.
func OwnTrials() []Trial {
	list := rowMovers()
	for _, t := range []plan.Target{plan.AVX2, plan.AVX512} {
		for _, f := range finishers {
			for _, add := range []bool{false, true} {
				list = append(list, Trial{t, f.kernel(t, add), f.calls(t, add)})
			}
		}
	}
	return list
}

// assembly is the file of a kernel that belongs to no spec, tried with calls.
func assembly(k nest.Kernel, t plan.Target, source string, calls []trial.Call) (File, error) {
	out, err := tried(k, t, calls)
	if err != nil {
		return File{}, err
	}
	return File{Name: k.Name + "_amd64.s", Data: assemblyFile(source, k.Name, out.Text)}, nil
}

// assemblyFile is the text of a file that belongs to no spec.
func assemblyFile(source, name string, text []byte) []byte {
	return fmt.Appendf(nil, "%s%s (%s). DO NOT EDIT.\n\n//go:build !purego\n\n#include \"textflag.h\"\n\n%s", HeaderPrefix, source, name, text)
}
