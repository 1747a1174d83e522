package deliver

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
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
	URL      string `setting:"metrics.pushgateway.url" doc:"where a Pushgateway is that is told of each run, as http://host:9091; it never changes what becomes of a run"`
	Job      string `setting:"metrics.pushgateway.job" envDefault:"stocktake" doc:"the label job of these metrics; a cluster has a group of its own"`
	Token    string `setting:"metrics.pushgateway.token" secret:"true" doc:"bearer token to log in with"`
	User     string `setting:"metrics.pushgateway.user" doc:"name to log in with, in place of a token"`
	Password string `setting:"metrics.pushgateway.password" secret:"true" doc:"password of that user"`
	Insecure bool   `setting:"metrics.pushgateway.insecure" envDefault:"false" doc:"do not verify the certificate of the Pushgateway"`
	CAFile   string `setting:"metrics.pushgateway.ca-file" doc:"PEM file of authorities to trust beside the system's"`
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
	base   string
	job    string
	header http.Header
	client *client
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
	s := transport.Security{Insecure: o.Insecure, CAFile: o.CAFile, URL: pushgatewayURL, Prefix: "metrics.pushgateway."}
	c, err := newClient(s, patience, userAgent, onEvent)
	if err != nil {
		return nil, err
	}
	c.redactor = newRedactor(o.login().secrets()...)
	c.advise = advisePushgateway
	c.secret = o.Token != "" || o.Password != ""
	c.warnInsecure(base)
	return &Pushgateway{
		base:   base.Scheme + "://" + base.Host + strings.TrimRight(base.EscapedPath(), "/"),
		job:    o.Job,
		header: o.login().header(),
		client: c,
	}, nil
}

// Close ends the connections.
func (p *Pushgateway) Close() { p.client.http.CloseIdleConnections() }

// Push replaces the metrics that the text names in the group of a cluster, and leaves its others as they are: POST, in
// the API of the Pushgateway, where PUT would remove them. A metric is replaced with all its labels. Push tries for as
// long as ctx lets it, so ctx should have a deadline.
func (p *Pushgateway) Push(ctx context.Context, cluster, contentType string, text []byte) error {
	e := request{
		method: http.MethodPost,
		url:    fmt.Sprintf("%s/metrics/%s/%s", p.base, grouping("job", p.job), grouping("cluster", cluster)),
		header: p.header.Clone(),
		content: &content{
			encoding: Identity,
			size:     int64(len(text)),
			open:     func() io.ReadCloser { return io.NopCloser(bytes.NewReader(text)) },
		},
	}
	e.header.Set("Content-Type", contentType)
	if _, fault := p.client.send(ctx, e); fault != nil {
		return fault
	}
	return nil
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

func advisePushgateway(f *Error) {
	switch f.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		f.Advice = "see metrics.pushgateway.token, or metrics.pushgateway.user and metrics.pushgateway.password"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		f.Advice = "see metrics.pushgateway.url"
	}
}
