package deliver

import (
	"cmp"
	"time"

	"github.com/google/uuid"

	"stocktake/collector/plaintext"
)

// RegistrationOptions say how this collector introduces itself to Anchore Enterprise.
type RegistrationOptions struct {
	Enabled         bool   `setting:"anchore-registration.enabled" envDefault:"false" doc:"introduce this collector to Anchore Enterprise 5.11 or newer as an integration, and tell it how each run went"`
	ID              string `setting:"anchore-registration.registration-id" doc:"what the service knows the integration by; by default derived from the CronJob or the cluster, so that every run is the same one"`
	Name            string `setting:"anchore-registration.integration-name" doc:"name of the integration, for people"`
	Description     string `setting:"anchore-registration.integration-description" doc:"description of the integration, for people"`
	IntervalSeconds int    `setting:"anchore-registration.interval-seconds" envDefault:"900" doc:"how often there is a run; after three that did not come the service calls the integration inactive"`
}

// Integration is one run of a collector as Anchore's list of integrations shows it.
type Integration struct {
	RegistrationOptions

	Instance   string    // tells apart those that share the ID; the same in every run
	Version    string    // of the program
	Started    time.Time // when the run began
	Cluster    string
	Namespace  string   // that the collector runs in; empty outside of a cluster
	Accounts   []string // that static routes name
	Namespaces []string // that static routes name, patterns as they are written

	Collected  time.Time // the timestamp of all bodies
	Deliveries []Delivery
	Failure    string // why the run came to no delivery; empty when it came to one
}

// Delivery is what became of one body. Those of an account are its batches, in their order.
type Delivery struct {
	Account string // empty for that of the settings
	Time    time.Time
	Err     error
}

// integrationType is the one type of integration that the service has for collectors of Kubernetes inventories.
const integrationType = "k8s_inventory_agent"

// registration is the body in which a collector introduces itself.
type registration struct {
	ID          string    `json:"registration_id"`
	Instance    string    `json:"registration_instance_id"`
	Type        string    `json:"type"`
	Name        string    `json:"name,omitempty"`
	Description string    `json:"description,omitempty"`
	Version     string    `json:"version,omitempty"`
	Started     time.Time `json:"started_at"`
	Uptime      float64   `json:"uptime"` // in seconds
	User        string    `json:"username"`
	Accounts    []string  `json:"explicitly_account_bound,omitempty"`
	Namespaces  []string  `json:"namespaces,omitempty"`
	Cluster     string    `json:"cluster_name"`
	Namespace   string    `json:"namespace,omitempty"`
	Interval    int       `json:"health_report_interval"` // in seconds
}

func newRegistration(i Integration, own Credentials) registration {
	return registration{
		ID:          i.ID,
		Instance:    i.Instance,
		Type:        integrationType,
		Name:        i.Name,
		Description: i.Description,
		Version:     i.Version,
		Started:     moment(i.Started),
		Uptime:      time.Since(i.Started).Seconds(),
		User:        own.User,
		Accounts:    i.Accounts,
		Namespaces:  i.Namespaces,
		Cluster:     i.Cluster,
		Namespace:   i.Namespace,
		Interval:    i.IntervalSeconds,
	}
}

// healthReport is the body that tells how a run went.
type healthReport struct {
	UUID     string     `json:"uuid"` // of this report; the integration is named by the path
	Protocol int        `json:"protocol_version"`
	Time     time.Time  `json:"timestamp"`
	Uptime   float64    `json:"uptime"`                 // in seconds
	Interval int        `json:"health_report_interval"` // in seconds
	Data     healthData `json:"health_data"`
}

type healthData struct {
	Type     string                    `json:"type"`
	Version  int                       `json:"version"`
	Errors   []string                  `json:"errors,omitempty"`
	Accounts map[string]*accountReport `json:"account_k8s_inventory_reports,omitempty"`
}

// accountReport is how the bodies of one account fared.
type accountReport struct {
	Collected time.Time `json:"report_timestamp"`
	Account   string    `json:"account_name"`
	User      string    `json:"sent_as_user"`
	Size      int       `json:"batch_size"`
	Last      int       `json:"last_successful_index"` // from 1; -1 if there is none
	Failed    bool      `json:"has_errors"`
	Batches   []batch   `json:"batches"`
}

type batch struct {
	Index int       `json:"batch_index"` // from 1
	Sent  time.Time `json:"send_timestamp"`
	Error string    `json:"error,omitempty"`
}

func (a *Anchore) healthReport(i Integration) healthReport {
	data := healthData{Type: integrationType, Version: 1, Accounts: map[string]*accountReport{}}
	for _, d := range i.Deliveries {
		account := cmp.Or(d.Account, a.options.Account)
		report, ok := data.Accounts[account]
		if !ok {
			report = a.accountReport(i, account)
			data.Accounts[account] = report
		}
		report.add(d)
	}
	if i.Failure != "" {
		report := a.accountReport(i, a.options.Account)
		report.Failed, report.Batches = true, []batch{} // no null: the service may want a list
		data.Accounts[report.Account], data.Errors = report, []string{plaintext.Cut(i.Failure, 1000)}
	}
	return healthReport{
		UUID:     uuid.NewString(),
		Protocol: 1,
		Time:     moment(time.Now()),
		Uptime:   time.Since(i.Started).Seconds(),
		Interval: i.IntervalSeconds,
		Data:     data,
	}
}

// accountReport is one without batches.
func (a *Anchore) accountReport(i Integration, account string) *accountReport {
	own, _ := a.options.credentials(account) // none is what the report shows then
	return &accountReport{Collected: moment(i.Collected), Account: account, User: own.User, Last: -1}
}

// add notes the next batch.
func (r *accountReport) add(d Delivery) {
	r.Size++
	b := batch{Index: r.Size, Sent: moment(d.Time)}
	if d.Err == nil {
		r.Last = b.Index
	} else {
		r.Failed = true
		b.Error = plaintext.Cut(d.Err.Error(), 1000)
	}
	r.Batches = append(r.Batches, b)
}

// moment is a time in the form of all times in bodies: UTC, to the second.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
