package programtest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/kubetest"
)

// ailingTypes adds a group whose server is dead, and a type whose conversion webhook is: its
// object is stored as v1, and v2 is what the server prefers.
func ailingTypes(t *testing.T, api rest.Interface) {
	t.Helper()
	post(t, api, "/apis/apiregistration.k8s.io/v1/apiservices", `{"metadata":{"name":"v1.dead.example.net"},"spec":{"group":"dead.example.net","version":"v1",
		"groupPriorityMinimum":100,"versionPriority":10,"insecureSkipTLSVerify":true,"service":{"namespace":"default","name":"nobody"}}}`)
	post(t, api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", `{"metadata":{"name":"gadgets.example.com"},"spec":{"group":"example.com","scope":"Namespaced",
		"names":{"plural":"gadgets","kind":"Gadget"},"conversion":{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],"clientConfig":{"url":"https://127.0.0.1:1/"}}},
		"versions":[{"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}},{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}`)
	ctx := context.WithoutCancel(t.Context())
	t.Cleanup(func() {
		assert.NoError(t, api.Delete().AbsPath("/apis/apiregistration.k8s.io/v1/apiservices/v1.dead.example.net").Do(ctx).Error())
		assert.NoError(t, api.Delete().AbsPath("/apis/example.com/v1/namespaces/team-a/gadgets/one").Do(ctx).Error())
		assert.NoError(t, api.Delete().AbsPath("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.example.com").Do(ctx).Error())
	})
	require.Eventually(t, func() bool {
		return api.Post().AbsPath("/apis/example.com/v1/namespaces/team-a/gadgets").SetHeader("Content-Type", "application/json").
			Body([]byte(`{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"one"}}`)).Do(ctx).Error() == nil
	}, time.Minute, 50*time.Millisecond)
}

// TestDoctorOfObjectsEndsWithTheCodeOfARun: types that cannot be read, rights that lack, and how
// much there is.
func TestDoctorOfObjectsEndsWithTheCodeOfARun(t *testing.T) {
	t.Parallel()
	cluster, api := objectsCluster(t)
	ailingTypes(t, api)
	var values atomic.Int32
	admin := proxied(t, cluster, func(r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/secrets") && !strings.Contains(r.Header.Get("Accept"), "PartialObjectMetadataList") {
			values.Add(1)
		}
		return true
	})
	few := cluster.KubeconfigFor(t, "doctor-objects", kubetest.Grant{Resources: []string{"configmaps"}})
	for _, c := range []struct {
		name, as string
		settings []string
		code     int
		says     []string
	}{
		{"well", admin, []string{"objects.types=configmaps,deployments,widgets,secrets"}, 0,
			[]string{"ok    4 types may be listed; about ", " objects to read, in some 10s; they make some ", " in 1 chunk, before compression", "ok    clock: agrees"}},
		{"a name that is not served", admin, []string{"objects.types=configmaps,widgetz.example.com"}, 0,
			[]string{"warn  objects.types: widgetz.example.com: the API server serves no such type: did you mean widgets.example.com?"}},
		{"nothing but a name that is not served", admin, []string{"objects.types=widgetz.example.com"}, 8, []string{"fail  empty: not one object of the types that are chosen"}},
		{"a group whose server is dead", admin, []string{"objects.types=configmaps,*.dead.example.net"}, 6,
			[]string{"fail  objects: *.dead.example.net: ", "the server behind the APIService v1.dead.example.net does not answer", "objects.remove-types"}},
		{"a dead group, and incomplete is fine", admin, []string{"objects.types=configmaps,*.dead.example.net", "allow-incomplete=true"}, 7,
			[]string{"warn  ", "the server behind the APIService v1.dead.example.net does not answer", "a run goes on without", "1 type may be listed"}},
		{"a conversion webhook that is down", admin, []string{"objects.types=configmaps,gadgets"}, 6,
			[]string{"fail  objects: ", "conversion webhook for example.com/v1", "name gadgets.v1.example.com in objects.types"}},
		{"the version that is stored", admin, []string{"objects.types=configmaps,gadgets.v1.example.com"}, 0, []string{"2 types may be listed"}},
		{"rights that lack", few, []string{"objects.types=configmaps,services,deployments,widgets.example.com"}, 3,
			[]string{"may not be listed: grant ", `{apiGroups: [""], resources: ["services"], verbs: ["list"]}`, `{apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"]}`,
				`{apiGroups: ["example.com"], resources: ["widgets"], verbs: ["list"]}`}},
		{"rights that lack and may", few, []string{"objects.types=configmaps,services", "objects.skip-forbidden=true"}, 7, []string{"warn  ", "services", "a run goes on without"}},
		{"who serves what may not be asked", few, []string{"objects.types=*"}, 3, []string{`grant {apiGroups: ["apiregistration.k8s.io"], resources: ["apiservices"], verbs: ["list"]}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"-external", c.as}, objectsAlone(t, c.settings...)...)
			args = append(args, "prod-1")
			got := inside(t, call{args: append([]string{"doctor"}, args...)})
			assert.Equal(t, c.code, got.code, got.stdout)
			for _, words := range c.says {
				assert.Contains(t, got.stdout, words)
			}
			ran := inside(t, call{args: args})
			assert.Equal(t, c.code, ran.code, ran.stderr)
		})
	}
	both := inside(t, call{args: []string{"doctor", "-external", admin, "-set", "objects.enabled=true", "-set", "output=table", "-set", "deliver.file.kind=objects", "-set", "deliver.file.path=" + t.TempDir() + "/x", "prod-1"}})
	assert.Equal(t, 0, both.code, both.stdout)
	assert.Contains(t, both.stdout, "4 pods to read")
	assert.Contains(t, both.stdout, "types may be listed")
	assert.Zero(t, values.Load(), "of secrets only the metadata")
}

// TestDoctorOfObjectsTellsHowMany there are by the first few, asks for no more than 200 lists, and
// finds the object that a run would not send.
func TestDoctorOfObjectsTellsHowMany(t *testing.T) {
	t.Parallel()
	examine := func(paths map[string]func(int, *http.Request) reply) (*scriptedServer, outcome) {
		server := &scriptedServer{paths: paths}
		return server, inside(t, call{args: []string{"doctor", "-external", server.serve(t), "-dry-run", "-set", "output-kind=objects", "-set", "objects.types=*.example.com", "prod-1"}})
	}
	listed := func(metadata string) func(int, *http.Request) reply {
		return answers(rawText(`{"apiVersion":"example.com/v1","items":[` + thing(1, `},"spec":{"n":1}}`) + `],"kind":"ThingList","metadata":{"resourceVersion":"7","continue":"x"` + metadata + `}}`))
	}
	items := map[string]string{}
	for n := range 300 {
		items[fmt.Sprintf("things%03d", n)] = thing(n, `},"spec":{}}`)
	}
	server, got := examine(customPaths(items))
	assert.Equal(t, 0, got.code, got.stdout)
	assert.Contains(t, got.stdout, "not checked: 100 of 300 lists: the first 200 were asked for a few objects")
	assert.Contains(t, got.stdout, "200 types may be listed; about 200 objects to read")
	assert.Less(t, len(server.asked), 220)

	paths := customPaths(map[string]string{"many": "", "unknown": ""})
	paths["/apis/example.com/v1/many"], paths["/apis/example.com/v1/unknown"] = listed(`,"remainingItemCount":999999`), listed("")
	_, got = examine(paths)
	assert.Equal(t, 0, got.code, got.stdout)
	assert.Contains(t, got.stdout, "not checked: how many there are of unknown.example.com, which the server does not tell")
	assert.Regexp(t, `ok    2 types may be listed; about 1000001 objects to read, in some [0-9ms]+; they make some 1[0-9]{2} MiB in [0-9]{2} chunks, before compression`, got.stdout)

	_, got = examine(customPaths(map[string]string{"things": thing(1, `},"spec":{"a":1,"a":2}}`)}))
	assert.Equal(t, 6, got.code, got.stdout)
	assert.Contains(t, got.stdout, `things.example.com "aa/t00001" cannot be sent`)
}
