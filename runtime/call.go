package runtime

import (
	"sync"
	"sync/atomic"

	"github.com/upconv/upconv/internal/hugemem"
)

// call is the state of one Forward. It is kept for the next one, so that a
// running layer allocates nothing.
type call struct {
	layer *Layer
	Args
	dst, src []float32 // those of Args, unless the engine puts others in their place
	residual []float32
	batch    int
	ext      extents
	maps     maps      // what a resize reads
	enlarged []float32 // what a resize_conv convolves
	resized  []float32 // the same without its border

	split   split        // how an engine divided the work
	count   int          // tasks
	halo    int          // elements of a worker's copy of inputs
	out     int          // elements of a worker's outputs
	work    int          // multiply-adds in all
	next    atomic.Int64 // the next task to take
	workers []worker
	pending sync.WaitGroup
}

// worker is the scratch memory of one goroutine.
type worker struct {
	call *call
	halo []float32 // rows of inputs with zero columns between them
	out  []float32 // outputs before they are cropped into dst
	go_  func()    // runs the worker, made once
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
		w := &c.workers[i]
		w.call = c
		w.go_ = func() {
			w.run()
			c.pending.Done()
		}
	}
	return c
}

// parallelWork is the number of multiply-adds a lane below which another goroutine
// costs more than it saves: some 30 microseconds of any path. With AVX-512,
// 64->3 k4 s2 at 32x32 (3.1 million) took 55 microseconds on one goroutine and 68
// on two; 256->128 k4 s2 at 8x8 (34 million) took 430 and 370.
const parallelWork = 1 << 18

// forward runs all tasks on as many goroutines as there is work for. A panic of
// one of its own goroutines, such as a fault in a guarded slice, ends the
// program: it is never an error of the caller's data.
func (c *call) forward() error {
	c.dst, c.src, c.residual = c.Dst, c.Src, c.Residual
	if p, ok := c.layer.engine.(preparer); ok {
		if err := p.prepare(c); err != nil {
			return err
		}
	}
	c.layer.engine.tasks(c)
	c.next.Store(0)
	n := min(len(c.workers), c.count, 1+c.work/(parallelWork*max(1, c.layer.kernel.Tile.Lanes)))
	for i := range n { // before they start: which of them gets a task is chance
		scratch(&c.workers[i].halo, c.halo)
		scratch(&c.workers[i].out, c.out)
	}
	c.pending.Add(n - 1)
	for i := 1; i < n; i++ {
		go c.workers[i].go_()
	}
	c.workers[0].run()
	c.pending.Wait()
	return nil
}

// run takes tasks until none is left.
func (w *worker) run() {
	for {
		task := int(w.call.next.Add(1)) - 1
		if task >= w.call.count {
			return
		}
		w.call.layer.engine.run(w.call, w, task)
	}
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
