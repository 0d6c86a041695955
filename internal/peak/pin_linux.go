package peak

import "golang.org/x/sys/unix"

// allowed lists the processors that the calling thread may use.
func allowed() (processors []int, err error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, err
	}
	for p, n := 0, set.Count(); len(processors) < n; p++ {
		if set.IsSet(p) {
			processors = append(processors, p)
		}
	}
	return processors, nil
}

// pin keeps the calling thread on one processor.
func pin(processor int) error {
	var set unix.CPUSet
	set.Set(processor)
	return unix.SchedSetaffinity(0, &set)
}
