//go:build !purego

package cpu

//go:generate go run ../../internal/selfgen cpu

// cpuid asks the processor about itself.
func cpuid(leaf, sub uint32) (a, b, c, d uint32)

// The leaves that list caches, one for each sub-leaf: Intel's, and AMD's in the same form
// (Intel SDM volume 2, CPUID leaf 04H; AMD64 APM volume 3, CPUID Fn8000_001D).
const (
	intelCaches   = 0x00000004
	amdCaches     = 0x8000001d
	amdExtended   = 0x80000001
	topExtended   = 0x80000000
	hasTopologies = 1 << 22 // in ECX of amdExtended: amdCaches is there
)

func lastLevelCache() (size int) {
	leaf := uint32(intelCaches)
	if top, _, _, _ := cpuid(topExtended, 0); top >= amdCaches {
		if _, _, c, _ := cpuid(amdExtended, 0); c&hasTopologies != 0 {
			leaf = amdCaches
		}
	}
	if top, _, _, _ := cpuid(0, 0); leaf == intelCaches && top < intelCaches {
		return 0
	}
	const most = 16 // sub-leaves; a processor that lists more is none
	for sub := range uint32(most) {
		a, b, c, _ := cpuid(leaf, sub)
		if a&0x1f == 0 { // no more caches
			break
		}
		ways, partitions, line, sets := int(b>>22)+1, int(b>>12&0x3ff)+1, int(b&0xfff)+1, int(c)+1
		size = max(size, ways*partitions*line*sets)
	}
	return size
}
