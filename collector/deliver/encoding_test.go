package deliver

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
	"stocktake/collector/transport"
)

func TestDeliverFallsBackToPlainOnceAndRemembers(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]struct {
		gzip     anchoretest.Gzip
		attempts int
	}{
		"400": {anchoretest.GzipRefuse400, 1},
		"415": {anchoretest.GzipRefuse415, 1},
		"500": {anchoretest.GzipRefuse500, 2}, // the first may have been anything
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, url := anchoretest.Start(t, anchoretest.Options{Gzip: refusal.gzip, Users: testUsers})
			c := newClientOf(t, url, nil)
			body := newBody(t, payload.Anchore, 5)
			receipt, err := c.deliver(body)
			require.NoError(t, err)
			assert.True(t, receipt.FellBack)
			assert.Equal(t, transport.Identity, receipt.Encoding)
			assert.Equal(t, body.Size(), receipt.Bytes)
			assert.Equal(t, refusal.attempts+1, receipt.Attempts)
			assert.Contains(t, c.messages(), "gzip was refused, sending the body uncompressed")
			q := r.Accepted()[0]
			assert.Empty(t, q.Encoding)
			assert.Equal(t, body.Size(), q.ContentLength)
			assert.Equal(t, plainText(t, body), string(q.Body))

			again, err := c.deliver(body)
			require.NoError(t, err)
			assert.Equal(t, 1, again.Attempts)
			assert.False(t, again.FellBack)
			assert.Len(t, posts(r), refusal.attempts+2)
		})
	}
}

func TestDeliverRetriesThePlainBodyToo(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{
		Gzip:   anchoretest.GzipRefuse415,
		Faults: []anchoretest.Fault{{Kind: anchoretest.Pass}, {Status: 503}},
	})
	receipt, err := newClientOf(t, url, nil).deliver(newBody(t, payload.Anchore, 1))
	require.NoError(t, err)
	assert.Equal(t, 3, receipt.Attempts)
	all := posts(r)
	assert.Equal(t, "gzip", all[0].Encoding)
	assert.Equal(t, all[1].RawSHA256, all[2].RawSHA256)
}

func TestDeliverFallsBackOnlyOnce(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{})
	r.FailNext(5, anchoretest.Fault{Status: 415})
	_, err := newClientOf(t, url, nil).deliver(newBody(t, payload.Anchore, 1))
	require.ErrorIs(t, err, ErrRefused)
	assert.Len(t, posts(r), 2)
}

func TestDeliverBlamesNothingOnGzipOnceItWasTaken(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{})
	c := newClientOf(t, url, nil)
	_, err := c.deliver(newBody(t, payload.Anchore, 1))
	require.NoError(t, err)
	r.FailNext(3, anchoretest.Fault{Status: 500})
	receipt, err := c.deliver(newBody(t, payload.Anchore, 1))
	require.NoError(t, err)
	assert.Equal(t, 4, receipt.Attempts)
	assert.Equal(t, transport.Gzip, receipt.Encoding)
}

func TestDeliverKeepsToTheCompressionThatIsSet(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Gzip: anchoretest.GzipRefuse400})
	none := newClientOf(t, url, func(o *AnchoreOptions) { o.Compression = compressNone })
	receipt, err := none.deliver(newBody(t, payload.Anchore, 1))
	require.NoError(t, err)
	assert.Equal(t, transport.Identity, receipt.Encoding)
	assert.False(t, receipt.FellBack)

	gzip := newClientOf(t, url, func(o *AnchoreOptions) { o.Compression = compressGzip })
	_, err = gzip.deliver(newBody(t, payload.Anchore, 1))
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "anchore.http.compression=auto")
	assert.Len(t, posts(r), 2)
}

func TestBlamesTellsTheBytesFromTheContent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status, n int
		words     string
		blames    bool
	}{
		{415, 1, "", true},
		{400, 1, "Bad Request: Request body is not valid JSON", true},
		{400, 1, "json: invalid character '\\x1f' looking for beginning of value", true},
		{400, 1, "'utf-8' codec can't decode byte 0x8b in position 1", true},
		{400, 1, "Could not decode the request", true},
		{400, 1, "Unsupported Content-Encoding", true},
		{400, 1, "None is not of type 'object'", true},
		{400, 1, "", true},
		{400, 1, "Bad Request", true},
		{400, 1, "400 Bad Request", true},
		{422, 1, "Expecting value: line 1 column 1 (char 0)", true},
		{500, 1, "UnicodeDecodeError", true},
		{400, 1, "'' does not match '^[0-9a-f]{8}' - 'pods.0.node_uid'", false},
		{400, 1, "'acme/gzip:1' is too short - 'containers.3.image_tag'", false},
		{400, 1, "'cluster_name' is a required property", false},
		{500, 1, "Internal Server Error", false},
		{500, 2, "Internal Server Error", true},
		{502, 2, "not valid JSON", false},
		{401, 1, "not valid JSON", false},
		{404, 1, "", false},
		{413, 1, "", false},
	}
	for _, test := range tests {
		n := &negotiation{}
		got := n.blames(test.n, &transport.Error{Status: test.status, Words: test.words})
		assert.Equal(t, test.blames, got, "%d %d %q", test.status, test.n, test.words)
	}
}
