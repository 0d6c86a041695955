package runtime

import "github.com/upconv/upconv/runtime/pack"

// ShareAnyWork lets goroutines share the calls of a layer however short they are.
func ShareAnyWork(l *Layer) { l.grain = grain{helper: 1, task: 1} }

// Helpers is the number of goroutines that help calls.
func Helpers() int {
	helpers.mu.Lock()
	defer helpers.mu.Unlock()
	return helpers.live
}

// Finite reports whether no value is an infinity or a NaN.
var Finite = finite

// CallWork is the most multiply-adds of one call of a kernel.
func CallWork(k Kernel) int { return pack.CallWork(k.Tile.Lanes) }

// NewLatch returns the methods of a latch.
func NewLatch() (arm, done func(n int), wait func()) {
	l := &latch{}
	return l.arm, l.done, l.wait
}

// The most that one call of a kernel may do.
const (
	MoveWork   = moveWork
	PoolWork   = poolWork
	PoolRows   = poolRows
	LinearWork = linearWork
	PixelWork  = pixelWork
)

// Past reports whether a layer writes outputs of that shape past the caches.
func Past(l *Layer, s Shape) (bool, error) {
	e, err := resolve(&l.spec, s)
	if err != nil {
		return false, err
	}
	c := newCall(l)
	c.begin(s.Batch, e, 0)
	c.plan(1)
	return c.past, nil
}
