package gen

import (
	"fmt"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/gen/trial"
)

// MoveSource is where the headers of the Move files say they come from.
const MoveSource = "gen/move.go"

// Move returns the files of package runtime/move: for each vector instruction set
// the functions that copy rows, that transpose and that copy past the caches.
func Move() ([]File, error) {
	var files []File
	for _, m := range rowMovers() {
		f, err := assembly(m.Nest, m.Target, MoveSource, m.Calls)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// rowMovers are the kernels of package runtime/move.
func rowMovers() (list []Trial) {
	for _, t := range []plan.Target{plan.AVX2, plan.AVX512} {
		list = append(list, Trial{t, moveKernel(t), moveCalls(t)}, Trial{t, transposeKernel(t), transposeCalls(t)}, Trial{t, streamKernel(t), streamCalls(t)})
	}
	return list
}

// moveCalls try each number of whole vectors that the two loops can leave to each
// other, each tail and each padding; and a long row.
func moveCalls(t plan.Target) (calls []trial.Call) {
	for n := range t.Lanes + 2 {
		const rows = 3
		whole, tail, pad := n%(2*moveWide+2)*t.Lanes, n, (n*7+3)%(t.Lanes+1)
		if n > t.Lanes { // so many steps that one of another length is a vector off
			whole, tail = (moveWide*t.Lanes+1)*t.Lanes, 1
		}
		dstRow, srcRow := whole+tail+pad+2, whole+tail+1
		outputs := make([]bool, rows*dstRow-2)
		for i := range outputs {
			outputs[i] = i%dstRow < dstRow-2
		}
		ints := []int{rows, whole, tail, pad, dstRow, srcRow}
		c := trial.Draw(ints, outputs, rows*srcRow-1)
		c.Want = make([]float32, len(outputs)) // the padding is 0
		for row := range rows {
			copy(c.Want[row*dstRow:][:whole+tail], c.Args.Slices[1][row*srcRow:])
		}
		calls = append(calls, c)
	}
	return append(calls, trial.Draw([]int{0, t.Lanes, 1, 1, t.Lanes, t.Lanes}, nil, 0))
}

// moveWide is the number of vectors that a step of a long row copies.
const moveWide = 4

// moveKernel copies rows of whole+tail elements, where whole is a multiple of the
// lanes and tail and pad are at most the lanes, and writes pad zeros after each.
func moveKernel(t plan.Target) nest.Kernel {
	row := []nest.Node{nest.Point{Cursor: "d", From: "dRow"}, nest.Point{Cursor: "s", From: "sRow"}}
	row = append(row, moveLoop(t, moveWide, false), moveLoop(t, 1, false))
	row = append(row,
		nest.Load{Dst: "x0", From: nest.Ref{Cursor: "s"}, Mask: "inTail"},
		nest.Store{To: nest.Ref{Cursor: "d"}, Src: "x0", Mask: "inTail"},
		nest.Advance{Cursor: "d", Dim: "tail", Times: 1},
		nest.Store{To: nest.Ref{Cursor: "d"}, Src: "zero", Mask: "inPad"},
		nest.Advance{Cursor: "sRow", Dim: "srcRow", Times: 1}, nest.Advance{Cursor: "dRow", Dim: "dstRow", Times: 1},
	)
	return nest.Kernel{
		Name: "rows_" + t.Name, Lanes: t.Lanes,
		Slices: []string{"dst", "src"}, Ints: []string{"rows", "whole", "tail", "pad", "dstRow", "srcRow"},
		Body: []nest.Node{
			nest.Mask{Dst: "inTail", Limit: "tail"}, nest.Mask{Dst: "inPad", Limit: "pad"}, nest.Zero{Dst: "zero"},
			nest.Point{Cursor: "sRow", From: "src"}, nest.Point{Cursor: "dRow", From: "dst"},
			nest.Loop{Var: "row", To: "rows", Step: 1, Body: row},
		},
	}
}

// moveLoop copies vectors vectors a step, as usual or past the caches; the loop of one
// vector goes on where the wide one stopped.
func moveLoop(t plan.Target, vectors int, past bool) nest.Loop {
	step := vectors * t.Lanes
	var body []nest.Node
	for v := range vectors {
		body = append(body, nest.Load{Dst: fmt.Sprintf("x%d", v), From: nest.Ref{Cursor: "s", Disp: v * t.Lanes}})
	}
	for v := range vectors {
		body = append(body, nest.Store{To: nest.Ref{Cursor: "d", Disp: v * t.Lanes}, Src: fmt.Sprintf("x%d", v), Past: past})
	}
	body = append(body, nest.Advance{Cursor: "s", Times: step}, nest.Advance{Cursor: "d", Times: step})
	return nest.Loop{Var: "col", To: "whole", Step: step, Continue: vectors == 1, Body: body}
}

// transposeCalls try none to three squares each way, and so many that a count that is one off
// in each is a square off.
func transposeCalls(t plan.Target) (calls []trial.Call) {
	for rows := range 4 {
		for cols := range 4 {
			calls = append(calls, transposeCall(rows*t.Lanes, cols*t.Lanes))
		}
	}
	return append(calls, transposeCall(t.Lanes, t.Lanes*t.Lanes), transposeCall(t.Lanes*t.Lanes, t.Lanes))
}

func transposeCall(rows, cols int) trial.Call {
	dstRow, srcRow := rows+2, cols+1
	outputs := make([]bool, max(0, cols*dstRow-2))
	for i := range outputs {
		outputs[i] = i%dstRow < rows
	}
	if rows == 0 {
		outputs = nil
	}
	c := trial.Draw([]int{rows, cols, dstRow, srcRow}, outputs, max(0, rows*srcRow-1))
	c.Want = make([]float32, len(outputs))
	for i := range rows * cols {
		row, col := i/cols, i%cols
		c.Want[col*dstRow+row] = c.Args.Slices[1][row*srcRow+col]
	}
	return c
}

// transposeKernel writes column c of rows x cols elements as row c of dst, in
// squares of as many rows and columns as a vector has lanes.
func transposeKernel(t plan.Target) nest.Kernel {
	regs := make([]string, t.Lanes)
	square := []nest.Node{nest.Point{Cursor: "s", From: "sCol"}, nest.Point{Cursor: "d", From: "dCol"}}
	for i := range regs {
		regs[i] = fmt.Sprintf("x%d", i)
		square = append(square, nest.Load{Dst: regs[i], From: nest.Ref{Cursor: "s"}}, nest.Advance{Cursor: "s", Dim: "srcRow", Times: 1})
	}
	square = append(square, nest.Interleave{Regs: regs})
	for _, x := range regs {
		square = append(square, nest.Store{To: nest.Ref{Cursor: "d"}, Src: x}, nest.Advance{Cursor: "d", Dim: "dstRow", Times: 1})
	}
	square = append(square, nest.Advance{Cursor: "sCol", Times: t.Lanes}, nest.Advance{Cursor: "dCol", Dim: "dstRow", Times: t.Lanes})
	band := []nest.Node{
		nest.Point{Cursor: "sCol", From: "sBand"}, nest.Point{Cursor: "dCol", From: "dBand"},
		nest.Loop{Var: "col", To: "cols", Step: t.Lanes, Body: square},
		nest.Advance{Cursor: "sBand", Dim: "srcRow", Times: t.Lanes}, nest.Advance{Cursor: "dBand", Times: t.Lanes},
	}
	return nest.Kernel{
		Name: "transpose_" + t.Name, Lanes: t.Lanes,
		Slices: []string{"dst", "src"}, Ints: []string{"rows", "cols", "dstRow", "srcRow"},
		Body: []nest.Node{
			nest.Point{Cursor: "sBand", From: "src"}, nest.Point{Cursor: "dBand", From: "dst"},
			nest.Loop{Var: "row", To: "rows", Step: t.Lanes, Body: band},
		},
	}
}
