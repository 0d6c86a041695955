package hugemem

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFloatsAreZerosOfTheWantedLength(t *testing.T) {
	for _, n := range []int{0, 1, page - 1, page, page + 1, 3*page + 5} {
		s := Floats(n)
		require.Len(t, s, n)
		require.Equal(t, n, cap(s[:n:n]))
		for i := range s {
			if s[i] != 0 {
				t.Fatalf("element %d of %d is %g", i, n, s[i])
			}
			s[i] = 1
		}
	}
}
