// Package worksheet lays a small example of a layer out as a spreadsheet: inputs and
// weights are numbers to change, and all that the layer makes of them are formulas.
package worksheet

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// Sheet is a table of cells, row by row; those that begin with = are formulas.
type Sheet struct{ rows [][]string }

// WriteCSV writes the sheet as comma-separated values. All rows are equally long, so that
// no reader skips those without values.
func (s *Sheet) WriteCSV(w io.Writer) error {
	width := 2
	for _, row := range s.rows {
		width = max(width, len(row))
	}
	rows := make([][]string, len(s.rows))
	for y := range rows {
		rows[y] = make([]string, width)
		copy(rows[y], s.rows[y])
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// note adds a row of text.
func (s *Sheet) note(text string) { s.rows = append(s.rows, []string{text}) }

// table is where a grid of cells begins.
type table struct{ top int }

// table adds a grid below its title, and an empty row.
func (s *Sheet) table(title string, height, width int, cell func(y, x int) string) table {
	s.note(title)
	t := table{len(s.rows)}
	for y := range height {
		row := make([]string, width)
		for x := range row {
			row[x] = cell(y, x)
		}
		s.rows = append(s.rows, row)
	}
	s.note("")
	return t
}

// values adds a grid of numbers: 0, 1, 2 and so on.
func (s *Sheet) values(title string, height, width int) table {
	return s.table(title, height, width, func(y, x int) string { return strconv.Itoa(y*width + x) })
}

// at is the name of a cell, such as B3.
func (t table) at(y, x int) string { return column(x) + strconv.Itoa(t.top+y+1) }

// column is the name of a column: A to Z, then AA.
func column(x int) string {
	if x < 26 {
		return string(rune('A' + x))
	}
	return column(x/26-1) + column(x%26)
}

// sum is the formula that adds terms up, or 0.
func sum(terms []string) string {
	if len(terms) == 0 {
		return "0"
	}
	return "=" + strings.Join(terms, "+")
}
