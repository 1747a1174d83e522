package payload

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/settings"
)

func TestNewNamesTheWrongSetting(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, test := range []struct {
		opts Options
		want []string
	}{
		{Options{TagPolicy: "keep"}, []string{"missing-tag-policy.policy", `"keep"`, "digest, insert or drop"}},
		{Options{TagPolicy: PolicyInsert, Tag: "no tag"}, []string{"missing-tag-policy.tag", `"no tag"`}},
		{Options{TagPolicy: PolicyInsert, Tag: strings.Repeat("x", 129)}, []string{"missing-tag-policy.tag", "128"}},
		{Options{Registry: "myreg"}, []string{"missing-registry-override", `"myreg"`, "docker.io"}},
		{Options{Registry: "https://reg.io"}, []string{"missing-registry-override", `"https://reg.io"`, "without a scheme"}},
		{Options{Registry: "reg.io/x:1"}, []string{"missing-registry-override", `"reg.io/x:1"`}},
		{Options{Registry: "reg.io//x"}, []string{"missing-registry-override", `"reg.io//x"`}},
		{Options{Registry: "reg.io/X"}, []string{"missing-registry-override", `"reg.io/X"`}},
		{Options{MaxNamespaces: -1}, []string{"inventory-report-limits.namespaces", "-1"}},
		{Options{MaxBytes: -5}, []string{"inventory-report-limits.payload-threshold-bytes", "-5"}},
		{Options{SpoolMemory: -1}, []string{"spool.memory", "-1"}},
		{Options{SpoolDir: "/no/such/folder"}, []string{"spool.dir", "/no/such/folder"}},
		{Options{SpoolDir: file}, []string{"spool.dir", "not a folder"}},
	} {
		_, err := New(Anchore, Head{}, test.opts)
		require.ErrorIs(t, err, settings.ErrInvalid)
		for _, want := range test.want {
			require.ErrorContains(t, err, want)
		}
	}
}

func TestNewJoinsAllWrongSettings(t *testing.T) {
	t.Parallel()
	_, err := New(Anchore, Head{}, Options{TagPolicy: "keep", MaxNamespaces: -1})
	require.ErrorContains(t, err, "missing-tag-policy.policy")
	require.ErrorContains(t, err, "inventory-report-limits.namespaces")
}

func TestDummyIsAnOldWordForInsert(t *testing.T) {
	t.Parallel()
	opts, err := Options{TagPolicy: "dummy"}.checked()
	require.NoError(t, err)
	assert.Equal(t, PolicyInsert, opts.TagPolicy)
	assert.Equal(t, "UNKNOWN", opts.Tag)
}

func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	for field := range reflect.TypeFor[Options]().Fields() {
		assert.NotEmpty(t, field.Tag.Get("setting"), field.Name)
		assert.NotEmpty(t, field.Tag.Get("doc"), field.Name)
	}
}

func TestNewRefusesUnknownKinds(t *testing.T) {
	t.Parallel()
	_, err := New("xml", Head{}, Options{})
	assert.ErrorContains(t, err, `"xml"`)
}

func TestBytesAreReadInAllForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Bytes{
		"0": 0, "1000": 1000, "1000B": 1000, "16MiB": 16 << 20, "16Mi": 16 << 20, " 2 GiB ": 2 << 30, "7KiB": 7 << 10,
	} {
		var got Bytes
		require.NoError(t, got.UnmarshalText([]byte(text)), text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "-1", "16MB", "16M", "MiB", "1.5GiB", "9223372036854775807KiB", "0x10"} {
		var got Bytes
		require.ErrorContains(t, got.UnmarshalText([]byte(text)), "amount of memory", text)
		assert.Zero(t, got)
	}
}

func FuzzBytes(f *testing.F) {
	f.Add(int64(16 << 20))
	f.Add(int64(1023))
	f.Fuzz(func(t *testing.T, n int64) {
		if n < 0 {
			return
		}
		var got Bytes
		require.NoError(t, got.UnmarshalText([]byte(Bytes(n).String())))
		assert.Equal(t, Bytes(n), got)
	})
}
