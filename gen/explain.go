package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/upconv/upconv/gen/nest"
	"github.com/upconv/upconv/gen/plan"
	"github.com/upconv/upconv/internal/polyphase"
	"github.com/upconv/upconv/specs"
)

// stages are the parts of an explanation, in the order of the pipeline.
var stages = []struct {
	name    string
	explain func(specs.Layer) (string, error)
}{
	{"shapes", explainShapes},
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
	geometries, ok := polyphase.Geometries(&l)
	if !ok {
		return "", fmt.Errorf("%s: the phases depend on the input size, which the layer leaves free", l.Canonical())
	}
	var b strings.Builder
	for i, g := range geometries {
		a := polyphase.Transposed(g)
		fmt.Fprintf(&b, "axis %s: o = %d*q + phase\n%s", axisNames(l.Rank)[i], a.OutStride, a)
	}
	return b.String(), nil
}

func explainPlan(l specs.Layer) (string, error) {
	var b strings.Builder
	for _, t := range Targets {
		_, p, err := plan.For(l, t)
		if err != nil {
			fmt.Fprintf(&b, "%s: no kernel: %v\n", t.Name, err)
			continue
		}
		scratch, err := explainScratch(l, p)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%s\n    because %s\n%s", p, p.Why(), scratch)
	}
	return b.String(), nil
}

func explainNest(l specs.Layer) (string, error) {
	var b strings.Builder
	for _, t := range Targets {
		prob, p, err := plan.For(l, t)
		if err != nil {
			fmt.Fprintf(&b, "%s: no kernel: %v\n", t.Name, err)
			continue
		}
		fmt.Fprintln(&b, nest.Build(l.Canonical()+"_"+t.Name, prob, p))
	}
	return b.String(), nil
}
