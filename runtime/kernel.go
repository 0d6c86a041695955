// Package runtime runs upsampling layers: it chooses a kernel once, when a layer
// is built, packs the weights once, and then Forward is a length check, a split
// of the work and calls of the kernel.
//
// Generated packages import it for Kernel and Layer. Arrays are float32 in C
// order: inputs [N, C_in, spatial...], outputs [N, C_out, spatial...], or with
// the layout NHWC [N, spatial..., C_in] and [N, spatial..., C_out].
package runtime

import (
	"fmt"
	"slices"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// Func computes rows of one block of output channels and one y phase, or with
// Layout.Rows all y phases. All distances are in elements.
//
//	dst      first output of the first row; channels are dstPlane apart, rows
//	         dstRow; with Layout.Rows each row q is that many rows of outputs
//	src      first input that the first tap of the first row reads; input
//	         channels are srcPlane apart, rows srcRow, taps srcTap; with an
//	         input stride of n x m a row of inputs is m rows, of the columns with
//	         each remainder modulo m, and a row of outputs reads n*m rows on
//	weights  the panel of the first input channel and tap; input channels are
//	         weightStep apart
//	bias     one value for each channel of the block
//	rows     rows to compute
//	whole    columns q of a row of which every phase is stored
//	cols     columns q of a row
//	width    outputs of a row
//	channels input channels; 0 stores the bias
//	taps     y taps; not used with Layout.Rows
//	again    1 goes on from the sums in dst; 0 starts with the bias; kernels that have
//	         Tile.Once take 0 alone
//
// With the order pack.Channels the outputs of all channels of the block lie
// together, and dstPlane is the distance from one column of outputs to the next;
// whole is cols. weights is that of the first input channel of all and its first y
// tap; weightStep, termStep and termSkip count one x term: the weights of an input
// channel, those of all, and those before the first of the call.
type Func func(dst, src, weights, bias []float32, rows, whole, cols, width, channels, taps, dstPlane, dstRow, srcPlane, srcRow, srcTap, weightStep, termStep, termSkip, again int)

// MoveFunc moves values between rows of a coarse and of a fine array, which has
// blocks of Y x X elements where the coarse one has single elements. All distances
// are in elements. For pixel_unshuffle src is fine, for the other ops dst is.
//
//	dst    first output of the first row; rows are dstRow apart
//	src    first input of the first row; rows are srcRow apart
//	rows   coarse rows; each is Y fine rows
//	cols   columns of a coarse row
//	width  columns of a fine row: X*cols
//	plane  from one of the coarse channels of a block to the next, for
//	       pixel_shuffle and pixel_unshuffle
//
// Where the channels of a shuffle lie together, rows are coarse pixels, cols the
// channels of the fine array and width those of the coarse one; plane is the distance
// between the fine rows of a block, whose X pixels follow each other. With dcr those lie
// together in a coarse pixel, too: cols counts their values, which fill a vector.
//
// Values keep their bits, whatever they are.
type MoveFunc func(dst, src []float32, rows, cols, width, dstRow, srcRow, plane int)

// PoolFunc does one step of a max_pool, or of a max_unpool whose windows lie side by
// side. All distances are in elements; of indices an element is 32 bits, the low ones
// of 64 first. One of move, wide and narrow is 1, the others are 0.
//
// max_pool, move: the largest value of each window. For equal ones that is the first,
// in the order of rows; NaN is larger than any number.
//
//	dst    first output of the first row; rows are dstRow apart
//	src    first input of the first window; rows of outputs are srcRow apart, rows
//	       of a window srcTap
//	rows   rows of outputs
//	cols   outputs of a row
//	whole  those of whole vectors for which all that vectors read is within width
//	width  inputs of a row, from the first, that may be read
//	taps   rows of a window
//
// max_pool, wide: the index of the first element of each window that has the bits of
// the maximum, in 64 bits.
//
//	dst    indices; rows are dstRow apart
//	aid    the maxima; rows are aidRow apart
//	first  index of the first element of src
//	line   elements of a row of indices: 2*cols
//
// max_pool where channels lie together, move, wide and narrow: the same for pixels of
// a row, as far as that differs. Indices count elements with wide, and pixels with
// narrow.
//
//	rows    pixels of outputs; in dst and aid they are dstRow and aidRow apart, their
//	        windows srcRow
//	cols    channels to compute
//	width   elements from a pixel of a row of a window to the next
//	srcTap  elements from a row of a window to the next
//	whole   with narrow: pixels from a row of a window to the next
//	first   index of the first element of src, or of its pixel
//	line    elements of a pixel of indices: 2*cols
//
// max_unpool, wide and narrow: the number of the element of its own block that each
// index of 64 or of 32 bits leads to, from 1 in the order of rows, as a byte; 0 for an
// index that leads elsewhere.
//
//	dst    a vector that is 0 in all lanes where there is no such index, then the
//	       numbers of whole vectors of columns; rows are dstRow apart
//	src    indices; rows are srcRow apart
//	rows   rows of indices
//	cols   indices of a row
//	width  elements of a row of indices of 64 bits: 2*cols
//	first  index of the first element of the first block
//	line   elements of a row of outputs
//
// max_unpool, move: rows of blocks, which hold their input where the number says and 0
// elsewhere.
//
//	dst    first output; rows are dstRow apart
//	src    inputs; rows are srcRow apart
//	aid    numbers; rows are aidRow apart
//	width  outputs of a row
//	taps   1 where outputs are written past the caches: dst begins at a multiple of a
//	       vector, and dstRow and cols are one
//
// max_unpool where channels lie together: the same for rows of pixels, as far as that
// differs. The numbers of a pixel are those of whole vectors of channels; the last vector
// of a pixel ends with it.
//
//	rows    rows of pixels
//	taps    pixels of a row
//	cols    channels of a pixel, which fill a vector
//	width   elements of a pixel of indices of 64 bits: 2*cols; with move: outputs of a row
//	srcTap  without move: distance of the indices of neighbouring outputs
//	aidRow  without move: -1 where indices count elements, 0 where they count pixels
//	line    distance of the indices from a row of outputs to the next
type PoolFunc func(dst, src, aid []float32, move, wide, narrow, rows, whole, cols, width, taps, dstRow, srcRow, srcTap, aidRow, first, line int)

// LinearFunc weighs rows of inputs along x, then along y. The rows of outputs come in
// groups, each made of a pair of rows of inputs: first rows that are the first of the
// pair, then rows between the two. All distances are in elements.
//
//	dst       first output of the first row; rows are dstRow apart, groups dstGroup
//	src       the first window of the first row; the rows of a pair are pair apart,
//	          or with 0 there is no second row; pairs are srcRow apart
//	weights   for each row between the two, that of the first and that of the second
//	table     for each vector of outputs of a row, in three vectors: the place of each
//	          in the window of inputs, as an integer's bits, its weight, and that of
//	          the input after it, or a negative number where only the first counts
//	steps     for each vector, from its window to the next, as an integer's bits
//	groups    groups to compute
//	copies    rows of a group that are the first of the pair
//	blends    rows of a group between the two; 0 where there is no second row
//	cols      columns of a row
//	wide      1: places may lie beyond the vector, and nothing else is read than what
//	          they and the next ones say; 0: all of the window, a vector and one
//	          element more, is read
//	channels  1; or where they lie together, those of a pixel: then groups is 1, cols
//	          are pixels, table has the two weights of each pixel and steps is for
//	          pixels; the pixel after the window's is read, too; or 0: a row of pixels
//	          is one of single elements
//
// Both products and their sum are rounded. A nearest resize has no second rows, weighs
// nothing and reads the first window alone; nor does a bed_of_nails, whose outputs are
// inputs or, where the first weight has no bits, 0, and whose blends are rows of zeros.
type LinearFunc func(dst, src, weights, table, steps []float32, groups, copies, blends, cols, dstRow, dstGroup, srcRow, pair, wide, channels int)

// Kernel is one specialised implementation of a layer.
type Kernel struct {
	Name   string       // canonical layer name + "_" + ISA
	ISA    string       // go, avx2 or avx512
	Layer  specs.Layer  // what it serves; channels and input sizes may be free
	Needs  cpu.Features // instructions that it executes
	Pack   pack.Layout  // order of weights
	Tile   Tile
	Run    Func       // of layers with weights
	Move   MoveFunc   // of layers that move values; they have no Pack
	Linear LinearFunc // of linear resizes; they have no Pack
	Pool   PoolFunc   // of max_pool and max_unpool; they have no Pack
}

// Tile is what the runtime has to know of a kernel's tile.
type Tile struct {
	Lanes   int  // float32 values of a vector
	Columns int  // columns q that a whole tile covers
	Slack   bool // reads whole vectors of a row, up to Lanes-1 elements past its end
	Masked  bool // reads rows that follow each other without a gap, and nothing beyond the ends of one
	Row     int  // columns of a row, or whole tiles less; 0: any
	Shifted int  // elements of each of the input's copies, one for each x displacement; 0: one copy
	Fold    int  // outputs of a single input that one block computes; 0: not folded
	Fused   bool // rounds once for each product and sum
	Pass    int  // input channels that one call may add up; the next goes on from its sums; 0: any, or as few as the order Channels likes
	Once    bool // no call goes on from sums: layers of more channels than Pass are not served
}

// serves reports whether the kernel computes the sums of l: the phases are the same,
// all that the kernel fixes is equal, and the layer fills its vectors. What becomes of
// the sums is the runtime's.
func (k Kernel) serves(l specs.Layer) bool {
	f := k.Layer
	return f.Op == l.Op && f.Rank == l.Rank && f.Layout == l.Layout && f.Depthwise == l.Depthwise && f.Groups == l.Groups &&
		fixes(f.InChannels, l.InChannels) && fixes(f.OutChannels, l.OutChannels) &&
		sameInputs(f, l) && k.sameGeometry(f, l) && k.divides(&l) && k.fills(&l)
}

// sameGeometry reports whether the outputs of both layers come from the same inputs.
func (k Kernel) sameGeometry(f, l specs.Layer) bool {
	switch {
	case f.Op.Weighted():
		return samePhases(f, l, k.Tile.Fold > 0 || k.Tile.Shifted > 0 || k.Tile.Row > 0)
	case f.Op == specs.MaxPool:
		a, errA := polyphase.WindowsOf(&f)
		b, errB := polyphase.WindowsOf(&l)
		return errA == nil && errB == nil && a == b
	}
	a, errA := polyphase.BlocksOf(&f)
	b, errB := polyphase.BlocksOf(&l)
	if k.Linear != nil && errA != nil && errB != nil {
		return sameSizes(f, l)
	}
	return errA == nil && errB == nil && a == b && (f.Layout == specs.NCHW || f.Order == l.Order) // planes may lie in any order
}

func fixes(kernel, layer int) bool { return kernel == 0 || kernel == layer }

func sameInputs(f, l specs.Layer) bool {
	for i := range f.Rank {
		if !fixes(f.Axes[i].Input, l.Axes[i].Input) {
			return false
		}
	}
	return true
}

// sameSizes compares what decides which inputs an output of a linear resize weighs.
func sameSizes(f, l specs.Layer) bool {
	for i := range f.Rank {
		if f.Axes[i].Scale != l.Axes[i].Scale || f.Axes[i].OutputSize != l.Axes[i].OutputSize {
			return false
		}
	}
	return f.Coordinate == l.Coordinate
}

// samePhases compares what decides which inputs an output reads. How many outputs
// there are matters only to a kernel that is made for a whole map.
func samePhases(f, l specs.Layer, whole bool) bool {
	a, seenA, okA := polyphase.Seen(&f)
	b, seenB, okB := polyphase.Seen(&l)
	if !okA || !okB {
		return false
	}
	for i := range a {
		if !a[i].Alike(b[i]) || seenA[i] != seenB[i] || whole && a[i].OutExtra != b[i].OutExtra {
			return false
		}
	}
	return true
}

// specificity counts what a kernel fixes beyond the geometry.
func (k Kernel) specificity() int {
	n := 0
	for _, v := range []int{k.Layer.InChannels, k.Layer.OutChannels, k.Layer.Axes[0].Input, k.Layer.Axes[1].Input, k.Layer.Axes[2].Input} {
		if v != 0 {
			n++
		}
	}
	return n
}

// check reports a kernel that cannot be right.
func (k Kernel) check() error {
	switch functions := k.functions(); {
	case len(functions) == 0:
		return fmt.Errorf("runtime: kernel %s has no function", k.Name)
	case len(functions) > 1:
		return fmt.Errorf("runtime: kernel %s has more than one function", k.Name)
	case !slices.Contains(functionsOf(k.Layer.Op), functions[0]):
		return fmt.Errorf("runtime: kernel %s has a function that is not for layers of op %s", k.Name, k.Layer.Op)
	case k.Layer.Rank < 1 || k.Layer.Rank > specs.MaxRank || k.Layer.Rank == specs.MaxRank && k.Run == nil:
		return fmt.Errorf("runtime: kernel %s has %d axes; kernels have 1 or 2, or 3 with weights", k.Name, k.Layer.Rank)
	case isaRank(k.ISA) < 1:
		return fmt.Errorf("runtime: kernel %s has the unknown ISA %q", k.Name, k.ISA)
	case k.Name != k.Layer.Canonical()+"_"+k.ISA:
		return fmt.Errorf("runtime: kernel %s should be named %s_%s", k.Name, k.Layer.Canonical(), k.ISA)
	case k.Pack.Order > pack.Channels:
		return fmt.Errorf("runtime: kernel %s has the unknown order of weights %d", k.Name, k.Pack.Order)
	case k.Tile.Fold > 0 && k.Layer.OutChannels == 0 || (k.Tile.Shifted > 0 || k.Tile.Row > 0) && k.Layer.Axes[k.Layer.Rank-1].Input == 0:
		return fmt.Errorf("runtime: kernel %s is made for one size and does not fix it", k.Name)
	case k.Run != nil && (k.Pack.Channels < 1 || k.Pack.Section < 1) || k.Tile.Lanes < 1 || k.Tile.Columns < 1:
		return fmt.Errorf("runtime: kernel %s has an empty tile", k.Name)
	}
	return nil
}

// function is a kind of function that a kernel has.
type function int

const (
	adds function = iota
	moving
	pooling
	interpolating
)

// functions lists those that k has.
func (k Kernel) functions() (list []function) {
	for kind, has := range []bool{adds: k.Run != nil, moving: k.Move != nil, pooling: k.Pool != nil, interpolating: k.Linear != nil} {
		if has {
			list = append(list, function(kind))
		}
	}
	return list
}

// functionsOf are the functions that compute layers of an op.
func functionsOf(op specs.Op) []function {
	switch {
	case op.Weighted():
		return []function{adds}
	case op == specs.MaxPool || op == specs.MaxUnpool:
		return []function{pooling}
	case op == specs.Bilinear:
		return []function{interpolating}
	case op == specs.Nearest || op == specs.BedOfNails: // blocks of its own inputs, or places in a table
		return []function{moving, interpolating}
	}
	return []function{moving}
}

// newUnweighted returns the engine of a kernel without weights.
func newUnweighted(l specs.Layer, k Kernel) engine {
	switch {
	case l.Op == specs.MaxPool && l.Layout == specs.NHWC:
		return newPixelPooler(l, k)
	case l.Op == specs.MaxPool:
		return newPooler(l, k)
	case l.Op == specs.MaxUnpool:
		return newUnpooler(l, k)
	case k.Linear != nil:
		return newLinear(l, k)
	}
	return newMover(l, k)
}
