package sim

import (
	"maps"
	"slices"
)

// semantics are the instructions that the simulator knows, by opcode. A suffix or
// an operand that a row does not handle is a finding.
var semantics = table()

// conditions are the conditional branches, by what the flags say about a and b
// after CMPQ a, b.
var conditions = map[string]condition{
	"JEQ": {zero, func(f flag) bool { return f.has(zero) }},
	"JNE": {zero, func(f flag) bool { return !f.has(zero) }},
	"JLT": {sign | overflow, func(f flag) bool { return f.less() }},
	"JGE": {sign | overflow, func(f flag) bool { return !f.less() }},
	"JLE": {zero | sign | overflow, func(f flag) bool { return f.has(zero) || f.less() }},
	"JGT": {zero | sign | overflow, func(f flag) bool { return !f.has(zero) && !f.less() }},
	"JCS": {carry, func(f flag) bool { return f.has(carry) }},
	"JCC": {carry, func(f flag) bool { return !f.has(carry) }},
	"JLS": {carry | zero, func(f flag) bool { return f.has(carry) || f.has(zero) }},
	"JHI": {carry | zero, func(f flag) bool { return !f.has(carry) && !f.has(zero) }},
	"JMI": {sign, func(f flag) bool { return f.has(sign) }},
	"JPL": {sign, func(f flag) bool { return !f.has(sign) }},
}

// scalars are the instructions that have a semantic of their own.
var scalars = map[string]semantic{
	"ADDQ": update(add, false), "SUBQ": update(subtract, true), "XORQ": update(xor, true),
	"CMPQ": compare(subtract), "TESTQ": compare(and),
	"DECQ": decrement, "IMUL3Q": multiply,
	"MOVQ": move(8), "MOVL": move(4), "LEAQ": loadAddress, "KMOVW": maskMove, "VGATHERDPS": gather,
	"KANDW": maskAnd,
	"JMP":   jump, "RET": ret, "PREFETCHT0": prefetch, "PREFETCHT1": prefetch, "SFENCE": fence, "VMOVNTPS": streamingStore,
	"VZEROUPPER": zeroUpper, "VMOVUPS": vectorMove, "VMASKMOVPS": vectorMove, "VPCMPGTD": comparison(isGreater), "VPCMPEQD": comparison(isEqual), "VCMPPS": comparison(floatsCompare),
}

// vectors are the lanewise instructions. o.src(0, i) is lane i of Intel's first
// source, the last operand but one of the Go assembler; o.src(1, i) is of the one
// before it.
var vectors = map[string]lanewise{
	"VFMADD231PS":  {lane: func(o *operation, i int) uint32 { return multiplyAdd(o.src(0, i), o.src(1, i), o.dst(i)) }},
	"VFMADD213PS":  {lane: func(o *operation, i int) uint32 { return multiplyAdd(o.src(0, i), o.dst(i), o.src(1, i)) }},
	"VFMADD132PS":  {lane: func(o *operation, i int) uint32 { return multiplyAdd(o.dst(i), o.src(1, i), o.src(0, i)) }},
	"VFNMADD231PS": {lane: func(o *operation, i int) uint32 { return multiplyAdd(negated(o.src(0, i)), o.src(1, i), o.dst(i)) }},
	"VFMSUB231PS":  {lane: func(o *operation, i int) uint32 { return multiplyAdd(o.src(0, i), o.src(1, i), negated(o.dst(i))) }},
	"VMULPS":       {lane: func(o *operation, i int) uint32 { return product(o.src(0, i), o.src(1, i)) }},
	"VADDPS":       {lane: rounded(func(a, b float32) float32 { return a + b })},
	"VSUBPS":       {lane: rounded(func(a, b float32) float32 { return a - b })},
	"VDIVPS":       {lane: rounded(func(a, b float32) float32 { return a / b })},
	"VMAXPS":       {lane: extreme(func(a, b float32) bool { return a > b })},
	"VMINPS":       {lane: extreme(func(a, b float32) bool { return a < b })},
	"VANDPS":       {lane: func(o *operation, i int) uint32 { return o.src(0, i) & o.src(1, i) }},
	"VPANDD":       {lane: func(o *operation, i int) uint32 { return o.src(0, i) & o.src(1, i) }},
	"VPSLLD":       {lane: shiftLeft},
	"VORPS":        {lane: func(o *operation, i int) uint32 { return o.src(0, i) | o.src(1, i) }},
	"VPORD":        {lane: func(o *operation, i int) uint32 { return o.src(0, i) | o.src(1, i) }},
	"VPADDD":       {lane: func(o *operation, i int) uint32 { return o.src(0, i) + o.src(1, i) }},
	"VPSUBD":       {lane: func(o *operation, i int) uint32 { return o.src(0, i) - o.src(1, i) }},
	"VXORPS":       {lane: func(o *operation, i int) uint32 { return o.src(0, i) ^ o.src(1, i) }, cancels: true},
	"VPXORD":       {lane: func(o *operation, i int) uint32 { return o.src(0, i) ^ o.src(1, i) }, cancels: true},

	"VBROADCASTSS": {lane: first, memory: words(1)},
	"VPBROADCASTD": {lane: first, memory: words(1)},
	"VMOVD":        {lane: lowest(1), memory: words(1)},
	"VMOVQ":        {lane: lowest(2), memory: words(2)},
	"VPINSRQ":      {lane: insert, memory: words(2), coarse: true},
	"VPMOVZXBD":    {lane: func(o *operation, i int) uint32 { return o.src(0, i/4) >> (8 * (i % 4)) & 0xff }, memory: func(n int) int { return n / 4 }},

	"VUNPCKLPD":  {lane: func(o *operation, i int) uint32 { return o.src(i&3/2, i&^3+i&1) }},
	"VUNPCKHPD":  {lane: func(o *operation, i int) uint32 { return o.src(i&3/2, i&^3+i&1+2) }},
	"VUNPCKLPS":  {lane: func(o *operation, i int) uint32 { return o.src(i&1, i&^3+i&3/2) }},
	"VUNPCKHPS":  {lane: func(o *operation, i int) uint32 { return o.src(i&1, i&^3+i&3/2+2) }},
	"VPERMILPS":  {lane: func(o *operation, i int) uint32 { return o.src(0, i&^3+o.imm>>(2*(i&3))&3) }},
	"VSHUFPS":    {lane: func(o *operation, i int) uint32 { return o.src(i&3/2, i&^3+o.imm>>(2*(i&3))&3) }},
	"VPERMPS":    {lane: func(o *operation, i int) uint32 { return o.src(1, int(o.src(0, i))&(o.n-1)) }},
	"VBLENDPS":   {lane: func(o *operation, i int) uint32 { return o.src(o.imm>>i&1, i) }},
	"VPERM2F128": {lane: permuteHalves},
	"VSHUFF32X4": {lane: shuffleQuarters},

	"VEXTRACTF128":  {lane: extract, count: 4},
	"VEXTRACTF32X4": {lane: extract, count: 4},
	"VEXTRACTF64X4": {lane: extract, count: 8, coarse: true},

	"VPACKSSDW": {lane: narrowed(2, 16, -1<<15, 1<<15-1)},
	"VPACKUSWB": {lane: narrowed(4, 8, 0, 255)},
	"VPMOVDB":   {lane: lowBytes, count: 4, coarse: true},
	"VMOVLPS":   {lane: func(o *operation, i int) uint32 { return o.src(0, i) }, count: 2, coarse: true},
}

