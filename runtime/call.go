package runtime

import (
	"sync"
	"sync/atomic"

	"github.com/upconv/upconv/internal/hugemem"
	"github.com/upconv/upconv/internal/witness"
	"github.com/upconv/upconv/specs"
)

// call is the state of one Forward. It is kept for the next one, so that a
// running layer allocates nothing.
type call struct {
	layer *Layer
	Args
	dst, src []float32 // those of Args, unless the engine puts others in their place
	residual []float32
	batch    int
	asked    extents // those of the shape
	ext      extents // as an engine sees them

	work     int64     // nanoseconds that one goroutine takes, roughly
	n        int       // goroutines that share it; 0: not split yet
	split    split     // how an engine divided it
	moves    moves     // the same of a mover
	pools    pools     // the same of a pooler and of an unpooler
	numbers  []float32 // what an unpooler found out about indices
	survey   bool      // the tasks are those that come first
	weighing weighing  // the same of a linear resize
	maps     maps      // what a resize reads
	enlarged []float32 // what a resize_conv convolves
	resized  []float32 // the same without its border
	count    int       // tasks
	halo     int       // elements of a worker's own copy of inputs
	out      int       // elements of a worker's outputs
	past     bool      // outputs are written past the caches
	workers  []worker
	places   int   // workers that are free to join; the crew's
	helping  latch // until those that joined are done
}

// worker is the state of one goroutine that works on a call.
type worker struct {
	call   *call
	place  int // among the call's workers
	next   atomic.Int64
	end    int64     // its own tasks are those from next to end
	part   part      // the part whose inputs it has loaded
	number int       // of that part; negative: none
	halo   []float32 // rows of inputs with zero columns between them
	out    []float32 // outputs before they are cropped into dst
}

// idle keeps calls that are not running.
type idle struct {
	mu    sync.Mutex
	calls []*call
}

func (i *idle) take(l *Layer) *call {
	i.mu.Lock()
	defer i.mu.Unlock()
	if n := len(i.calls); n > 0 {
		c := i.calls[n-1]
		i.calls = i.calls[:n-1]
		return c
	}
	return newCall(l)
}

func (i *idle) put(c *call) {
	c.Args, c.dst, c.src, c.residual = Args{}, nil, nil, nil
	i.mu.Lock()
	i.calls = append(i.calls, c)
	i.mu.Unlock()
}

func newCall(l *Layer) *call {
	c := &call{layer: l, workers: make([]worker, l.threads)}
	for i := range c.workers {
		c.workers[i].call, c.workers[i].place = c, i
	}
	return c
}

// grain is the least work in nanoseconds that is worth splitting.
type grain struct {
	helper int64 // that another goroutine saves: joining, the end and its caches cost it some microseconds
	task   int64
}

var defaultGrain = grain{helper: 10_000, task: 4_000}

// begin sets what the call is about: arrays of so many floats in all.
func (c *call) begin(batch int, ext extents, floats int) {
	c.batch, c.asked, c.n = batch, ext, 0
	c.work = nanoseconds(c.steps(floats), c.layer.kernel.Tile.Lanes, 4*(floats+c.layer.weights))
}

// steps counts the multiply-adds of a layer with weights, the comparisons of a
// max_pool, and of other layers the elements that they move.
func (c *call) steps(floats int) int64 {
	l := c.layer
	n := int64(c.batch)
	switch {
	case l.spec.Op.Weighted():
		n *= int64(l.weights)
	case l.spec.Op == specs.MaxPool:
		n *= int64(l.spec.InChannels)
	default:
		return int64(floats)
	}
	for _, e := range c.asked {
		switch l.spec.Op {
		case specs.ConvTranspose: // every input meets every element of a kernel
			n *= int64(e.In)
		case specs.MaxPool:
			n *= int64(e.Out * e.Kernel)
		default: // every output does
			n *= int64(e.Out)
		}
	}
	return n
}

// reserve makes room for the call on one goroutine and on as many as can share it.
func (c *call) reserve() {
	for _, n := range []int{1, c.goroutines()} {
		c.plan(n)
		for i := range n {
			c.workers[i].prepare()
		}
	}
}

// nanoseconds is about what a call takes one goroutine on a good path, half of the
// processor's peak: so many steps in vectors of lanes, so many bytes that are read
// or written once.
func nanoseconds(steps int64, lanes, bytes int) int64 {
	const perLane, perNanosecond = 4, 32
	return max(steps/int64(perLane*max(1, lanes)), int64(bytes/perNanosecond))
}

// goroutines is how many can share the call.
func (c *call) goroutines() int {
	return int(min(int64(len(c.workers)), 1+c.work/c.layer.grain.helper))
}

// plan splits the call for n goroutines.
func (c *call) plan(n int) {
	if n != c.n {
		c.n, c.ext = n, c.asked
		c.layer.engine.tasks(c)
	}
}

// forward runs all tasks, with helpers if there is work for them. A panic of a
// helper, such as a fault in a guarded slice, ends the program: it is never an
// error of the caller's data.
func (c *call) forward() error {
	c.dst, c.src, c.residual = c.Dst, c.Src, c.Residual
	if witness.Enabled { // whatever the path: the arrays are the call's until it returns
		witness.Reads(c.src)
		witness.Reads(c.residual)
		witness.Writes(c.dst)
	}
	if s, ok := c.layer.engine.(starter); ok {
		if err := s.start(c); err != nil {
			return err
		}
	}
	c.share()
	return nil
}

// share runs all tasks.
func (c *call) share() {
	n := c.goroutines()
	if n == 1 {
		c.alone()
		return
	}
	if helpers.ready(c.work) {
		c.together(n)
	} else {
		c.alone()
	}
	helpers.ended()
}

// alone runs all tasks on the caller's goroutine.
func (c *call) alone() {
	c.plan(1)
	c.workers[0].prepare()
	c.workers[0].run()
}

// together runs all tasks with up to n-1 helpers.
func (c *call) together(n int) {
	c.plan(n)
	for i := range n { // before they start: which of them gets a task is chance
		c.workers[i].prepare()
	}
	if n = min(n, c.count); n > 1 {
		c.helping.arm(n - 1)
		helpers.offer(c, n-1)
		defer c.gather() // also when the caller's own work panics: the arrays are its own again
	}
	c.workers[0].run()
}

// gather sees to it that nobody works on the call any more.
func (c *call) gather() {
	c.helping.done(helpers.withdraw(c))
	c.helping.wait()
}

// prepare gives the worker its share of the tasks, the same in every call of the
// same shape: inputs, weights and outputs are then in its processor's cache.
func (w *worker) prepare() {
	c := w.call
	w.next.Store(int64(w.place * c.count / c.n))
	w.end = int64((w.place + 1) * c.count / c.n)
	w.number = -1
	scratch(&w.halo, c.halo)
	scratch(&w.out, c.out)
}

// run does the worker's own tasks, then those that the others have not begun.
func (w *worker) run() {
	c := w.call
	for i := range c.n {
		of := &c.workers[(w.place+i)%c.n]
		for task := of.next.Add(1) - 1; task < of.end; task = of.next.Add(1) - 1 {
			c.layer.engine.run(c, w, int(task))
		}
	}
	w.part = part{} // keeps nothing of the caller's arrays
}

// scratch returns s with n elements, growing it if need be; what it holds is
// undefined.
func scratch(s *[]float32, n int) []float32 {
	if cap(*s) < n {
		*s = hugemem.Floats(n)
	}
	*s = (*s)[:n]
	return *s
}
