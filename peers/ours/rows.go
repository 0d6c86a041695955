package main

import (
	"fmt"

	"github.com/upconv/upconv/internal/bench"
	"github.com/upconv/upconv/specs"
)

// row is a case in the words of ONNX and PyTorch; lists have one entry an axis.
type row struct {
	Name          string            `json:"name"`
	Layer         string            `json:"layer"` // canonical name
	Op            string            `json:"op"`
	Batch         int               `json:"batch"`
	InChannels    int               `json:"in_channels"`
	OutChannels   int               `json:"out_channels"`
	Groups        int               `json:"groups"`
	Weights       []int             `json:"weights"` // shape; empty of a layer that has none
	Input         []int             `json:"input"`
	Output        []int             `json:"output"`
	Kernel        []int             `json:"kernel"`
	Stride        []int             `json:"stride"`
	Scale         []int             `json:"scale"`
	Dilation      []int             `json:"dilation"`
	PadBegin      []int             `json:"pad_begin"`
	PadEnd        []int             `json:"pad_end"`
	OutputPadding []int             `json:"output_padding"`
	Choices       map[string]string `json:"choices"` // keys of a spec whose values are words
	Exact         bool              `json:"exact"`   // values are moved, not computed
}

func allRows() (reply, error) {
	var a reply
	for _, c := range bench.Cases() {
		r, err := describe(c)
		if err != nil {
			return reply{}, err
		}
		a.Rows = append(a.Rows, r)
	}
	return a, nil
}

func describe(c bench.Case) (row, error) {
	l := c.Layer
	extents, err := l.Resolve(c.Shape.Input[:l.Rank])
	if err != nil {
		return row{}, fmt.Errorf("%s: %w", c.Name, err)
	}
	r := row{
		Name: c.Name, Layer: l.Canonical(), Op: string(l.Op), Batch: c.Shape.Batch,
		InChannels: l.InChannels, OutChannels: l.OutChannels, Groups: l.GroupCount(),
		Weights: append([]int{}, l.WeightsShape()...), Choices: map[string]string{},
		Exact: !l.Op.Weighted() && l.Op != specs.Bilinear,
	}
	for _, e := range extents {
		r.Input, r.Output = append(r.Input, e.In), append(r.Output, e.Out)
		r.Kernel, r.Stride, r.Dilation = append(r.Kernel, e.Kernel), append(r.Stride, e.Stride), append(r.Dilation, e.Dilation)
		r.PadBegin, r.PadEnd = append(r.PadBegin, e.PadBegin), append(r.PadEnd, e.PadEnd)
		r.OutputPadding, r.Scale = append(r.OutputPadding, e.OutputPadding), append(r.Scale, e.Scale)
	}
	for _, choice := range l.Op.Choices() {
		r.Choices[choice.Key], _ = choice.Text(&l)
	}
	return r, nil
}

// find is the case called name.
func find(name string) (bench.Case, error) {
	for _, c := range bench.Cases() {
		if c.Name == name {
			return c, nil
		}
	}
	return bench.Case{}, fmt.Errorf("no row %q", name)
}
