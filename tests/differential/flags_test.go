//go:build !purego

package differential

// buildFlags build the overlay the way this test was built.
var buildFlags []string
