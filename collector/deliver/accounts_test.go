package deliver

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

func TestDeliverSpeaksForAnAccountWithItsOwnCredentials(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{Users: map[string]string{testUser: testPassword, "alice": "s3cret-a"}})
	c := newClientOf(t, url, func(o *AnchoreOptions) {
		o.Accounts = map[string]Credentials{"TeamA": {"alice", "s3cret-a"}}
	})
	for account, user := range map[string]string{"TeamA": "alice", "teama": testUser, "": testUser} {
		receipt, err := c.deliver(routedBody(t, payload.Anchore, 1, []string{account}))
		require.NoError(t, err)
		all := r.Accepted()
		assert.Equal(t, user, all[len(all)-1].User)
		assert.Equal(t, receipt.Account, all[len(all)-1].Account)
	}
}

func TestDeliverNeedsNoGlobalCredentialsWhenAccountsHaveTheirs(t *testing.T) {
	t.Parallel()
	r, url := anchoretest.Start(t, anchoretest.Options{})
	c := newClientOf(t, url, func(o *AnchoreOptions) {
		o.User, o.Password = "", ""
		o.Accounts = map[string]Credentials{"team-a": {"alice", testPassword}}
	})
	_, err := c.deliver(routedBody(t, payload.Anchore, 1, []string{"team-a"}))
	require.NoError(t, err)
	_, err = c.deliver(routedBody(t, payload.Anchore, 1, []string{"team-b"}))
	require.ErrorIs(t, err, settings.ErrInvalid)
	require.ErrorContains(t, err, `anchore.user: is not set, and account "team-b" has no credentials of its own`)
	assert.Len(t, posts(r), 1)
}

func TestDeliverRedactsThePasswordsOfAllAccounts(t *testing.T) {
	t.Parallel()
	echo := "x:s3cret-a:s3cret-abc:" + Credentials{"bob", "s3cret-abc"}.pair()
	_, url := anchoretest.Start(t, anchoretest.Options{Faults: []anchoretest.Fault{{Status: 409, Body: echo, ContentType: "text/plain"}}})
	c := newClientOf(t, url, func(o *AnchoreOptions) {
		o.Accounts = map[string]Credentials{"a": {"alice", "s3cret-a"}, "b": {"bob", "s3cret-abc"}}
	})
	_, err := c.deliver(newBody(t, payload.Anchore, 1))
	require.ErrorContains(t, err, "x:[redacted]:[redacted]:[redacted]")
}

func TestNewAnchoreChecksTheCredentialsOfAccounts(t *testing.T) {
	t.Parallel()
	for own, says := range map[Credentials]string{
		{"alice", ""}:             "account-routes.team-a: user and password go together",
		{"", testPassword}:        "account-routes.team-a: user and password go together",
		{"alice:x", testPassword}: "account-routes.team-a.user: a name must not hold a colon",
	} {
		o := options("https://anchore.example.com")
		o.Accounts = map[string]Credentials{"team-a": own}
		_, err := NewAnchore(o, testAgent, nil)
		require.ErrorIs(t, err, settings.ErrInvalid)
		require.ErrorContains(t, err, says)
		assertNoSecret(t, err.Error())
	}
}
