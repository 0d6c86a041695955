//go:build linux

package kerneltest

import (
	"errors"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// at returns the address of s[i], whatever i is.
func at(s []float32, i int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(s)), i*floatSize))
}

func TestGuardCatchesOneElement(t *testing.T) {
	sink := float32(0)
	read := func(p *float32) { sink += *p }
	write := func(p *float32) { *p = 1 }
	page := pageElements()
	for _, n := range []int{1, 5, page - 1, page, page + 1, 3 * page} {
		for _, test := range []struct {
			name    string
			place   Placement
			element int
			access  func(*float32)
			want    string
		}{
			{"read before", Head, -1, read, "fault in src: element -1 of"},
			{"write before", Head, -1, write, "fault in src: element -1 of"},
			{"read after", Tail, n, read, "fault in src: element"},
			{"write after", Tail, n, write, "fault in src: element"},
		} {
			b, err := NewBuffer("src", n, test.place)
			require.NoError(t, err)
			other, err := NewBuffer("dst", n, test.place)
			require.NoError(t, err)
			err = Guarded(func() error {
				fill(b.Data, 3)
				test.access(at(b.Data, test.element))
				return nil
			}, other, b)
			require.ErrorContains(t, err, test.want, "%s n=%d", test.name, n)
			var fault *Fault
			require.ErrorAs(t, err, &fault)
			require.Equal(t, test.element, fault.Element, "%s n=%d", test.name, n)
			require.Equal(t, uintptr(unsafe.Pointer(at(b.Data, test.element))), fault.Address)
			require.NoError(t, b.Close())
			require.NoError(t, other.Close())
		}
	}
}

func pageElements() int {
	b, err := NewBuffer("page", 1, Head)
	if err != nil {
		panic(err)
	}
	defer b.Close()
	return len(b.room)
}

// The end without a guard page has canaries.
func TestGuardSeesWritesAtTheOtherEnd(t *testing.T) {
	for _, test := range []struct {
		place   Placement
		element int
		want    string
	}{
		{Head, 5, "src was written at element 5 of 5"},
		{Head, 200, "src was written at element 200 of 5"},
		{Tail, -1, "src was written at element -1 of 5"},
	} {
		b, err := NewBuffer("src", 5, test.place)
		require.NoError(t, err)
		err = Guarded(func() error { *at(b.Data, test.element) = 0; return nil }, b)
		require.EqualError(t, err, test.want)
		require.NoError(t, b.Close())
	}
}

// TestShiftedSlicesStartElsewhere: at each alignment, with canaries before them.
func TestShiftedSlicesStartElsewhere(t *testing.T) {
	for n := 1; n <= 15; n++ {
		b, err := NewBuffer("src", 5, Shifted(n))
		require.NoError(t, err)
		require.Equal(t, uintptr(4*n), uintptr(unsafe.Pointer(&b.Data[0]))%64)
		require.ErrorContains(t, Guarded(func() error { *at(b.Data, -n) = 0; return nil }, b), "src was written at element -")
		require.ErrorContains(t, Guarded(func() error { *at(b.Data, -n-1) = 0; return nil }, b), "fault in src: element -")
		require.NoError(t, b.Close())
	}
	require.Equal(t, "3 goroutines, guard at the head, 7 elements away", Setup{elsewhere, 3}.placed(6).String())
}

func TestGuardLeavesGoodAccessesAlone(t *testing.T) {
	for _, place := range []Placement{Head, Tail} {
		b, err := BufferOf("src", []float32{1, 2, 3}, place)
		require.NoError(t, err)
		sum := float32(0)
		require.NoError(t, Guarded(func() error {
			for _, v := range b.Data {
				sum += v
			}
			return nil
		}, b))
		require.Equal(t, float32(6), sum)
		require.ErrorContains(t, Guarded(func() error { b.Data[1] = 0; return nil }, b), "fault in src: element 1 of 3")
		require.NoError(t, b.Close())
	}
}

func TestGuardedPassesErrorsOn(t *testing.T) {
	own := errors.New("own")
	require.ErrorIs(t, Guarded(func() error { return own }), own)
	require.ErrorContains(t, Guarded(func() error { _ = ones(2)[len(t.Name())]; return nil }), "index out of range")
	require.PanicsWithValue(t, "other", func() { _ = Guarded(func() error { panic("other") }) })
}

// A Guarded further out names the buffer that the inner one does not know.
func TestGuardedNests(t *testing.T) {
	outer, err := NewBuffer("outer", 4, Tail)
	require.NoError(t, err)
	defer outer.Close()
	inner, err := NewBuffer("inner", 4, Tail)
	require.NoError(t, err)
	defer inner.Close()
	for _, b := range []*Buffer{outer, inner} {
		err = Guarded(func() error {
			if err := Guarded(func() error { *at(b.Data, 4) = 0; return nil }, inner); err != nil {
				panic(err)
			}
			return nil
		}, outer)
		require.ErrorContains(t, err, "fault in "+b.Name+": element 4 of 4")
	}
}
