//go:build !amd64 || purego

package finish

// assembly is empty in this build.
func assembly() map[string]vectorSet { return nil }
