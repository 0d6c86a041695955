package sim

// selecting are the instructions that make a mask from a count, and those that move lanes.
var (
	selecting = map[string]bool{
		"MOVQ": true, "SUBQ": true, "IMUL3Q": true, "ADDQ": true, "VMOVQ": true, "VMOVD": true, "VPINSRQ": true, "VPMOVZXBD": true, "VPBROADCASTD": true, "VPCMPGTD": true,
	}
	moving = map[string]bool{
		"VUNPCKLPD": true, "VUNPCKHPD": true, "VUNPCKLPS": true, "VUNPCKHPS": true, "VPERMILPS": true, "VSHUFPS": true, "VBLENDPS": true, "VPERM2F128": true, "VSHUFF32X4": true,
		"VEXTRACTF128": true, "VEXTRACTF32X4": true, "VEXTRACTF64X4": true,
	}
)

// Selects reports whether nothing depends on the result of instruction i but which lanes a
// mask has: in the straight-line code around it the value goes through instructions that make
// masks, to a comparison, and nowhere else.
func (p *Program) Selects(i int) bool {
	in := &p.code[i]
	if !selecting[in.opcode] || in.loads() {
		return false
	}
	if in.opcode == "VPCMPGTD" {
		return true
	}
	_, end := p.block(i)
	made := in.changes() &^ allFlagBits
	for at := i + 1; at < end && made != 0; at++ {
		in := &p.code[at]
		switch reads := in.reads() & made; {
		case reads != 0 && (!selecting[in.opcode] || in.loads()):
			return false
		case reads != 0 && in.opcode != "VPCMPGTD":
			made = made&^in.writes() | in.changes()&^allFlagBits
		default:
			made &^= in.writes()
		}
	}
	return made&p.live()[end] == 0
}

// Moves reports whether instruction i only moves lanes from registers to another.
func (p *Program) Moves(i int) bool { return moving[p.code[i].opcode] && !p.code[i].loads() }
