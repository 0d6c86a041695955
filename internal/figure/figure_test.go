package figure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkerboard is k3 s2 on two inputs a side.
func checkerboard() Grid { return Overlap([]int{1, 1, 2, 1, 1}, []int{1, 1, 2, 1, 1}) }

func TestOverlapIsTheProductOfItsAxes(t *testing.T) {
	require.Equal(t, Grid{{1, 2, 1}, {3, 6, 3}}, Overlap([]int{1, 3}, []int{1, 2, 1}))
}

func TestSVGIsWellFormed(t *testing.T) {
	text := checkerboard().SVG("a < b & c")
	d := xml.NewDecoder(strings.NewReader(text))
	cells, numbers := 0, map[string]int{}
	for inside := ""; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch e := token.(type) {
		case xml.StartElement:
			inside = e.Name.Local
			if inside == "rect" {
				cells++
			}
		case xml.CharData:
			if inside == "text" && strings.TrimSpace(string(e)) != "" {
				numbers[string(e)]++
			}
			if inside == "title" && strings.TrimSpace(string(e)) != "" {
				require.Equal(t, "a < b & c", string(e))
				inside = ""
			}
		}
	}
	require.Equal(t, 26, cells, "the paper and 5 x 5 cells")
	require.Equal(t, map[string]int{"1": 16, "2": 8, "4": 1}, numbers)
	require.Contains(t, text, hex(strong))
}

func TestPNGShowsTheCells(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, checkerboard().PNG(&b))
	m, err := png.Decode(&b)
	require.NoError(t, err)
	require.Equal(t, 5*cell+2*border, m.Bounds().Dx())
	for y := range 5 {
		for x := range 5 {
			ground, _ := shade(checkerboard()[y][x], 4)
			require.Equal(t, ground, m.At(border+x*cell+1, border+y*cell+1), "cell %d %d", y, x)
		}
	}
	_, letters := shade(4, 4)
	require.Equal(t, bright, letters, "white on strong cells")
	left := border + 2*cell + (cell-line-glyphWide*dot)/2 // the 4 in the middle begins with a dot
	require.Equal(t, bright, m.At(left, border+2*cell+(cell-line-glyphHigh*dot)/2))
}
