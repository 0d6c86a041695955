package gen

import (
	"fmt"

	"github.com/upconv/upconv/asm"
	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
)

// MoveSource is where the headers of the Move files say they come from.
const MoveSource = "gen/move.go"

// Move returns the files of package runtime/move: for each vector instruction set
// the function that copies rows.
func Move() ([]File, error) {
	var files []File
	for _, t := range []plan.Target{plan.AVX2, plan.AVX512} {
		k := moveKernel(t)
		out, err := asm.Emit(k, t.Name)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: k.Name + "_amd64.s", Data: assemblyFile(MoveSource, k.Name, out.Text)})
	}
	return files, nil
}

// assemblyFile is an assembly file that belongs to no spec.
func assemblyFile(source, name string, text []byte) []byte {
	return fmt.Appendf(nil, "%s%s (%s). DO NOT EDIT.\n\n//go:build !purego\n\n#include \"textflag.h\"\n\n%s", HeaderPrefix, source, name, text)
}

// moveWide is the number of vectors that a step of a long row copies.
const moveWide = 4

// moveKernel copies rows of width elements and writes pad zeros after each.
func moveKernel(t plan.Target) nest.Kernel {
	row := []nest.Node{nest.Point{Cursor: "d", From: "dRow"}, nest.Point{Cursor: "s", From: "sRow"}}
	row = append(row, moveLoop(t, moveWide, false), moveLoop(t, 1, false), moveLoop(t, 1, true))
	row = append(row,
		nest.Point{Cursor: "d", From: "dRow"}, nest.Advance{Cursor: "d", Dim: "width", Times: 1},
		padLoop(t),
		nest.Advance{Cursor: "sRow", Dim: "srcRow", Times: 1}, nest.Advance{Cursor: "dRow", Dim: "dstRow", Times: 1},
	)
	return nest.Kernel{
		Name: "rows_" + t.Name, Lanes: t.Lanes,
		Slices: []string{"dst", "src"}, Ints: []string{"rows", "width", "pad", "dstRow", "srcRow"},
		Body: []nest.Node{
			nest.Point{Cursor: "sRow", From: "src"}, nest.Point{Cursor: "dRow", From: "dst"}, nest.Zero{Dst: "zero"},
			nest.Loop{Var: "row", To: "rows", Step: 1, Body: row},
		},
	}
}

// moveLoop copies vectors vectors a step; loops of one vector go on where wider
// ones stopped, and the masked loop takes what is left.
func moveLoop(t plan.Target, vectors int, masked bool) nest.Loop {
	mask, step := "", vectors*t.Lanes
	var body []nest.Node
	if masked {
		mask = "inside"
		body = append(body, nest.Mask{Dst: mask, Var: "col", Scale: 1, Limit: "width"})
	}
	for v := range vectors {
		body = append(body, nest.Load{Dst: fmt.Sprintf("x%d", v), From: nest.Ref{Cursor: "s", Disp: v * t.Lanes}, Mask: mask})
	}
	for v := range vectors {
		body = append(body, nest.Store{To: nest.Ref{Cursor: "d", Disp: v * t.Lanes}, Src: fmt.Sprintf("x%d", v), Mask: mask})
	}
	body = append(body, nest.Advance{Cursor: "s", Times: step}, nest.Advance{Cursor: "d", Times: step})
	return nest.Loop{Var: "col", To: "width", Step: step, Partial: masked, Continue: vectors == 1, Body: body}
}

// padLoop writes zeros.
func padLoop(t plan.Target) nest.Loop {
	return nest.Loop{Var: "gap", To: "pad", Step: t.Lanes, Partial: true, Body: []nest.Node{
		nest.Mask{Dst: "inside", Var: "gap", Scale: 1, Limit: "pad"},
		nest.Store{To: nest.Ref{Cursor: "d"}, Src: "zero", Mask: "inside"},
		nest.Advance{Cursor: "d", Times: t.Lanes},
	}}
}
