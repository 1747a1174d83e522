package anchoretest

import (
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// Anchore 5.11 and newer let a collector introduce itself (registration) and say how it fares (health report).
const (
	integrationsPath = "/v2/system/integrations/"
	registrationPath = integrationsPath + "registration"
)

// The schemas of the two bodies. The tables never change.
var (
	registrationSchema = []property{
		{"registration_id", true, filled},
		{"registration_instance_id", true, filled},
		{"type", true, oneOf("k8s_inventory_agent")},
		{"username", true, filled},
		{"health_report_interval", true, number},
		{"uptime", false, number},
		{"started_at", false, utcTime},
		{"name", false, text},
		{"version", false, text},
		{"cluster_name", false, text},
		{"namespace", false, text},
	}
	healthSchema = []property{
		{"uuid", true, uuid},
		{"protocol_version", true, number},
		{"timestamp", true, utcTime},
		{"uptime", true, number},
		{"health_report_interval", true, number},
		{"health_data", true, healthData},
	}
	healthDataSchema = []property{
		{"type", true, oneOf("k8s_inventory_agent")},
		{"version", true, number},
	}
)

func healthData(raw json.RawMessage) error {
	var data object
	if err := json.Unmarshal(raw, &data); err != nil {
		return errNotJSON
	}
	return checkObject("", data, healthDataSchema)
}

// register answers 201 the first time and 200 from then on: an integration is known by its pair of ids.
func (x *exchange) register() (answer, error) {
	var body object
	refused, ok, err := x.jsonBody(func(r io.Reader) error { return readObject(r, &body, registrationSchema) })
	if !ok {
		return refused, err
	}
	pair := sha256.Sum256([]byte(string(body["registration_id"]) + "\n" + string(body["registration_instance_id"])))
	id := uid(pair[:16]).String()
	status := http.StatusCreated
	if !x.receiver.introduce(id) {
		status = http.StatusOK
	}
	body["uuid"] = json.RawMessage(`"` + id + `"`)
	return content(status, body), nil
}

// introduce remembers an integration and reports whether it was new.
func (r *Receiver) introduce(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.integrations[id]
	r.integrations[id] = true
	return !known
}

func (x *exchange) healthReport(id string) (answer, error) {
	var body object
	refused, ok, err := x.jsonBody(func(r io.Reader) error { return readObject(r, &body, healthSchema) })
	if !ok {
		return refused, err
	}
	x.receiver.mu.Lock()
	defer x.receiver.mu.Unlock()
	if !x.receiver.integrations[id] {
		return failure(x.path, http.StatusNotFound, "Integration not found"), nil
	}
	return answer{status: http.StatusCreated}, nil
}

// healthReportOf finds the integration in the path of a health report.
func healthReportOf(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, integrationsPath)
	if !ok {
		return "", false
	}
	id, ok := strings.CutSuffix(rest, "/health-report")
	return id, ok && !strings.Contains(id, "/")
}

// readObject reads a small body whole.
func readObject(r io.Reader, body *object, schema []property) error {
	dec := json.NewDecoder(r)
	if err := decodeObject(dec, body); err != nil {
		return err
	}
	if dec.More() {
		return errNotJSON
	}
	return checkObject("", *body, schema)
}
