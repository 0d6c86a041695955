package worksheet

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// book computes the cells of a sheet as a spreadsheet does: cells are numbers, or
// formulas of numbers, cells, + * / and brackets, (a=b), and MAX(a,b).
type book struct {
	t    *testing.T
	rows [][]string
}

// value is that of a cell by its name; an empty one is 0.
func (b *book) value(cell string) float64 {
	letters := strings.TrimRight(cell, "0123456789")
	row, err := strconv.Atoi(cell[len(letters):])
	require.NoError(b.t, err, cell)
	x := 0
	for _, c := range letters {
		x = 26*x + int(c-'A') + 1
	}
	require.Greater(b.t, len(b.rows[row-1]), x-1, "%s is beyond its row", cell)
	text := b.rows[row-1][x-1]
	if formula, ok := strings.CutPrefix(text, "="); ok {
		p := &parser{b, formula}
		v := p.sum()
		require.Empty(b.t, p.rest, formula)
		return v
	}
	if text == "" {
		return 0
	}
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(b.t, err, cell)
	return v
}

// parser reads a formula from its front.
type parser struct {
	*book
	rest string
}

// take drops a prefix if it is there.
func (p *parser) take(prefix string) (ok bool) {
	p.rest, ok = strings.CutPrefix(p.rest, prefix)
	return ok
}

func (p *parser) sum() float64 {
	v := p.product()
	for p.take("+") {
		v += p.product()
	}
	return v
}

func (p *parser) product() float64 {
	v := p.factor()
	for {
		switch {
		case p.take("*"):
			v *= p.factor()
		case p.take("/"):
			v /= p.factor()
		default:
			return v
		}
	}
}

func (p *parser) factor() float64 {
	switch {
	case p.take("MAX("):
		v := math.Inf(-1)
		for more := true; more; more = p.take(",") {
			v = max(v, p.sum())
		}
		require.True(p.t, p.take(")"))
		return v
	case p.take("("):
		a := p.sum()
		require.True(p.t, p.take("="), p.rest)
		equal := a == p.sum()
		require.True(p.t, p.take(")"))
		return map[bool]float64{true: 1}[equal]
	}
	word := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))]
	require.NotEmpty(p.t, word, p.rest)
	p.take(word)
	if v, err := strconv.ParseFloat(word, 64); err == nil {
		return v
	}
	return p.value(word)
}

// find is the first row of the table of a title, and its size. No cell of it is empty.
func (b *book) find(title string) (top, height, width int) {
	for y, row := range b.rows {
		if row[0] != title {
			continue
		}
		top = y + 1
		for ; b.rows[top+height][0] != ""; height++ {
		}
		for ; width < len(row) && b.rows[top][width] != ""; width++ {
		}
		return top, height, width
	}
	require.Fail(b.t, "no table", title)
	return 0, 0, 0
}

// set changes a table's numbers.
func (b *book) set(title string, values []float32) {
	top, height, width := b.find(title)
	require.Len(b.t, values, height*width, title)
	for i, v := range values {
		b.rows[top+i/width][i%width] = fmt.Sprint(v)
	}
}

// get is what a table's cells come to.
func (b *book) get(title string) (values []float32) {
	top, height, width := b.find(title)
	for i := range height * width {
		values = append(values, float32(b.value(column(i%width)+strconv.Itoa(top+i/width+1))))
	}
	return values
}
