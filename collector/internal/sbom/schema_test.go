package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/cdxschema"
	"stocktake/collector/internal/programs"
)

func TestFulfilsTheOfficialSchema(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "sbom")
	require.NoError(t, programs.Link(program, ".", nil, "-buildvcs=false"))
	var text bytes.Buffer
	require.NoError(t, run([]string{program, "1.2.3"}, &text))

	require.NoError(t, cdxschema.Validate(text.Bytes()))
}
