package main

import (
	"context"
	"fmt"
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
	}
	cmd.Flags().StringVarP(&v.spec, "file", "f", "", specFlagHelp)
	return cmd
}

func (v *vetting) run(_ context.Context, names []string) error {
	f, err := loadSpec(v.spec)
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

// cure is a layer that takes the place of another.
type cure struct {
	About string `json:"about"`
	Layer string `json:"layer"` // an item of a spec's list of layers
}

// unevenProblem is the finding for layer i.
func unevenProblem(f *specfile.File, i int) problem {
	l, at := f.Layers[i], f.Positions[i]
	return problem{
		Kind: kindUneven, File: f.Path, Line: at.Line, Column: at.Column,
		Message: fmt.Sprintf("layer %s overlaps unevenly: %s", l.Name, strings.Join(unevenAxes(l), "; ")),
		Cures:   cures(l),
	}
}

// unevenAxes says for each uneven axis what it adds up, and of what.
func unevenAxes(l specs.Layer) (list []string) {
	for i, a := range l.Spatial() {
		if overlap.EvenAxis(a) {
			continue
		}
		text := fmt.Sprintf("%s: %s (kernel %d, stride %d", [...]string{"z", "y", "x"}[specs.MaxRank-l.Rank+i], turns(l, i), a.Kernel, a.Stride)
		if a.Dilation > 1 {
			text += fmt.Sprintf(", dilation %d", a.Dilation)
		}
		list = append(list, text+")")
	}
	return list
}

// maxTurns bounds the numbers that are printed of an axis.
const maxTurns = 16

// turns is the pattern of an axis, twice and its first number again where there is
// room for that.
func turns(l specs.Layer, axis int) string {
	a := l.Axes[axis]
	begin := a.PadBegin
	if e, err := l.Extent(axis, a.Input); err == nil {
		begin = e.PadBegin
	}
	once := overlap.Pattern(a, begin)
	all := slices.Concat(once, once, once[:1])
	if len(all) > maxTurns {
		return strings.Trim(fmt.Sprint(once[:min(len(once), maxTurns)]), "[]") + " ..."
	}
	return strings.Trim(fmt.Sprint(all), "[]")
}

// cures lists what may take the place of a layer.
func cures(l specs.Layer) (list []cure) {
	for _, k := range overlap.Kernels(l) {
		list = append(list, cure{"a kernel that is a multiple of the stride", specfile.Spell(k)})
	}
	r, err := overlap.ResizeConv(l)
	if err != nil {
		return append(list, cure{About: "a resize_conv; but " + err.Error()})
	}
	return append(list, cure{"a resize_conv, which repeats each input and then convolves", specfile.Spell(r)})
}

// curesText are the lines of cures below their finding.
func curesText(list []cure) string {
	var b strings.Builder
	for i, c := range list {
		fmt.Fprintf(&b, "\n  # cure %d: %s\n%s", i+1, c.About, strings.TrimSuffix(c.Layer, "\n"))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