// table puts the rows of all kinds together.
func table() map[string]semantic {
	all := map[string]semantic{}
	for name, s := range scalars {
		all[name] = s
	}
	for name, c := range conditions {
		all[name] = branch(c)
	}
	for name, w := range vectors {
		all[name] = execute(w)
	}
	return all
}

// Opcodes lists the instructions that the simulator knows.
func Opcodes() []string { return slices.Sorted(maps.Keys(semantics)) }

// words is the size of a memory operand that does not depend on the vector's.
func words(n int) func(int) int { return func(int) int { return n } }

// rounded rounds the result of two floats once.
func rounded(f func(a, b float32) float32) func(o *operation, i int) uint32 {
	return func(o *operation, i int) uint32 {
		a, b := o.src(0, i), o.src(1, i)
		return propagate(f(floatOf(a), floatOf(b)), a, b)
	}
}

// extreme is the first source where it is beyond the second, else the second, as it
// is.
func extreme(beyond func(a, b float32) bool) func(o *operation, i int) uint32 {
	return func(o *operation, i int) uint32 {
		if a, b := o.src(0, i), o.src(1, i); !beyond(floatOf(a), floatOf(b)) {
			return b
		}
		return o.src(0, i)
	}
}

// shiftLeft takes the count from the immediate; the form that takes it from a vector
// is not modelled.
func shiftLeft(o *operation, i int) uint32 {
	if o.names[1] != "" {
		o.report(BadOperand, "its count is not a constant")
	}
	return o.src(0, i) << o.imm
}

// first is the first lane of the source, everywhere.
func first(o *operation, _ int) uint32 { return o.src(0, 0) }

// lowest moves the first n lanes and clears the others.
func lowest(n int) func(o *operation, i int) uint32 {
	return func(o *operation, i int) uint32 {
		if i < n {
			return o.src(0, i)
		}
		return 0
	}
}

// insert replaces 64 bits.
func insert(o *operation, i int) uint32 {
	if i/2 == o.imm&1 {
		return o.src(1, i%2)
	}
	return o.src(0, i)
}

// permuteHalves: each half of the result is one of the sources' four halves, or 0.
func permuteHalves(o *operation, i int) uint32 {
	choice := o.imm >> (i / 4 * 4)
	if choice&8 != 0 {
		return 0
	}
	return o.src(choice>>1&1, choice&1*4+i%4)
}

// shuffleQuarters: the first half of the result has quarters of the first source,
// the second half of the second.
func shuffleQuarters(o *operation, i int) uint32 {
	quarters, q := o.n/4, i/4
	choice := o.imm >> (q * (quarters / 2)) & (quarters - 1)
	return o.src(q/(quarters/2), choice*4+i%4)
}

// extract is one of the source's parts.
func extract(o *operation, i int) uint32 {
	part := o.imm & (o.width/o.n - 1)
	return o.src(0, part*o.n+i)
}

// narrowed packs signed integers, parts of a lane's 32 bits, into those of half the
// width, each cut to what that holds: within 128 bits those of the first source come
// before those of the second.
func narrowed(parts, bits int, least, most int32) func(o *operation, i int) uint32 {
	return func(o *operation, i int) (result uint32) {
		for part := range parts {
			perLane := parts / 2
			word := o.src(i&3/2, i&^3+i&1*2+part/perLane)
			wide := 2 * bits
			v := int32(word<<(32-wide*(part%perLane+1))) >> (32 - wide)
			result |= uint32(min(max(v, least), most)) & (1<<bits - 1) << (bits * part)
		}
		return result
	}
}

// lowBytes is the lowest byte of each of four lanes.
func lowBytes(o *operation, i int) (result uint32) {
	for j := range 4 {
		result |= o.src(0, 4*i+j) & 0xff << (8 * j)
	}
	return result
}
