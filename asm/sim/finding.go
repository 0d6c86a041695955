package sim

import "fmt"

// Kind says what is wrong with a program.
type Kind string

// The kinds of findings. Those of the first group are seen before a program runs,
// in every instruction; the others on the way of a call.
const (
	UnknownOpcode Kind = "unknown opcode"
	BadOperand    Kind = "operand that the simulator does not model"
	MaskedMemory  Kind = "masked memory access that may touch masked lanes"
	Stack         Kind = "use of the stack"
	FramePointer  Kind = "use of BP or SP"
	Argument      Kind = "misuse of an argument"
	GlobalData    Kind = "use of global data"
	ControlFlow   Kind = "control flow that leaves the function"

	Undefined   Kind = "undefined value"
	OutOfBounds Kind = "access out of bounds"
	Misaligned  Kind = "access that is not aligned to elements"
	ReadOnly    Kind = "write to an input"
	Unexpected  Kind = "write outside the outputs"
	Twice       Kind = "output written twice"
	Missing     Kind = "output not written"
	VectorState Kind = "return without VZEROUPPER"
	Budget      Kind = "more instructions than expected"
)

// Finding is a mistake of a program; it is the error that Load and Run return.
type Finding struct {
	Kind        Kind
	Function    string
	Index       int    // number of the instruction, from 0; -1 if it is none of them
	Instruction string // as the assembler spells it
	Argument    string // the slice argument concerned, if there is one
	Address     uint64 // the simulated address of an access, if there is one
	Detail      string
}

// Error names the function, the instruction, and what it did wrong.
func (f *Finding) Error() string {
	where := f.Function
	if f.Index >= 0 {
		where = fmt.Sprintf("%s: instruction %d, %s", f.Function, f.Index, f.Instruction)
	}
	return fmt.Sprintf("%s: %s: %s", where, f.Kind, f.Detail)
}
