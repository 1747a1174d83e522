package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"stocktake/collector/transport"
)

// session is what a login gives.
type session struct {
	*client // of the API, which does not repeat the token either

	token string
	until time.Time // when it is time for another login; zero if that is not known
}

// login gives the keys for a token.
func (i *Infralight) login(ctx context.Context, retry transport.RetryPolicy) (session, error) {
	began := time.Now()
	said, e := i.ask(ctx, retry)
	if e != nil {
		return session{}, failed(e)
	}
	token, lasts, err := readLogin(said.Body)
	if err != nil {
		return session{}, strange(i.loginURL(), said, err)
	}
	api := *i.api
	api.Client = api.Knowing(token)
	s := session{client: &api, token: token}
	if lasts > 0 {
		s.until = began.Add(lasts - lasts/10)
	}
	return s, nil
}

func (i *Infralight) loginURL() string {
	return i.keys.base.JoinPath("account", "access_keys", "login").String()
}

// ask makes the request of the login. What is answered with success is not repeated in an error, unless it is the title of
// a page: it may hold a token.
func (i *Infralight) ask(ctx context.Context, retry transport.RetryPolicy) (transport.Answer, *transport.Error) {
	keys := struct {
		Access string `json:"accessKey"`
		Secret string `json:"secretKey"`
	}{i.options.AccessKey, i.options.SecretKey}
	text, _ := json.Marshal(keys) //nolint:gosec // the keys are what a login sends; of strings there is no error
	said, e := i.keys.Do(ctx, transport.Request{
		Method: http.MethodPost, URL: i.loginURL(), Header: jsonContent(), Content: transport.Bytes(text), Retry: retry,
	})
	if e != nil && e.Status < http.StatusMultipleChoices && transport.Said(said.Body) == "" {
		e.Words = ""
	}
	return said, e
}

// bearer is a token of RFC 6750 section 2.1.
var bearer = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

var errNoToken = errors.New("the answer to the login holds no access_token: not the answer of the API but of something in between, or of an API that is not known")

// readLogin reads the answer to the login: {"access_token": "…", "expires_in": seconds}. Errors do not repeat it. How
// long the token lasts is zero if that is not said in a way that makes sense.
func readLogin(body []byte) (token string, lasts time.Duration, err error) {
	var v struct {
		Token string          `json:"access_token"`
		Lasts json.RawMessage `json:"expires_in"`
	}
	if json.Unmarshal(body, &v) != nil || !bearer.MatchString(v.Token) {
		return "", 0, errNoToken
	}
	const day = 24 * 60 * 60
	n, err := strconv.ParseFloat(strings.Trim(string(v.Lasts), `"`), 64)
	if err != nil || !(n > 0) {
		return v.Token, 0, nil
	}
	return v.Token, time.Duration(min(n, day) * float64(time.Second)), nil
}

// Preflight logs in: a run whose keys are refused must not cost the API server a thousand pages.
func (i *Infralight) Preflight(ctx context.Context) error {
	i.warnInsecure()
	_, err := i.login(ctx, hurriedly())
	return err
}

func (i *Infralight) warnInsecure() {
	i.keys.warnInsecure()
	if i.api.base.Host != i.keys.base.Host {
		i.api.warnInsecure()
	}
}

// Where implements Prober.
func (i *Infralight) Where() string { return i.api.base.String() }

// Probe implements Prober. It logs in, and begins nothing.
func (i *Infralight) Probe(ctx context.Context, _ Survey, tell func(transport.Finding)) {
	i.warnInsecure()
	said, took, e := i.keys.Probe(ctx, i.keys.base, func(ctx context.Context) (transport.Answer, *transport.Error) {
		return i.ask(ctx, hurriedly())
	}, "keys, clock", telling(tell))
	if e != nil {
		return
	}
	tell(tellKeys(i.keys.base.String(), said, took))
	tell(clockOf(said))
	tell(transport.Finding{Verdict: transport.Unknown, Says: "whether " + i.Where() + " takes objects of this cluster now: only a run tells"})
}

func tellKeys(where string, said transport.Answer, took time.Duration) transport.Finding {
	if _, _, err := readLogin(said.Body); err != nil {
		err = strange(where, said, err)
		return transport.Finding{Verdict: transport.Fault, Says: err.Error(), Advice: "see " + infralightLogin, Err: err}
	}
	return transport.Finding{Verdict: transport.Fine, Says: fmt.Sprintf("%s takes the keys, in %s", where, transport.Brief(took))}
}
