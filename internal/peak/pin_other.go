//go:build !linux

package peak

import "runtime"

// allowed counts the processors; which they are does not matter without pinning.
func allowed() (processors []int, err error) {
	for p := range runtime.NumCPU() {
		processors = append(processors, p)
	}
	return processors, nil
}

// pin cannot do anything here.
func pin(int) error { return nil }
