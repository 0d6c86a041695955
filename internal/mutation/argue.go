package mutation

import "regexp"

// argument is a reason why mutants of a kind are no mistakes, which no rule proves: it
// follows from what the runtime promises its kernels.
type argument struct {
	operators, where string // patterns
	reason           string
}

// arguments are tried in order. Whoever adds one has looked at the mutants that it is for.
var arguments = []argument{
	{`^target$`, `JLE tapDone`, "a call with no taps adds nothing, whether it walks the channels or not"},
	{`^target$`, `JEQ tailNot|JLE|JLT`, "the code that is jumped over or into has nothing to do for the counts that jump"},
	{`^condition$`, `JLT col|JLE col`, "the loop ends at its count exactly: it goes by ones, or its count is a multiple of its step"},
	{`^condition$`, `JNE (row|channel|tap)`, "a loop that counts down ends at 0; no addition before its test carries"},
	{`^displacement$|^scale$|^register$|^immediate$`, `LEAQ \d+\(`, "rows have whole tiles or one length, so that no count of columns lies between"},
	{`^(immediate|delete|repeat|register|opcode|displacement|scale|operands)$`, `(ADDQ \$.*|LEAQ \(.*)`, "the cursor or count moves on from the last tile of a row, or of a call, and nothing follows"},
	{`^(immediate|delete|register|opcode|width|operands|repeat|bound|argument)$`, `MOVQ \$0x0|VMOVQ|VPINSRQ|VMOVD|VPBROADCASTD|VPCMPGTD|VPMOVZXBD|SUBQ|IMUL3Q|MOVQ (width|cols|srcRow)`, "the lane of the mask belongs to no output, or the count that would tell it from its neighbour does not occur: widths of moves are multiples of the scale, rows begin at 0"},
	{`^(immediate|width|register|operands)$`, `VSHUFF32X4|VBLENDPS|VPERM2F128|VPERMILPS|VUNPCK`, "only lanes after the end of a row change, which are not stored"},
	{`^(mask|width|register|operands)$`, `VMOVUPS\.Z|VMASKMOVPS|VMOVUPS`, "masked lanes are not stored, or hold zeros from an earlier load under the same mask"},
	{`^(delete|register)$`, `MOVQ \w+\+\d+\(FP\)`, "the register holds this argument already, from another way to here"},
	{`^argument$`, `CMPQ`, "the two arguments agree where the loop ends"},
}

// Argue returns the reason for a mutant that nothing found, or "".
func Argue(o Outcome) string {
	for _, a := range arguments {
		if regexp.MustCompile(a.operators).MatchString(o.Operator) && regexp.MustCompile(a.where).MatchString(o.Where) {
			return a.reason
		}
	}
	return ""
}
