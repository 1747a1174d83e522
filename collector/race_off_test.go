//go:build !race

package collector_test

// slowness is that of the program as it is shipped.
const slowness = 1
