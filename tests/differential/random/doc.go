// Package random is empty: tests/differential overlays it with kernels of random
// layers while it runs.
package random
