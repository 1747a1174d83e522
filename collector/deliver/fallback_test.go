package deliver

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
)

func TestDefaultAccountGetsTheBodyOfAnUnknownOne(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404} {
		r, url := anchoretest.Start(t, anchoretest.Options{Accounts: []string{"spare"}, UnknownAccountStatus: status})
		c := newClientOf(t, url, nil)
		body := routedBody(t, payload.Anchore, 1, []string{"nobody"})
		receipt, err := WithDefaultAccount(c, "spare", c.hear).Deliver(t.Context(), body)
		require.NoError(t, err)
		assert.Equal(t, "spare", receipt.Account)
		assert.Equal(t, 2, receipt.Attempts)
		require.Len(t, r.Accepted(), 1)
		assert.Equal(t, plainText(t, body), string(r.Accepted()[0].Body))
		assert.Equal(t, "nobody", body.Account, "the body of the caller stays as it was")

		require.Len(t, c.events, 1)
		assert.True(t, c.events[0].Warning)
		assert.Equal(t, "account nobody is not known, sending to spare", c.events[0].Message)
		require.ErrorIs(t, c.events[0].Err, ErrAccountNotFound)
	}
}

func TestDefaultAccountIsTriedOnce(t *testing.T) {
	t.Parallel()
	for account, requests := range map[string]int{"nobody": 2, "spare": 1, "": 1} {
		r, url := anchoretest.Start(t, anchoretest.Options{Accounts: []string{"other"}})
		c := newClientOf(t, url, func(o *AnchoreOptions) { o.Account = "spare" })
		_, err := WithDefaultAccount(c, "spare", nil).Deliver(t.Context(), routedBody(t, payload.Anchore, 1, []string{account}))
		require.ErrorIs(t, err, ErrAccountNotFound)
		assert.Len(t, posts(r), requests, "account %q", account)
	}
}

func TestDefaultAccountDoesNotHideOtherFaults(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 404, 409} {
		r, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{{Status: status}}})
		c := newClientOf(t, url, nil)
		_, err := WithDefaultAccount(c, "spare", c.hear).Deliver(t.Context(), routedBody(t, payload.Anchore, 1, []string{"team-a"}))
		require.ErrorIs(t, err, ErrRefused)
		assert.Len(t, posts(r), 1)
		assert.Empty(t, c.messages())
	}
}
