//go:build !race

package programtest_test

// slowness is that of the program as it is shipped.
const slowness = 1
