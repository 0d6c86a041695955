//go:build !amd64 || purego

package native

// Functions is empty: without assembly there is nothing to execute.
func Functions() map[string]Func { return nil }
