package kubetest_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"stocktake/collector/internal/kubetest"
)

// pool is of one control plane, for all tests but those of its end.
var pool = kubetest.Pool{Size: 1, Options: kubetest.Options{Audit: true, ExpireOnCompact: true}}

// used is the control plane of the pool, when a test had it.
var used *kubetest.Cluster

func TestMain(m *testing.M) {
	if os.Getenv(childMark) != "" {
		os.Exit(launchAndHang())
	}
	os.Exit(kubetest.Main(m, &pool, nothingLeft{}))
}

// clean is the control plane with nothing in it.
func clean(t *testing.T) *kubetest.Cluster {
	t.Helper()
	used = pool.Cluster(t)
	return used
}

func clientOf(t *testing.T, config *rest.Config) kubernetes.Interface {
	t.Helper()
	if config.ContentType == "" {
		config.ContentType = runtime.ContentTypeProtobuf
	}
	client, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	return client
}

func clientFrom(t *testing.T, kubeconfig string) kubernetes.Interface {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	require.NoError(t, err)
	return clientOf(t, config)
}

// page lists one page of the pods of all namespaces.
func page(t *testing.T, client kubernetes.Interface, limit int64, token string) (*corev1.PodList, error) {
	t.Helper()
	return client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{Limit: limit, Continue: token})
}

// everyPod pages through all pods and returns how often each was seen.
func everyPod(t *testing.T, client kubernetes.Interface, limit int64) (seen map[string]int, pages int) {
	t.Helper()
	seen = map[string]int{}
	for token := ""; pages == 0 || token != ""; pages++ {
		list, err := page(t, client, limit, token)
		require.NoError(t, err)
		for _, pod := range list.Items {
			seen[pod.Namespace+"/"+pod.Name]++
		}
		token = list.Continue
	}
	return seen, pages
}
