package anchoretest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/internal/anchoretest"
)

func TestInventoriesListWhatWasAccepted(t *testing.T) {
	t.Parallel()
	_, base := anchoretest.Start(t, anchoretest.Options{})
	post(t, base+pathV2, []byte(goodV2))
	post(t, base+pathV2, []byte(goodV2))
	post(t, base+pathV2, []byte("{}"))
	var list struct{ Items []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(get(t, base+"/v2/inventories").body), &list))
	require.Len(t, list.Items, 1, "seen twice, listed once")
	assert.Equal(t, "prod-1/team-a", list.Items[0]["context"])
	assert.Equal(t, "docker.io/acme/api:1.2", list.Items[0]["image_tag"])
	assert.NotEqual(t, list.Items[0]["created_at"], list.Items[0]["last_seen"])
	assert.JSONEq(t, `{"items":[]}`, get(t, base+"/v2/inventories?context="+url.QueryEscape("prod-1/other")).body)
}

func TestIntegrationIsKnownByItsIDs(t *testing.T) {
	t.Parallel()
	_, url := anchoretest.Start(t, anchoretest.Options{})
	register := url + "/v2/system/integrations/registration"
	body := `{"registration_id":"cron","registration_instance_id":"1","type":"k8s_inventory_agent","username":"u","health_report_interval":900}`
	first, second := post(t, register, []byte(body)), post(t, register, []byte(body))
	assert.Equal(t, []int{201, 200}, []int{first.status, second.status})
	assert.Equal(t, first.body, second.body)
	var integration struct{ UUID string }
	require.NoError(t, json.Unmarshal([]byte(first.body), &integration))

	report := `{"uuid":"%s","protocol_version":1,"timestamp":"2024-10-04T10:11:40Z","uptime":1.5,"health_report_interval":900,` +
		`"health_data":{"type":"k8s_inventory_agent","version":1}}`
	health := func(id, body string) int {
		return post(t, url+"/v2/system/integrations/"+id+"/health-report", []byte(body)).status
	}
	good := fmt.Sprintf(report, otherUID) // that of the report
	assert.Equal(t, http.StatusCreated, health(integration.UUID, good))
	assert.Equal(t, http.StatusNotFound, health(otherUID, good))
	assert.Equal(t, http.StatusBadRequest, health(integration.UUID, strings.Replace(good, `"version":1`, `"version":null`, 1)))
	for _, required := range []string{"registration_id", "registration_instance_id", "type", "username", "health_report_interval"} {
		broken := strings.Replace(body, `"`+required+`"`, `"x"`, 1)
		assert.Contains(t, post(t, register, []byte(broken)).body, "'"+required+"' is a required property")
	}
}

// TestLargeReportsCostLittleMemory streams a report of 60,000 pods through a receiver that keeps no bodies. What the heap
// takes from the system, client included, is measured; it never shrinks, so it shows the peak.
func TestLargeReportsCostLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 40 MB")
	}
	const pods = 60_000
	r, url := anchoretest.Start(t, anchoretest.Options{KeepBody: -1})
	var size counter
	require.NoError(t, largeReport(&size, pods))
	body, w := io.Pipe()
	go func() { w.CloseWithError(largeReport(w, pods)) }()
	stream := func(req *http.Request) { req.Body, req.ContentLength = body, int64(size) }

	before := heap()
	got := post(t, url+pathV2, nil, stream)
	grown := heap() - before
	require.Equal(t, http.StatusCreated, got.status, got.body)
	assert.Equal(t, pods, r.Accepted()[0].Counts.Pods)
	assert.Greater(t, int64(size), int64(40<<20))
	assert.Less(t, grown, int64(32<<20), "the UIDs of the report, not the report")
	t.Logf("%d MB sent, heap grew %d MB", size>>20, grown>>20)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapSys)
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func largeReport(to io.Writer, pods int) error {
	w := bufio.NewWriter(to)
	fmt.Fprint(w, `{"cluster_name":"large","containers":[`)
	for i := range pods {
		fmt.Fprintf(w, `%s{"id":"containerd://%064x","image_digest":"sha256:%064x","image_tag":"docker.io/acme/api:%d","name":"api","pod_uid":"%s"}`,
			comma(i), i, i, i, numbered(i))
	}
	fmt.Fprintf(w, `],"namespaces":[{"name":"a","uid":"%s"}],"pods":[`, namespaceUID)
	for i := range pods {
		fmt.Fprintf(w, `%s{"labels":{"app":"api","padding":"%0300d"},"name":"api-%d","namespace_uid":"%s","uid":"%s"}`,
			comma(i), i, i, namespaceUID, numbered(i))
	}
	fmt.Fprint(w, `],"timestamp":"2024-05-03T12:34:13Z"}`)
	return w.Flush()
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

func numbered(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", i) }
