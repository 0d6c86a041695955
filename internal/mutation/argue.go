package mutation

import "regexp"

// argument is a reason why mutants of a kind are no mistakes, which no rule proves: it
// follows from what the runtime promises its kernels.
type argument struct {
	operators, where, kernel string // patterns
	reason                   string
}

// arguments are tried in order. Whoever adds one has looked at the mutants that it is for.
var arguments = []argument{
	{`^argument$`, `MOVQ (width|cols)`, `k3p1|i1x1`, "with stride 1 the width is the number of columns"},
	{`^(node left out|doubled node|wrong )`, `^[sd] \+= `, ``, "the cursor or count moves on from the last tile of a row, or of a call, and nothing follows"},
	{`^(node left out|doubled node|wrong )`, `^[sd]Row \+= `, `1d|i1x1`, "a layer of one axis has one row"},
	{`^(node left out|doubled node|wrong )`, `Channel \+= `, `dw`, "a depthwise kernel is called with one input channel"},
	{`^(node left out|doubled node|wrong )`, `^(sTap|wTap) \+= |^for tap|sTap = |wTap = `, ``, "the layers that are small enough have one y tap"},
	{`^(node left out|wrong bound)$`, `^for col`, ``, "tiles of another width compute the same"},
	{`^(node left out|doubled node|wrong )`, `^a\d+_\d+_\d+ \+= x|^x\d+ = load|= splat w`, `_go$`, "the last column of a row reads zeros beyond it"},
	{`^wrong register$`, `^store`, `dw|k1s3|k2s3|k3s2p2d2o1`, "the registers hold the same for the layers that are small enough"},
	{`^register$`, `VUNPCK|VPERM2F128|VSHUFF32X4|VMOVUPS`, `k3s2p2d2o1|k2s3|k1s`, "a phase that no tap reaches is the bias alone, in each of its vectors"},
	{`^target$`, `JLE tapDone`, ``, "a call with no taps adds nothing, whether it walks the channels or not"},
	{`^condition$`, `JLT col|JLE col`, ``, "the loop ends at its count exactly, or leaves its last round to narrower tiles with the same loads and stores"},
	{`^condition$`, `JNE (row|channel|tap)`, ``, "a loop that counts down ends at 0; no addition before its test carries"},
	{`^displacement$|^scale$|^register$|^immediate$`, `LEAQ \d+\(`, ``, "rows have whole tiles or one length, so that no count of columns lies between"},
	{`^bound$`, `MOVQ dstRow`, `bed_of_nails`, "the cursor moves back from the last rows of the last tile, and nothing follows"},
	{`^(immediate|delete|repeat|register|opcode|displacement|scale|operands)$`, `(ADDQ \$.*|LEAQ \(.*)`, ``, "the cursor or count moves on from the last tile of a row, or of a call, and nothing follows"},
	{`^(immediate|delete|register|opcode|width|operands|repeat|bound|argument)$`, `MOVQ \$0x0|VMOVQ|VPINSRQ|VMOVD|VPBROADCASTD|VPCMPGTD|VPMOVZXBD|SUBQ|IMUL3Q|MOVQ (width|cols|srcRow)`, ``, "the lane of the mask belongs to no output, or the count that would tell it from its neighbour does not occur: widths of moves are multiples of the scale, rows begin at 0"},
	{`^(immediate|width|register|operands)$`, `VSHUFF32X4|VBLENDPS|VPERM2F128|VPERMILPS|VUNPCK`, ``, "only lanes after the end of a row change, which are not stored"},
	{`^(mask|width|register|operands)$`, `VMOVUPS\.Z|VMASKMOVPS|VMOVUPS`, ``, "masked lanes are not stored, or hold zeros from an earlier load under the same mask"},
	{`^(delete|register)$`, `MOVQ \w+\+\d+\(FP\)`, ``, "the register holds this argument already, from another way to here"},
	{`^argument$`, `CMPQ`, ``, "the two arguments agree where the loop ends"},
}

// Argue returns the reason for a mutant that nothing found, or "".
func Argue(o Outcome) string {
	for _, a := range arguments {
		if matches(a.operators, o.Operator) && matches(a.where, o.Where) && matches(a.kernel, o.Kernel) {
			return a.reason
		}
	}
	return ""
}

func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }
