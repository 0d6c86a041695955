package plan

// Target is what a plan knows of an instruction set: data, no behaviour.
type Target struct {
	Name      string // ISA name, the suffix of kernel names
	Lanes     int    // float32 values of a vector
	Registers int    // vector registers
	Masks     int    // registers for masks alone; 0: masks take vector registers
	Fused     bool   // multiply-add rounds once
	Embedded  bool   // a multiply-add broadcasts a value from memory itself, in less time than two instructions
}

// The targets, portable first.
var (
	Go     = Target{Name: "go", Lanes: 1, Registers: 14}
	AVX2   = Target{Name: "avx2", Lanes: 8, Registers: 16, Fused: true}
	AVX512 = Target{Name: "avx512", Lanes: 16, Registers: 32, Masks: 7, Fused: true, Embedded: true}
)
