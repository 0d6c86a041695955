//go:build !amd64 || purego

package peak

// units is empty: without assembly there is nothing to measure with.
func units() []unit { return nil }
