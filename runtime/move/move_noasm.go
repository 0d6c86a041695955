//go:build !amd64 || purego

package move

// assembly is empty in this build.
func assembly() map[string]Mover { return nil }
