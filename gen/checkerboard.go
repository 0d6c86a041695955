package gen

import (
	"fmt"
	"strings"

	"github.com/upconv/upconv/internal/overlap"
	"github.com/upconv/upconv/specs"
)

// explainCheckerboard prints the stamps at each output of a small input, whether they
// overlap unevenly and, if so, the layers of the same size that do not.
func explainCheckerboard(l specs.Layer) (string, error) {
	if l.Op != specs.ConvTranspose {
		return fmt.Sprintf("a %s has no stamps that overlap\n", l.Op), nil
	}
	grid, err := stamps(l)
	if err != nil {
		return "", err
	}
	if overlap.Even(l) {
		return grid + "even: away from the border, every output adds up equally many stamps\n", nil
	}
	if l.Name == "" {
		l.Name = "up" // a layer of a spec has a name
	}
	text := grid + fmt.Sprintf("uneven: %s\nin its place, with an output of the same size:", strings.Join(overlap.UnevenAxes(l), "; "))
	return text + overlap.Text(overlap.Cures(l)) + "\n", nil
}

// stamps is the picture in numbers of a layer of two axes; what it has of the others is
// among the shapes.
func stamps(l specs.Layer) (string, error) {
	if l.Rank != 2 {
		return "", nil
	}
	rows, err := overlap.Small(l, 0, overlapInputs, overlapOutputs)
	if err != nil {
		return "", err
	}
	columns, err := overlap.Small(l, 1, overlapInputs, overlapOutputs)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("stamps at each output of a small input\n")
	for _, y := range rows {
		for _, x := range columns {
			fmt.Fprintf(&b, "%3d", y*x)
		}
		b.WriteString("\n")
	}
	return b.String(), nil
}
