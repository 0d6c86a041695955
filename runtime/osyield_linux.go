package runtime

import "syscall"

// osYield lets other threads of the machine use this one's processor first.
func osYield() { syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0) }
