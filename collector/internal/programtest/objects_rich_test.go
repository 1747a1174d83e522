package programtest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/kubetest"
)

// rich is a cluster with objects of many types, among them odd ones, and something secret in
// every place where somebody keeps it.
type rich struct {
	*kubetest.Cluster

	api     rest.Interface
	secrets int // so many places
}

// TestObjectsOfARichCluster has one cluster for all that only reads it.
func TestObjectsOfARichCluster(t *testing.T) {
	t.Parallel()
	c := newRich(t)
	t.Run("nothing secret is anywhere", c.nothingSecret)
	t.Run("full is all that the API server has", c.full)
	t.Run("types of two groups with one name", c.twoGroups)
	t.Run("an API whose server is gone", c.deadAPI)
	t.Run("a conversion webhook that is down", c.webhookDown)
	t.Run("owners", c.owners)
}

func newRich(t *testing.T) *rich {
	t.Helper()
	cluster := ownSmallCluster(t)
	cluster.SeedNamespaces(t, "rich", "poor")
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	c := &rich{Cluster: cluster, api: client.RESTClient()}
	c.define(t)
	for _, o := range secretPlaces {
		c.create(t, o.path, o.body)
	}
	c.patch(t, "/api/v1/namespaces/rich/pods/p/status", `{"status":{"message":"CANARY","conditions":[{"type":"Ready","status":"False","message":"CANARY"}],
		"containerStatuses":[{"name":"c","image":"nginx","imageID":"","lastState":{"terminated":{"exitCode":1,"message":"CANARY"}}}]}}`)
	for revision, status := range []string{"superseded", "deployed", "failed"} {
		c.helm(t, revision+1, status)
	}
	c.own(t)
	require.GreaterOrEqual(t, c.secrets, 40)
	return c
}

// canaryOf is what is secret in a place, plain and in base64.
func canaryOf(place int) string {
	plain := fmt.Sprintf("%s-%03d", canary, place)
	return plain + "." + base64.StdEncoding.EncodeToString([]byte(plain))
}

// withSecrets puts another secret in each place.
func (c *rich) withSecrets(body string) string {
	for strings.Contains(body, "CANARY") {
		text := canaryOf(c.secrets)
		before, _, _ := strings.Cut(body, "CANARY")
		if strings.HasSuffix(before, "base64:") {
			body = strings.Replace(body, "base64:CANARY", base64.StdEncoding.EncodeToString([]byte(text)), 1)
		} else {
			body = strings.Replace(body, "CANARY", text, 1)
		}
		c.secrets++
	}
	return body
}

// create makes an object, until the end of the test.
func (c *rich) create(t *testing.T, at, body string) {
	t.Helper()
	var o struct{ Metadata struct{ Name string } }
	body = c.withSecrets(body)
	require.NoError(t, json.Unmarshal([]byte(body), &o), body)
	post(t, c.api, at, body)
	t.Cleanup(func() {
		ctx, path := context.WithoutCancel(t.Context()), at+"/"+o.Metadata.Name
		_ = c.api.Patch(types.MergePatchType).AbsPath(path).Body([]byte(`{"metadata":{"finalizers":null}}`)).Do(ctx).Error() // nobody is there who would
		_ = c.api.Delete().AbsPath(path).Do(ctx).Error()                                                                     // with its namespace or definition
	})
}

func (c *rich) patch(t *testing.T, at, body string) {
	t.Helper()
	require.NoError(t, c.api.Patch(types.MergePatchType).AbsPath(at).Body([]byte(c.withSecrets(body))).Do(t.Context()).Error(), at)
}

const (
	definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	anySchema   = `"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}`
)

