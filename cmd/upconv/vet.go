package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/upconv/upconv/internal/overlap"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

const vetLong = `Vet reports the conv_transpose layers whose stamps overlap unevenly: the kernel
is not a multiple of the stride, so that outputs add up different numbers of
stamps in turns, and a checkerboard can appear. The numbers are those along each
axis, away from the border.

Each finding comes with its cures, as layers to paste into the spec, whose output
has the same size: the nearest kernel sizes that are multiples of the stride, and
the resize_conv that takes the layer's place, an enlargement and a convolution.
All of them have to be trained anew.

Exit status: 1 when there is a finding. With --error-format json each finding is
one object, whose cures have the layer as YAML.`

// vetting is the vet command.
type vetting struct {
	*app
	spec string
}

func (a *app) vetCommand() *cobra.Command {
	v := &vetting{app: a}
	cmd := &cobra.Command{
		Use:     "vet [LAYER...]",
		Short:   "Find layers that can draw a checkerboard, and their cures",
		Long:    vetLong,
		Example: "  upconv vet\n  upconv vet -f layers.yaml up1 up2",
		RunE:    a.do(v.run),

		ValidArgsFunction: a.completeLayers(math.MaxInt),
	}
	cmd.Flags().StringVarP(&v.spec, "file", "f", "", specFlagHelp)
	return cmd
}

func (v *vetting) run(_ context.Context, names []string) error {
	f, err := v.loadSpec(v.spec)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := layerOf(f, name); err != nil {
			return err
		}
	}
	var list uneven
	for i, l := range f.Layers {
		if l.Op == specs.ConvTranspose && !overlap.Even(l) && (len(names) == 0 || slices.Contains(names, l.Name)) {
			list = append(list, unevenProblem(f, i))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// kindUneven is the kind of vet's findings.
const kindUneven = "uneven"

// uneven are the layers that overlap unevenly.
type uneven []problem

func (u uneven) Error() string       { return fmt.Sprintf("%d layers overlap unevenly", len(u)) }
func (u uneven) problems() []problem { return u }

// unevenProblem is the finding for layer i.
func unevenProblem(f *specfile.File, i int) problem {
	l, at := f.Layers[i], f.Positions[i]
	return problem{
		Kind: kindUneven, File: f.Path, Line: at.Line, Column: at.Column,
		Message: fmt.Sprintf("layer %s overlaps unevenly: %s", l.Name, strings.Join(overlap.UnevenAxes(l), "; ")),
		Cures:   overlap.Cures(l),
	}
}
