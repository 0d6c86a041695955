// Command ours is our contestant in the comparison with the peers: it holds one
// layer at a time and does what it is told on stdin, one JSON object a line, so
// that its turns can alternate with those of others. It answers each line with
// one line.
//
//	{"do":"rows"}                                      the layers that there are
//	{"do":"load","row":NAME,"folder":F,"threads":N}    read F/src.f32 and F/weights.f32, run once, write F/ours.f32
//	{"do":"time","ms":M}                               time the loaded layer
//	{"do":"peak","isa":I,"ms":M,"threads":N}           multiply-add peak, in turns with the loaded layer
//	{"do":"copy","n":N,"ms":M}                         copy N float32
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// request is one line of stdin.
type request struct {
	Do      string
	Row     string
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
	Rows   []row   `json:"rows,omitempty"`
	Path   string  `json:"path,omitempty"` // kernel that runs
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
	var c contestant
	lines, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	for lines.Scan() {
		answer, err := c.answer(lines.Bytes())
		answer.OK = err == nil
		if err != nil {
			answer.Error = err.Error()
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
