package kube

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/kubetest"
	"stocktake/collector/inventory"
	"stocktake/collector/kubeconfig"
	"stocktake/collector/transport"
	"stocktake/collector/wire"
)

// TestCrowdedLevelIsSharedPolitely reads a cluster through a priority level of
// five seats, which two neighbours keep full. The run is slower, complete, and
// adds to the crowd no more than it must.
func TestCrowdedLevelIsSharedPolitely(t *testing.T) {
	const n, limit = 1000, 250
	cluster := many(t, n)
	for name, c := range map[string]struct {
		level     crowdedLevel
		throttled int // answers 429 that a run may have to take, at most
	}{
		// Each user has a queue, in which a neighbour's requests are not.
		"fair queues": {crowdedLevel{byUser: true, queues: 64, length: 50}, 0},
		// Everybody waits in one queue, which is often full.
		"one queue": {crowdedLevel{queues: 1, length: 8}, 30},
	} {
		t.Run(name, func(t *testing.T) {
			level := c.level.create(t, cluster)
			us := as(t, cluster, level, "robot")
			alone, _ := timedRun(t, us, n, limit)

			crowd := newCrowd(t, as(t, cluster, level, "neighbour-1"), as(t, cluster, level, "neighbour-2"))
			slow, listing := timedRun(t, us, n, limit)
			requests, refused := crowd.disperse()

			t.Logf("alone %s; in the crowd %s: %d pages, %d requests, %d answers 429; the crowd made %d requests, %d were answered 429",
				alone.Round(time.Millisecond), slow.Round(time.Millisecond), listing.Pages, listing.Requests, listing.Throttled, requests, refused)
			assert.LessOrEqual(t, listing.Throttled, c.throttled)
			assert.Equal(t, listing.Pages+listing.Throttled, listing.Requests, "nothing is asked for twice but what was refused")
			assert.Positive(t, requests, "there was a crowd")
		})
	}
}

// timedRun reads everything, and requires that it is all there.
func timedRun(t *testing.T, config *rest.Config, n, limit int) (time.Duration, inventory.Listing) {
	t.Helper()
	c, err := connect(kubeconfig.Target{Config: config}, usual(limit)) // with the patience that it has
	require.NoError(t, err)
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // the deadline of a run
	defer cancel()
	began := time.Now()
	r := newRecorder(t)
	listing, err := c.Pods(ctx, r)
	require.NoError(t, err)
	r.requireMany(n)
	return time.Since(began), listing.Listing
}

// crowdedLevel is a priority level of five seats.
type crowdedLevel struct {
	byUser         bool // each user is a flow, with a queue of its own
	queues, length int32
}

// create makes the level and a schema that sends everybody named below to it, and
// returns its UID.
func (l crowdedLevel) create(t *testing.T, cluster *kubetest.Cluster) string {
	t.Helper()
	none := int32(0)
	shares := int32(2) // of 247 with those of the levels there are: 5 of 600 seats
	name := metav1.ObjectMeta{Name: "crowded-" + strconv.Itoa(int(l.queues))}
	level := &flowcontrolv1.PriorityLevelConfiguration{
		ObjectMeta: name,
		Spec: flowcontrolv1.PriorityLevelConfigurationSpec{
			Type: flowcontrolv1.PriorityLevelEnablementLimited,
			Limited: &flowcontrolv1.LimitedPriorityLevelConfiguration{
				NominalConcurrencyShares: &shares, LendablePercent: &none, BorrowingLimitPercent: &none,
				LimitResponse: flowcontrolv1.LimitResponse{
					Type:    flowcontrolv1.LimitResponseTypeQueue,
					Queuing: &flowcontrolv1.QueuingConfiguration{Queues: l.queues, HandSize: 1, QueueLengthLimit: l.length},
				},
			},
		},
	}
	createFlow(t, cluster, "prioritylevelconfigurations", level)
	createFlow(t, cluster, "flowschemas", l.schema(name))
	return string(level.UID)
}

