package kerneltest

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"unsafe"
)

// Placement says which end of a Buffer lies against the page that no program may
// touch. The other end is watched by canaries, which see writes alone.
type Placement int

// The placements. On systems other than Linux both have canaries at both ends.
const (
	Head Placement = iota // the slice starts where the page before it ends
	Tail                  // the slice ends where the page after it starts
)

// Shifted is Head with n canaries between the page and the slice, so that the slice
// starts at another alignment; n is at least 1.
func Shifted(n int) Placement { return Tail + Placement(n) }

// shift is the n of Shifted, and 0 of the others.
func (p Placement) shift() int { return int(max(p, Tail) - Tail) }

func (p Placement) String() string {
	if n := p.shift(); n > 0 {
		return fmt.Sprintf("head, %d elements away", n)
	}
	return [...]string{"head", "tail"}[p]
}

// canary is a NaN that no test computes. A read of it makes the result NaN.
const canary = 0x7fc0dead

// floatSize is the size of an element in bytes.
const floatSize = 4

// Buffer is a float32 slice with guards around it.
type Buffer struct {
	Name string    // for errors, such as "src"
	Data []float32 // initially NaN

	room  []float32 // what may be touched: Data and the canaries around it
	from  int       // Data is room[from:from+len(Data)]
	words int       // of Data in an element, for errors
	mapping
}

// NewBuffer makes a buffer of n elements. It fails when the system grants no
// memory.
func NewBuffer(name string, n int, at Placement) (*Buffer, error) {
	m, room, err := newMapping(n + at.shift())
	if err != nil {
		return nil, fmt.Errorf("kerneltest: guarded buffer %q of %d elements: %w", name, n, err)
	}
	b := &Buffer{Name: name, room: room, words: 1, mapping: m}
	if b.from = m.lead + at.shift(); at == Tail {
		b.from = len(room) - m.lead - n
	}
	b.Data = room[b.from : b.from+n : b.from+n]
	fill(room, math.Float32frombits(canary))
	return b, nil
}

// BufferOf makes a buffer that holds a copy of data and can only be read.
func BufferOf(name string, data []float32, at Placement) (*Buffer, error) {
	b, err := NewBuffer(name, len(data), at)
	if err != nil {
		return nil, err
	}
	copy(b.Data, data)
	if err := b.seal(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Check reports the first canary that was overwritten, by its distance in
// elements from the start of Data.
func (b *Buffer) Check() error {
	for i, v := range b.room {
		inside := i >= b.from && i < b.from+len(b.Data)
		if !inside && math.Float32bits(v) != canary {
			return fmt.Errorf("%s was written at element %d of %d", b.Name, b.element(i-b.from), len(b.Data)/b.words)
		}
	}
	return nil
}

// element is the number of the element that a word of Data, or one before or after it,
// belongs to.
func (b *Buffer) element(word int) int {
	if word < 0 {
		return -((b.words - 1 - word) / b.words)
	}
	return word / b.words
}

// Fault is an access to memory that no program may touch, or a write to memory
// that may only be read.
type Fault struct {
	Buffer   string // the buffer hit; empty when it is none of those known
	Element  int    // distance from the start of the buffer's Data
	Elements int    // length of the buffer's Data
	Address  uintptr
}

// Error names the buffer, the element and the address.
func (f *Fault) Error() string {
	if f.Buffer == "" {
		return fmt.Sprintf("fault outside of all buffers (address %#x)", f.Address)
	}
	return fmt.Sprintf("fault in %s: element %d of %d (address %#x)", f.Buffer, f.Element, f.Elements, f.Address)
}

// Addr is the address, as the Go runtime's own fault has it.
func (f *Fault) Addr() uintptr { return f.Address }

// Guarded calls f and returns its error. A fault in f becomes a [*Fault], and a
// run-time error such as an index out of range is returned too. Faults are caught
// in the calling goroutine only. A canary of the buffers that f overwrote is an
// error as well.
func Guarded(f func() error, buffers ...*Buffer) error {
	if err := caught(f, buffers); err != nil {
		return err
	}
	for _, b := range buffers {
		if err := b.Check(); err != nil {
			return err
		}
	}
	return nil
}

func caught(f func() error, buffers []*Buffer) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch r := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			err = locate(r, buffers)
		case error:
			err = fmt.Errorf("panic: %w", r)
		default:
			panic(r)
		}
	}()
	return f()
}

// locate finds the buffer whose mapping holds the address of a fault, unless a
// Guarded further in did.
func locate(fault interface{ Addr() uintptr }, buffers []*Buffer) *Fault {
	if f, ok := fault.(*Fault); ok && f.Buffer != "" {
		return f
	}
	f := &Fault{Address: fault.Addr()}
	for _, b := range buffers {
		if b.holds(f.Address) {
			// The shift keeps the sign: an address before the slice is negative.
			f.Element = b.element(int(f.Address-uintptr(unsafe.Pointer(unsafe.SliceData(b.Data)))) >> 2)
			f.Buffer, f.Elements = b.Name, len(b.Data)/b.words
		}
	}
	return f
}
