// Package peak measures this machine's limits: how many float32 multiply-adds a
// core does a second and how fast it copies memory.
package peak

import "time"

//go:generate go run ../selfgen peak

// chains is the number of vectors that the fma functions sum into.
const chains = 12

// unit is one way to multiply and add at full speed.
type unit struct {
	isa   string
	lanes int
	run   func(dst, src []float32, rounds int)
}

// FMA measures the multiply-add rate of an instruction set once, for about 100
// microseconds, in GFLOP/s (two operations a multiply-add). Clocks change from one
// millisecond to the next, so measure in turns with what is compared. ok is false
// when this build or this processor has no such instructions.
func FMA(isa string) (gflops float64, ok bool) {
	for _, u := range units() {
		if u.isa == isa {
			return u.measure(), true
		}
	}
	return 0, false
}

// Best is the instruction set with the widest vectors that FMA measures; "" if
// there is none.
func Best() string {
	best := ""
	for _, u := range units() {
		best = u.isa
	}
	return best
}

func (u unit) measure() float64 {
	const rounds = 1 << 16
	dst, src := make([]float32, chains*u.lanes), make([]float32, 2)
	start := time.Now()
	u.run(dst, src, rounds)
	return float64(rounds*chains*u.lanes*2) / float64(time.Since(start).Nanoseconds())
}

// Copy measures copying n float32 for about d, in GB/s of bytes read plus bytes
// written.
func Copy(n int, d time.Duration) (gbs float64) {
	dst, src := make([]float32, n), make([]float32, n)
	for i := range src {
		src[i], dst[i] = 1, 2
	}
	best := 0.0
	for start := time.Now(); time.Since(start) < d || best == 0; {
		t := time.Now()
		copy(dst, src)
		best = max(best, float64(8*n)/time.Since(t).Seconds()/1e9)
	}
	return best
}
