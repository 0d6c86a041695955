package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// stages are the parts of an explanation, in the order of the pipeline.
var stages = []struct {
	name    string
	explain func(specs.Layer) (string, error)
}{
	{"shapes", explainShapes},
	{"checkerboard", explainCheckerboard},
	{"polyphase", explainPolyphase},
	{"plan", explainPlan},
	{"nest", explainNest},
}

// Stages are the names that Explain takes.
func Stages() []string {
	var names []string
	for _, s := range stages {
		names = append(names, s.name)
	}
	return names
}

// Explain describes a layer in text: one stage of the pipeline, or with stage ""
// all of them, each under a heading.
func Explain(l specs.Layer, stage string) (string, error) {
	if stage != "" && !slices.Contains(Stages(), stage) {
		return "", fmt.Errorf("no stage %q; there is: %s", stage, strings.Join(Stages(), ", "))
	}
	var b strings.Builder
	for _, s := range stages {
		if stage != "" && stage != s.name {
			continue
		}
		text, err := s.explain(l)
		if err != nil {
			return "", err
		}
		if stage == "" {
			fmt.Fprintf(&b, "== %s\n", s.name)
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// axisNames names the axes of a layer, outermost first.
func axisNames(rank int) []string { return []string{"z", "y", "x"}[specs.MaxRank-rank:] }

func explainPolyphase(l specs.Layer) (string, error) {
	axes, ok := polyphase.Axes(&l)
	of := ""
	if !ok { // kernels of a resize_conv may see another input
		axes, _, ok = polyphase.Seen(&l)
		of = " of the enlarged input"
	}
	if !ok {
		return fmt.Sprintf("%s: %s\n", l.Canonical(), noPhases(l)), nil
	}
	var b strings.Builder
	for i, a := range axes {
		fmt.Fprintf(&b, "axis %s%s: o = %d*q + phase\n%s", axisNames(l.Rank)[i], of, a.OutStride, a)
	}
	return b.String(), nil
}

// noPhases says why a layer is not the same few taps at every output.
func noPhases(l specs.Layer) string {
	switch {
	case l.Op == specs.MaxPool || l.Op == specs.MaxUnpool || l.Op == specs.PixelUnshuffle:
		return "a " + string(l.Op) + " is no filter and has no phases"
	case l.Op.Takes("coordinate"):
		return "positions are worked out for the sizes of each input, in whole numbers"
	}
	return "the phases depend on the input size, which the layer leaves free"
}

func explainPlan(l specs.Layer) (string, error) {
	var b strings.Builder
	for _, t := range Targets {
		d, err := DesignOf(l, t)
		if err != nil {
			fmt.Fprintf(&b, "%s: no kernel: %v\n", t.Name, err)
			continue
		}
		scratch, err := explainScratch(l, d.Kernel)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%s\n    because %s\n%s", d.Plan, d.Plan.Why(), scratch)
	}
	return b.String(), nil
}

func explainNest(l specs.Layer) (string, error) {
	var b strings.Builder
	for _, t := range Targets {
		d, err := DesignOf(l, t)
		if err != nil {
			fmt.Fprintf(&b, "%s: no kernel: %v\n", t.Name, err)
			continue
		}
		fmt.Fprintln(&b, d.Nest)
	}
	return b.String(), nil
}