// define makes custom resources, and an APIService that nobody is behind.
func (c *rich) define(t *testing.T) {
	t.Helper()
	crd := `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"%s.%s"},"spec":{"group":%[2]q,"scope":"Namespaced",
		"names":{"plural":%[1]q,"kind":%[3]q},%[5]s"versions":[%[4]s]}}`
	v1 := `{"name":"v1","served":true,"storage":true,` + anySchema + `}`
	withDefault := `{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"password":{"type":"string","default":"CANARY"}}}}}`
	hook := `"conversion":{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],"clientConfig":{"url":"https://` + strings.TrimPrefix(unreachable(t), "http://") + `"}}},`
	c.create(t, definitions, fmt.Sprintf(crd, "widgets", "example.com", "Widget", v1, ""))
	c.create(t, definitions, fmt.Sprintf(crd, "guarded", "example.com", "Guard", withDefault, ""))
	c.create(t, definitions, fmt.Sprintf(crd, "applications", "argoproj.io", "Application", v1, ""))
	c.create(t, definitions, fmt.Sprintf(crd, "networkpolicies", "crd.projectcalico.example", "NetworkPolicy", v1, ""))
	c.create(t, definitions, fmt.Sprintf(crd, "gears", "convert.example.net", "Gear", v1+`,{"name":"v2","served":true,"storage":false,`+anySchema+`}`, hook))
	c.create(t, "/apis/apiregistration.k8s.io/v1/apiservices", `{"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"v1beta1.dead.example.net"},"spec":{
		"group":"dead.example.net","version":"v1beta1","service":{"name":"gone","namespace":"default"},"groupPriorityMinimum":100,"versionPriority":100,"insecureSkipTLSVerify":true}}`)
	require.EventuallyWithT(t, func(collect *assert.CollectT) {
		text, err := c.api.Get().AbsPath("/apis").SetHeader("Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList").DoRaw(t.Context())
		assert.NoError(collect, err)
		for _, name := range []string{`"widgets"`, `"guarded"`, `"applications"`, `"crd.projectcalico.example"`, `"gears"`, `"Stale"`} {
			assert.Contains(collect, string(text), name)
		}
		for _, at := range []string{"/apis/example.com/v1/widgets", "/apis/argoproj.io/v1/applications", "/apis/crd.projectcalico.example/v1/networkpolicies", "/apis/convert.example.net/v1/gears"} {
			assert.NoError(collect, c.api.Get().AbsPath(at).Do(t.Context()).Error())
		}
	}, time.Minute, 50*time.Millisecond)
}

// helm stores a revision of a release as Helm does.
func (c *rich) helm(t *testing.T, revision int, status string) {
	t.Helper()
	record := c.withSecrets(fmt.Sprintf(`{"name":"shop","namespace":"rich","version":%d,"info":{"status":%q,"notes":"CANARY","description":"CANARY"},
		"config":{"password":"CANARY"},"chart":{"metadata":{"name":"shop","version":"1.2.%[1]d","appVersion":"9","home":"https://u:CANARY@example.com/?t=CANARY"},
		"values":{"password":"CANARY"},"templates":[{"name":"t","data":"base64:CANARY"}]},"hooks":[{"manifest":"CANARY"}],
		"manifest":"apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\nstringData:\n  password: CANARY\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n"}`, revision, status))
	c.create(t, "/api/v1/namespaces/rich/secrets", helmSecret(t, fmt.Sprintf("sh.helm.release.v1.shop.v%d", revision), "shop", revision, status, record))
}

// helmSecret is the Secret that Helm keeps a record in.
func helmSecret(t *testing.T, name, release string, revision int, status, record string) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(record))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	inner := base64.StdEncoding.EncodeToString(packed.Bytes())
	return fmt.Sprintf(`{"apiVersion":"v1","kind":"Secret","metadata":{"name":%q,"namespace":"rich","uid":%q,"labels":{"owner":"helm","name":%q,"version":"%d","status":%q}},
		"type":"helm.sh/release.v1","data":{"release":%q}}`, name, kubetest.UID("rich", name), release, revision, status, base64.StdEncoding.EncodeToString([]byte(inner)))
}

