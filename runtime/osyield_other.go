//go:build !linux

package runtime

// osYield has nothing to ask for here.
func osYield() {}
