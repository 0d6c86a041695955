// Command ours is a contestant of ours in the comparison with the peers: it holds
// one row at a time and does what it is told on stdin, one JSON object a line, so
// that its turns can alternate with those of others. It answers each line with
// one line. Its argument is its name, one of ways: ours or two_steps.
//
//	{"do":"rows"}                                        the rows that there are
//	{"do":"load","row":{...},"folder":F,"threads":N}     read the row's arrays in F, run once, write F/NAME.f32
//	{"do":"time","ms":M}                                 time the loaded row
//	{"do":"peak","isa":I,"ms":M,"threads":N}             multiply-add peak, in turns with the loaded row
//	{"do":"copy","n":N,"ms":M}                           copy N float32
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// request is one line of stdin.
type request struct {
	Do      string
	Row     row // as it was told; its name is enough
	Folder  string
	ISA     string
	Threads int
	N       int
	MS      float64
}

// reply is one line of stdout; a command fills in the fields that it is about.
type reply struct {
	OK     bool    `json:"ok"`
	Error  string  `json:"error,omitempty"`
	Lacks  bool    `json:"lacks,omitempty"` // the contestant has nothing for such a row
	Rows   []row   `json:"rows,omitempty"`
	Path   string  `json:"path,omitempty"` // kernels that run
	Shape  []int   `json:"shape,omitempty"`
	Bytes  int64   `json:"bytes,omitempty"` // read and written, weights left aside
	ISA    string  `json:"isa,omitempty"`
	US     float64 `json:"us,omitempty"` // median
	Runs   int     `json:"runs,omitempty"`
	GFLOPS float64 `json:"gflops,omitempty"`
	Share  float64 `json:"share,omitempty"` // of the multiply-add peak
	GBs    float64 `json:"gbs,omitempty"`   // read plus written
}

// commands are what a request can ask for.
var commands = map[string]func(*contestant, request) (reply, error){
	"rows": func(*contestant, request) (reply, error) { return allRows() },
	"load": (*contestant).load,
	"time": (*contestant).time,
	"peak": (*contestant).fmaPeak,
	"copy": func(_ *contestant, r request) (reply, error) { return copyRate(r) },
}

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "ours:", err)
		os.Exit(1)
	}
}

// serve answers requests until stdin ends.
func serve() error {
	if len(os.Args) != 2 || ways[os.Args[1]] == nil {
		return errors.New("want one argument: ours or two_steps")
	}
	c := contestant{name: os.Args[1], split: ways[os.Args[1]]}
	lines, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	for lines.Scan() {
		answer, err := c.answer(lines.Bytes())
		answer.OK = err == nil
		if err != nil {
			answer.Error, answer.Lacks = err.Error(), errors.Is(err, errors.ErrUnsupported)
		}
		if err := out.Encode(answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (c *contestant) answer(line []byte) (reply, error) {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return reply{}, err
	}
	do, ok := commands[r.Do]
	if !ok {
		return reply{}, fmt.Errorf("unknown request %q", r.Do)
	}
	return do(c, r)
}