// secretPlaces are objects with places where somebody keeps a secret.
var secretPlaces = []struct{ path, body string }{
	{"/api/v1/namespaces/rich/pods", `{"metadata":{"name":"p","annotations":{"note":"CANARY","kubectl.kubernetes.io/last-applied-configuration":"CANARY","kapp.k14s.io/original":"CANARY"}},
		"spec":{"initContainers":[{"name":"i","image":"busybox","env":[{"name":"A","value":"CANARY"}],"command":["sh","-c","CANARY"]}],
		"containers":[{"name":"c","image":"nginx","env":[{"name":"A","value":"CANARY"}],"args":["--password","CANARY"],"command":["CANARY"],
		"livenessProbe":{"httpGet":{"path":"/health?token=CANARY","port":80,"httpHeaders":[{"name":"Authorization","value":"CANARY"}]}},
		"readinessProbe":{"exec":{"command":["CANARY"]}},"startupProbe":{"httpGet":{"path":"/","port":80,"httpHeaders":[{"name":"X","value":"CANARY"}]}},
		"lifecycle":{"preStop":{"exec":{"command":["CANARY"]}},"postStart":{"httpGet":{"port":80,"httpHeaders":[{"name":"X","value":"CANARY"}]}}}}],
		"volumes":[{"name":"a","csi":{"driver":"x.example.com","volumeAttributes":{"password":"CANARY"}}},{"name":"b","flexVolume":{"driver":"a/b","options":{"password":"CANARY"}}}]}}`},
	{"/apis/apps/v1/namespaces/rich/deployments", `{"metadata":{"name":"d","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"CANARY"}},"spec":{"selector":{"matchLabels":{"a":"b"}},
		"template":{"metadata":{"labels":{"a":"b"},"annotations":{"note":"CANARY"}},"spec":{"containers":[{"name":"c","image":"nginx","env":[{"name":"A","value":"CANARY"}],"args":["CANARY"]}]}}}}`},
	{"/apis/apps/v1/namespaces/rich/statefulsets", `{"metadata":{"name":"s"},"spec":{"serviceName":"s","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
		"spec":{"containers":[{"name":"c","image":"nginx","command":["CANARY"]}]}},"volumeClaimTemplates":[{"metadata":{"name":"v","annotations":{"note":"CANARY"}},
		"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}}`},
	{"/apis/apps/v1/namespaces/rich/daemonsets", `{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
		"spec":{"containers":[{"name":"c","image":"nginx","args":["CANARY"]}]}}}}`},
	{"/apis/apps/v1/namespaces/rich/replicasets", `{"metadata":{"name":"r"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
		"spec":{"containers":[{"name":"c","image":"nginx","args":["CANARY"]}]}}}}`},
	{"/apis/apps/v1/namespaces/rich/controllerrevisions", `{"metadata":{"name":"r"},"revision":1,"data":{"spec":{"template":{"spec":{"containers":[{"env":[{"value":"CANARY"}]}]}}}}}`},
	{"/apis/batch/v1/namespaces/rich/cronjobs", `{"metadata":{"name":"c"},"spec":{"schedule":"1 1 1 1 1","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never",
		"containers":[{"name":"c","image":"nginx","command":["CANARY"]}]}}}}}}`},
	{"/apis/batch/v1/namespaces/rich/jobs", `{"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"nginx","command":["CANARY"]}]}}}}`},
	{"/api/v1/namespaces/rich/configmaps", `{"metadata":{"name":"c"},"data":{"password":"CANARY","application.properties":"user=x\npassword=CANARY\n"},"binaryData":{"keystore":"base64:CANARY"}}`},
	{"/api/v1/namespaces/rich/secrets", `{"metadata":{"name":"s","annotations":{"note":"CANARY","openshift.io/token-secret.value":"CANARY"}},"data":{"password":"base64:CANARY"},"stringData":{"key":"CANARY"}}`},
	{"/api/v1/persistentvolumes", `{"metadata":{"name":"rich"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"mountOptions":["username=x,password=CANARY"],
		"csi":{"driver":"x.example.com","volumeHandle":"h","volumeAttributes":{"token":"CANARY"}}}}`},
	{"/api/v1/namespaces/rich/events", `{"metadata":{"name":"e"},"involvedObject":{"namespace":"rich"},"message":"CANARY","reason":"X","type":"Normal"}`},
	{"/api/v1/namespaces/rich/services", `{"metadata":{"name":"s","annotations":{"note":"CANARY"}},"spec":{"ports":[{"port":80}]}}`},
	{"/apis/storage.k8s.io/v1/storageclasses", `{"metadata":{"name":"rich"},"provisioner":"x.example.com","parameters":{"restuserkey":"CANARY"}}`},
	{"/apis/networking.k8s.io/v1/namespaces/rich/networkpolicies", `{"metadata":{"name":"n","annotations":{"note":"CANARY"}},"spec":{"podSelector":{}}}`},
	{"/apis/crd.projectcalico.example/v1/namespaces/rich/networkpolicies", `{"apiVersion":"crd.projectcalico.example/v1","kind":"NetworkPolicy","metadata":{"name":"n"},"spec":{"selector":"CANARY"}}`},
	{"/apis/example.com/v1/namespaces/rich/widgets", `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"password":"CANARY","users":[{"name":"admin","password":"CANARY"}],
		"template":{"metadata":{"annotations":{"note":"CANARY"}}},"env":[{"name":"A","value":"CANARY"}],"secretRef":{"name":"s","inline":"CANARY"},"image":"https://user:CANARY@registry/x",
		"numbers":[1234567890123456789,1.10,-0.001,9007199254740993]},"status":{"conditions":[{"type":"Ready","message":"CANARY"}]}}`},
	{"/apis/argoproj.io/v1/namespaces/rich/applications", `{"apiVersion":"argoproj.io/v1","kind":"Application","metadata":{"name":"shop"},"spec":{"source":{"repoURL":"https://u:CANARY@example.com/r",
		"chart":"shop","targetRevision":"1.2.3","helm":{"parameters":[{"name":"password","value":"CANARY"}],"values":"password: CANARY"}}},"status":{"sync":{"revision":"1.2.3","status":"Synced"},"health":{"status":"Healthy"}}}`},
	{"/apis/convert.example.net/v1/namespaces/rich/gears", `{"apiVersion":"convert.example.net/v1","kind":"Gear","metadata":{"name":"g"},"spec":{"teeth":7}}`},
}
