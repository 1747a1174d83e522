package workload

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is what this thread has used of the processor, so that load does not count.
func cpuTime() (time.Duration, error) {
	var used unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &used)
	return time.Duration(used.Nano()), err
}
