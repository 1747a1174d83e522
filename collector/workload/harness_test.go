package workload

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"stocktake/collector/internal/faultproxy"
	"stocktake/collector/internal/kubetest"
	"stocktake/collector/internal/podtest"
	"stocktake/collector/inventory"
	"stocktake/collector/kube"
	"stocktake/collector/kubeconfig"
	"stocktake/collector/wire"
)

var shared kubetest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// keepAll reads every label and annotation.
var keepAll = Keep{Annotations: func([]byte) bool { return true }}

// dial connects with the default settings and pages of so many objects.
func dial(t *testing.T, config *rest.Config, limit int) *kube.Cluster {
	t.Helper()
	c, err := kube.Connect(kubeconfig.Source{Options: kubeconfig.Options{Path: faultproxy.WriteKubeconfig(t, config)}}, kube.Options{
		BatchSize: limit, TimeoutSeconds: 60, LegacyTimeoutSeconds: -1,
		HTTPVersion: "1.1", PagesInFlight: 2, Workers: 4,
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// scanPage reads a page to its end and decodes its pods, order unchecked.
func scanPage(page []byte, e wire.Encoding) (pods []inventory.Pod, info wire.ListMeta, err error) {
	info, err = scanInto(page, e, newBuilder(keepAll), func(p *inventory.Pod) { pods = append(pods, podtest.Clone(p)) })
	if err != nil {
		return nil, wire.ListMeta{}, err
	}
	return pods, info, nil
}

func eachPod(page []byte, e wire.Encoding, b *builder, visit func(*inventory.Pod)) error {
	_, err := scanInto(page, e, b, visit)
	return err
}

// scanInto reads a page in the way of a listing, with the sink of a run.
func scanInto(page []byte, e wire.Encoding, b *builder, visit func(*inventory.Pod)) (wire.ListMeta, error) {
	const usual = 32 << 10 // bytes, as package kube buffers
	s, err := wire.NewScanner(string(e), "PodList", bufio.NewReaderSize(bytes.NewReader(page), usual))
	if err != nil {
		return wire.ListMeta{}, err
	}
	if _, err := s.Head(); err != nil {
		return wire.ListMeta{}, err
	}
	sink := &podSink{Visitor: visitor(visit), builder: b}
	var o wire.Object
	for {
		err := s.Next(&o)
		if errors.Is(err, io.EOF) {
			return s.Meta(), nil
		}
		if err == nil {
			err = sink.Object(&o)
		}
		if err != nil {
			return wire.ListMeta{}, err
		}
	}
}

// visitor is a function as an inventory.Visitor.
type visitor func(*inventory.Pod)

// Pod implements inventory.Visitor.
func (v visitor) Pod(p *inventory.Pod) error {
	v(p)
	return nil
}

// End implements inventory.Visitor.
func (visitor) End(string, *inventory.Gap) error { return nil }
