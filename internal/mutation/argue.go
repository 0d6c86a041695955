package mutation

import "regexp"

// argument is a reason why mutants of a kind are no mistakes, which no rule proves: it
// follows from what the runtime promises its kernels.
type argument struct {
	operators, where, kernel string // patterns
	reason                   string
}

// Reasons of several mutants.
const (
	lacksColumn = "what is left of a row lacks a column, whose outputs these lanes are"
	noOutput    = "an element of a part of a window belongs to no output"
	aStep       = "the whole vectors of the pixel, of which it has one at least, left the step there, under the mask of all or no lanes that is applied next"
)

// arguments are tried in order. Whoever adds one has looked at the mutants that it is for.
// Those of kernels that belong to a layer were also tried with all thorough calls, in vain.
var arguments = []argument{
	// of loop nests
	{`^(node left out|wrong bound)$`, `^for (col|row) `, ``, "tiles of another width compute the same, rows have whole tiles or one length, and an empty mask touches nothing"},
	{`^wrong bound$`, `^if (tail|col)\b`, ``, "with nothing left the mask is empty, and nothing is touched"},
	{`^wrong bound$`, `^if pair `, `bilinear`, "where there is no second row its distance is 0 and no row lies between: it is the first, and is not used"},
	{`^wrong bound$`, `^if wide `, `nearest`, "gathering finds what a permutation finds"},
	{`^wrong mask$`, `^readable = `, `max_pool`, noOutput},
	{`^node left out$`, `^b = bias`, ``, "an earlier row of tiles left the cursor there"},
	{`^node left out$`, `^inside = `, `max_unpool`, "the row of outputs before, of the same block, left the same mask"},
	{`^node left out$`, `^step = bits`, `max_unpool\w*_nhwc`, aStep},
	// of assembly
	{`^(delete|register)$`, `VPBROADCASTD \w+, [YZ]`, `max_unpool\w*_nhwc`, aStep},
	{`^(delete|target)$`, `JMP colTest`, `max_unpool\w*_nhwc`, "a pixel has a whole vector at least, for which the loop runs whether it is tested first or not"},
	{`^delete$`, `JMP colTest`, `_i(1x1|8x8|16x12)_`, "rows have one length, of a whole tile at least, for which the loop runs whether it is tested first or not"},
	{`^target$`, `JLE pixelDone`, `^(nearest|bed_of_nails)\w*_nhwc`, "without pixels there are no columns, so that the other way makes nothing either"},
	{`^bound$`, `MOVQ width`, `max_pool`, noOutput},
	{`^argument$`, `(MOVQ|CMPQ \w+,) (width|cols)`, `k3p1|i1x1|conv[12]d`, "with stride 1 the width is the number of columns"},
	{`^register$`, `VUNPCK|VPERM2F128|VSHUFF32X4|VMOVUPS`, `k3s2p2d2o1|k2s3|k1s`, "a phase that no tap reaches is the bias alone, in each of its vectors"},
	{`^target$`, `JLE tapDone`, ``, "a call with no taps adds nothing, whether it walks the channels or not"},
	{`^condition$`, `JLT col|JLE col`, ``, "the loop ends at its count exactly, or leaves its last round to narrower tiles with the same loads and stores"},
	{`^condition$`, `JGE \w+Not`, ``, "loops over whole tiles do not pass their count"},
	{`^condition$`, `JNE (row|channel|tap|group|pixel|again)`, ``, "a loop that counts down ends at 0; no addition before its test carries"},
	{`^displacement$`, `LEAQ \d+\(`, ``, "rows have whole tiles or one length, so that no count of columns lies between"},
	{`^(delete|register)$`, `MOVQ \w+\+\d+\(FP\)|MOVL|KMOVW \w+, K`, ``, "the register holds this argument or constant already, from another way to here"},
	{`^(delete|register)$`, `VCMPPS \$0x11`, `nhwc`, "the vectors of a pixel have the same weights: the mask is that of the one before"},
	{`^register$`, `VCMPPS \$0x07`, `max_pool`, "the other register holds counts, which are no NaN"},
	{`^immediate$`, `ADDQ \$0x000000(08|10), `, `^(rows|(add_)?(clamp|scale)|stream|bilinear2d_s8)_`, "after the wide loop there are fewer rounds than lanes, so that the count is less than a vector off"},
	{`^operands$`, `VPSUBD`, `max_unpool`, "the last difference of a block is compared with 0 alone, which has no sign"},
	{`^register$`, `VMOVUPS Z0, K2, Z`, `tanh_avx512`, "numbers of lanes, read as floats, are as good as 0 beside 1"},
	{`^register$`, `VMOVUPS Z3, K1, `, `bed_of_nails2d_s2_avx512`, "the row of the block with inputs left zeros in the other register, too"},
	{`^register$`, `VMASKMOVPS \((BX|DI)\), Y1, Y3`, `slopes_avx2`, "the other register holds the inputs, whose signs say where a slope matters"},
	{`^width$`, `VMOVUPS Z\d+, K1, 448\(`, `nearest2d_s8_avx512`, lacksColumn},
	{`^width$`, `VPCMPEQD Y\d+, Y6, Y5|VANDPS Y7, Y5, Y7`, `max_unpool2d_k4s4_avx2`, lacksColumn},
	{`^delete$`, `VSHUFF32X4 \$0xff, Z\d+, Z\d+, K4, `, `pixel_unshuffle2d_s4_avx512`, lacksColumn},
	{`^(mask|width)$`, `VMOVUPS\.Z|VMASKMOVPS`, ``, "masked lanes are not stored, or hold zeros from an earlier load under the same mask"},
	{`^(immediate|width|register)$`, `VSHUFF32X4|VBLENDPS|VPERM2F128|VPERMILPS|VUNPCK`, `max_unpool`, "only lanes after the end of a row change, which are not stored"},
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