// createFlow creates an object of flow control, and removes it after the test. Before
// v1, which came with Kubernetes 1.29, v1beta3 had the same words for it.
func createFlow(t *testing.T, cluster *kubetest.Cluster, resource string, object metav1.Object) {
	t.Helper()
	client, err := kubernetes.NewForConfig(cluster.Config())
	require.NoError(t, err)
	version := "v1"
	if cluster.Minor() < 29 {
		version = "v1beta3"
	}
	path := "/apis/flowcontrol.apiserver.k8s.io/" + version + "/" + resource
	body, err := json.Marshal(object)
	require.NoError(t, err)
	api := client.CoreV1().RESTClient()
	made, err := api.Post().AbsPath(path).SetHeader("Content-Type", "application/json").SetHeader("Accept", "application/json").
		Body(body).DoRaw(t.Context())
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(made, object))
	t.Cleanup(func() {
		require.NoError(t, api.Delete().AbsPath(path, object.GetName()).Do(context.WithoutCancel(t.Context())).Error())
	})
}

func (l crowdedLevel) schema(name metav1.ObjectMeta) *flowcontrolv1.FlowSchema {
	var users []flowcontrolv1.Subject
	for _, user := range []string{"robot", "neighbour-1", "neighbour-2"} {
		users = append(users, flowcontrolv1.Subject{Kind: flowcontrolv1.SubjectKindUser, User: &flowcontrolv1.UserSubject{Name: user}})
	}
	schema := &flowcontrolv1.FlowSchema{
		ObjectMeta: name,
		Spec: flowcontrolv1.FlowSchemaSpec{
			PriorityLevelConfiguration: flowcontrolv1.PriorityLevelConfigurationReference{Name: name.Name},
			MatchingPrecedence:         100,
			Rules: []flowcontrolv1.PolicyRulesWithSubjects{{
				Subjects: users,
				ResourceRules: []flowcontrolv1.ResourcePolicyRule{{
					Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"pods"},
					ClusterScope: true, Namespaces: []string{flowcontrolv1.NamespaceEvery},
				}},
			}},
		},
	}
	if l.byUser {
		schema.Spec.DistinguisherMethod = &flowcontrolv1.FlowDistinguisherMethod{Type: flowcontrolv1.FlowDistinguisherMethodByUserType}
	}
	return schema
}

// as is the access of a user who may list pods, when the API server sends the
// user's requests to the level.
func as(t *testing.T, cluster *kubetest.Cluster, level, user string) *rest.Config {
	t.Helper()
	target, err := at(cluster.KubeconfigFor(t, user, kubetest.Grant{Resources: []string{"pods"}})).Find()
	require.NoError(t, err)
	client, err := rest.HTTPClientFor(target.Config)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, header, err := fetch(t.Context(), client, target.Config.Host, 1)
		return err == nil && header.Get("X-Kubernetes-PF-PriorityLevel-UID") == level
	}, 30*time.Second, 20*time.Millisecond, "the level of %s", user)
	return target.Config
}

// fetch reads a page and drops it.
func fetch(ctx context.Context, client *http.Client, host string, limit int) (code int, _ http.Header, _ error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, host+"/api/v1/pods?limit="+strconv.Itoa(limit), nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Accept", string(wire.Protobuf))
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, resp.Header, err
}

// crowd lists pods for as long as it is there, ten requests at a time for each of
// its members, and waits when it is told to as client-go does.
type crowd struct {
	leave             context.CancelFunc
	members           sync.WaitGroup
	requests, refused atomic.Int64
}

func newCrowd(t *testing.T, members ...*rest.Config) *crowd {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := &crowd{leave: cancel}
	t.Cleanup(func() { c.disperse() })
	for _, config := range members {
		client, err := rest.HTTPClientFor(config)
		require.NoError(t, err)
		for range 10 {
			c.members.Go(func() { c.push(ctx, client, config.Host) })
		}
	}
	return c
}

func (c *crowd) push(ctx context.Context, client *http.Client, host string) {
	for ctx.Err() == nil {
		code, header, err := fetch(ctx, client, host, 200)
		if err != nil {
			continue
		}
		c.requests.Add(1)
		if code == http.StatusTooManyRequests {
			c.refused.Add(1)
			tries := attempts{}
			_ = tries.pause(ctx, transport.RetryAfter(header)) // it leaves with the context
		}
	}
}

// disperse sends the crowd away and tells what it did.
func (c *crowd) disperse() (requests, refused int64) {
	c.leave()
	c.members.Wait()
	return c.requests.Load(), c.refused.Load()
}
