package image_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/distribution/reference"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/image"
)

func TestParseReadsReferencesAsTheKubeletDoes(t *testing.T) {
	t.Parallel()
	for _, test := range goodRefs() {
		t.Run(test.in, func(t *testing.T) {
			t.Parallel()
			got, err := image.Parse(test.in)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.text, got.String())
			assert.Equal(t, test.want.Registry+"/"+test.want.Repository, got.Name())

			again, err := image.Parse(got.String())
			require.NoError(t, err)
			assert.Equal(t, got, again)
		})
	}
}

func TestParseNamesInputAndCause(t *testing.T) {
	t.Parallel()
	for _, test := range badRefs() {
		got, err := image.Parse(test.in)
		require.Error(t, err, "%.80q", test.in)
		assert.Zero(t, got)
		require.ErrorContains(t, err, test.cause)
		assert.True(t, strings.HasPrefix(err.Error(), `parse image "`), err.Error())
		require.NotErrorIs(t, err, image.ErrConfigID)
		assert.Less(t, len(err.Error()), 1000, "an error must not repeat a huge input")
		assertPrintable(t, err.Error())
	}
	_, err := image.Parse("reg.io/Foo:1")
	assert.ErrorContains(t, err, `"reg.io/Foo:1"`)
}

func TestParseRejectsConfigIDs(t *testing.T) {
	t.Parallel()
	for _, id := range configIDs() {
		got, err := image.Parse(id)
		require.ErrorIs(t, err, image.ErrConfigID, id)
		require.ErrorContains(t, err, id)
		assert.Zero(t, got)
	}
}

func TestRefWithoutNameHasNoText(t *testing.T) {
	t.Parallel()
	assert.Empty(t, image.Ref{}.Name())
	assert.Empty(t, image.Ref{Digest: digA, Tag: "1"}.String())
}

func FuzzParse(f *testing.F) {
	for _, test := range goodRefs() {
		f.Add(test.in)
	}
	for _, test := range badRefs() {
		if len(test.in) < 2000 {
			f.Add(test.in)
		}
	}
	for _, id := range configIDs() {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, err := image.Parse(s)
		if err != nil {
			assert.Zero(t, ref)
			assertPrintable(t, err.Error())
			return
		}
		text := ref.String()
		assertPrintable(t, text)
		again, err := image.Parse(text)
		require.NoError(t, err)
		require.Equal(t, ref, again)
		require.Equal(t, text, again.String())
		require.NotEmpty(t, ref.Registry)
		require.NotEmpty(t, ref.Repository)
		require.False(t, ref.Tag == "" && ref.Digest == "", "neither tag nor digest")
		require.False(t, ref.TagImplied && (ref.Tag != "latest" || ref.Digest != ""), "implied tag")
		assertDistributionAgrees(t, text, ref)
	})
}

// assertDistributionAgrees compares with the code that the runtimes use, on
// canonical text, where our folding of hosts and our config ids play no part.
func assertDistributionAgrees(t *testing.T, text string, ref image.Ref) {
	t.Helper()
	name, _, _ := strings.Cut(text, "@")
	named, err := reference.ParseNormalizedNamed(name)
	require.NoError(t, err)
	assert.Equal(t, ref.Name(), named.Name())
	if tagged, ok := named.(reference.Tagged); ok {
		assert.Equal(t, ref.Tag, tagged.Tag())
	}
}

func assertPrintable(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if !unicode.IsPrint(r) {
			t.Errorf("%q holds %U", s, r)
			return
		}
	}
}
