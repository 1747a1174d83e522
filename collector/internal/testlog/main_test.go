package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const events = `{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"=== RUN   TestGood\n"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"    a_test.go:1: all is well\n"}
{"Action":"pass","Package":"p","Test":"TestGood","Elapsed":0.5}
{"Action":"output","Package":"p","Test":"TestBad","Output":"    a_test.go:2: broken\n"}
{"Action":"output","Package":"p","Test":"TestBad/beside","Output":"        a_test.go:3: broken too\n"}
{"Action":"fail","Package":"p","Test":"TestBad/beside","Elapsed":3}
{"Action":"pass","Package":"p","Test":"TestBad/within","Elapsed":1}
{"Action":"fail","Package":"p","Test":"TestBad","Elapsed":1.5}
{"Action":"output","Package":"p","Test":"TestHangs","Output":"panic: test timed out\n"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t4.0s\n"}
{"Action":"fail","Package":"p","Elapsed":4}
{"Action":"output","Package":"q","Output":"PASS\n"}
{"Action":"pass","Package":"q","Test":"TestOld","Elapsed":9}
{"Action":"output","Package":"q","Output":"ok  \tq\t(cached)\n"}
{"Action":"pass","Package":"q","Elapsed":0}
{"ImportPath":"r","Action":"build-output","Output":"r.go:1: undefined: x\n"}
go: a word of the go command
`

func TestFailuresAndTheSlowestAreNamed(t *testing.T) {
	t.Parallel()
	var to strings.Builder
	require.NoError(t, run(strings.NewReader(events), &to, false, 2))
	assert.Equal(t, `    a_test.go:2: broken
        a_test.go:3: broken too
panic: test timed out
FAIL	p	4.0s
`+"ok  \tq\t(cached)\n"+`r.go:1: undefined: x
go: a word of the go command
the slowest tests:
    3.0 s  p  TestBad/beside
    1.5 s  p  TestBad
`, to.String())
}

func TestVerboseOutputComesAtOnce(t *testing.T) {
	t.Parallel()
	var to strings.Builder
	require.NoError(t, run(strings.NewReader(events), &to, true, 0))
	assert.Contains(t, to.String(), "=== RUN   TestGood\n    a_test.go:1: all is well\n    a_test.go:2: broken\n")
}

// TestGoSaysWhatIsRead reads what the go command of today writes.
func TestGoSaysWhatIsRead(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "test", "-json", "-count=1", "-run", "TestFailuresAndTheSlowest", ".").Output()
	require.NoError(t, err)
	var to strings.Builder
	require.NoError(t, run(strings.NewReader(string(out)), &to, false, 10))
	assert.Regexp(t, `^ok  \tstocktake/collector/internal/testlog\t[0-9.]+s\n`, to.String())
}
