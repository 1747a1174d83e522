//go:build race

package programtest_test

// slowness is how many times the time and the memory a program with race detector
// takes: the tests run themselves as the program.
const slowness = 3
