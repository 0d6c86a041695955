package sim

import "errors"

// untouching are the instructions that do not touch memory in masked lanes: not
// even a page that does not exist makes them fault.
var untouching = map[string]bool{"VMOVUPS": true, "VMASKMOVPS": true, "VGATHERDPS": true}

// policy reports what a kernel must not do wherever it stands.
func (d *instruction) policy() (Kind, error) {
	masked, inMemory := false, false
	for i, a := range d.args {
		last := i == len(d.args)-1
		if a.place == parameter && last && !readsLast[d.opcode] {
			return Argument, errors.New("arguments are only read")
		}
		if a.place == parameter && !readsParameters[d.opcode] {
			return Argument, errors.New("only integer instructions read arguments")
		}
		masked = masked || a.place == mask && !last
		inMemory = inMemory || a.place == memory
	}
	if masked && inMemory && !untouching[d.opcode] {
		return MaskedMemory, errors.New("only VMOVUPS, VMASKMOVPS and VGATHERDPS leave masked lanes alone")
	}
	if d.zeroing && !masked {
		return BadOperand, errors.New("it zeroes masked lanes and has no mask")
	}
	if d.spreads && d.args[0].place != memory {
		return BadOperand, errors.New("it spreads an element and has none in memory in the first place")
	}
	return "", nil
}

// spreading are the instructions whose form that takes one element of memory for every lane
// is modelled.
var spreading = map[string]bool{"VFMADD231PS": true, "VFMADD213PS": true, "VFMADD132PS": true, "VFNMADD231PS": true, "VFMSUB231PS": true, "VMULPS": true, "VADDPS": true}

// Spreads reports whether the simulator knows the form of an instruction that takes one
// element of memory for every lane.
func Spreads(opcode string) bool { return spreading[opcode] }

// readsLast are the instructions that do not write their last operand.
var readsLast = map[string]bool{"CMPQ": true, "TESTQ": true}

// readsParameters are the instructions that may have an argument as operand.
var readsParameters = map[string]bool{"MOVQ": true, "CMPQ": true, "TESTQ": true, "ADDQ": true, "SUBQ": true, "XORQ": true, "IMUL3Q": true}

// addressesOnly are the instructions that have an address and touch no memory.
var addressesOnly = map[string]bool{"LEAQ": true, "PREFETCHT0": true, "PREFETCHT1": true}

// maskedByVector are the instructions whose mask may be a vector.
var maskedByVector = map[string]bool{"VMASKMOVPS": true, "VGATHERDPS": true}

// loadsOrStores is 1 if the instruction touches memory, and 1 if that is under a mask.
func (d *instruction) loadsOrStores() (accesses, masked int) {
	for i, a := range d.args {
		if a.place == memory && !addressesOnly[d.opcode] {
			accesses = 1
		}
		if a.place == mask && i < len(d.args)-1 || maskedByVector[d.opcode] {
			masked = 1
		}
	}
	return accesses, masked * accesses
}
