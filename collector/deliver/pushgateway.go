package deliver

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"stocktake/collector/settings"
	"stocktake/collector/transport"
)

// PushgatewayOptions are the settings of a Prometheus Pushgateway, which keeps the metrics of runs that are over before
// Prometheus could ask them.
type PushgatewayOptions struct {
	URL      string `setting:"metrics.pushgateway.url" holds:"address" doc:"where a Pushgateway is that is told of each run, as http://host:9091; it never changes what becomes of a run"`
	Job      string `setting:"metrics.pushgateway.job" envDefault:"stocktake" doc:"the label job of these metrics; a cluster has a group of its own"`
	Token    string `setting:"metrics.pushgateway.token" secret:"true" doc:"bearer token to log in with"`
	User     string `setting:"metrics.pushgateway.user" doc:"name to log in with, in place of a token"`
	Password string `setting:"metrics.pushgateway.password" secret:"true" doc:"password of that user"`
	Insecure bool   `setting:"metrics.pushgateway.insecure" envDefault:"false" doc:"do not verify the certificate of the Pushgateway"`
	CAFile   string `setting:"metrics.pushgateway.ca-file" holds:"file" doc:"PEM file of authorities to trust beside the system's"`
}

const pushgatewayURL = "metrics.pushgateway.url"

// Configured reports whether anything was set that only a Pushgateway needs.
func (o PushgatewayOptions) Configured() bool {
	return o.URL != "" || o.Token != "" || o.User != "" || o.Password != ""
}

// Check finds what the settings by themselves are wrong about. It looks at no file and asks nobody.
func (o PushgatewayOptions) Check() error {
	_, err := o.base()
	if o.Job == "" {
		err = errors.Join(err, settings.Invalid("metrics.pushgateway.job", "is empty: a group of metrics needs one"))
	}
	return errors.Join(err, o.login().check("metrics.pushgateway."))
}

func (o PushgatewayOptions) login() login { return login{o.Token, o.User, o.Password} }

func (o PushgatewayOptions) base() (*url.URL, error) {
	u, err := addressOf(pushgatewayURL, o.URL)
	if err == nil && (u.RawQuery != "" || u.ForceQuery) {
		return nil, settings.Invalid(pushgatewayURL, "it holds a ?: write http://host:9091, without a query")
	}
	return u, err
}

// Pushgateway takes metrics to a Pushgateway.
type Pushgateway struct {
	client *client
	job    string
	header http.Header
}

// NewPushgateway checks the settings and reads their files. An attempt in which nothing moves for as long as patience
// says is given up. The user agent has the form of RFC 9110 section 10.1.5; onEvent may be nil.
func NewPushgateway(o PushgatewayOptions, patience time.Duration, userAgent string, onEvent func(Event)) (*Pushgateway, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	base, err := o.base()
	if err != nil {
		return nil, err
	}
	const prefix = "metrics.pushgateway."
	c, err := newClient(base, transport.Options{
		Security: transport.Security{Insecure: o.Insecure, CAFile: o.CAFile, URL: pushgatewayURL, Prefix: prefix},
		Agent:    userAgent,
		Silence:  patience,
		Fields:   o.login().fields(prefix),
		Login:    o.Token != "" || o.Password != "",
		Secrets:  o.login().secrets(),
		Advise:   advisePushgateway,
	}, onEvent)
	if err != nil {
		return nil, err
	}
	c.warnInsecure()
	return &Pushgateway{client: c, job: o.Job, header: o.login().header()}, nil
}

// Close ends the connections.
func (p *Pushgateway) Close() { p.client.HTTP.CloseIdleConnections() }

// Push replaces the metrics that the text names in the group of a cluster, and leaves its others as they are: POST, in
// the API of the Pushgateway, where PUT would remove them. A metric is replaced with all its labels. Push tries for as
// long as ctx lets it, so ctx should have a deadline.
func (p *Pushgateway) Push(ctx context.Context, cluster, contentType string, text []byte) error {
	base := p.client.base.Scheme + "://" + p.client.base.Host + strings.TrimRight(p.client.base.EscapedPath(), "/")
	req := transport.Request{
		Method:  http.MethodPost,
		URL:     fmt.Sprintf("%s/metrics/%s/%s", base, grouping("job", p.job), grouping("cluster", cluster)),
		Header:  p.header.Clone(),
		Content: transport.Bytes(text),
		Retry:   p.client.retry,
		Success: taken(),
	}
	req.Header.Set("Content-Type", contentType)
	_, e := p.client.Do(ctx, req)
	return failed(e)
}

// plainGrouping are values that no proxy on the way reads as anything but one part of a path.
var plainGrouping = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_.-]*$`)

// grouping is a label of the grouping key, as a part of the path: as it is, or in base64 with a mark (README of the
// Pushgateway, "URL").
func grouping(label, value string) string {
	if plainGrouping.MatchString(value) {
		return label + "/" + value
	}
	encoded := base64.RawURLEncoding.EncodeToString([]byte(value))
	if encoded == "" {
		encoded = "=" // an empty part of a path would be lost
	}
	return label + "@base64/" + encoded
}

func advisePushgateway(e *transport.Error) string {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "see metrics.pushgateway.token, or metrics.pushgateway.user and metrics.pushgateway.password"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return "see metrics.pushgateway.url"
	}
	return ""
}
