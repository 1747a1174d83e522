package main

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"stocktake/collector/internal/kubetest"
)

func TestTokenIsFoundAtTheStartOfAPage(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "eyJ2IjoibWV0YSJ9"} {
		list := corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "7", Continue: token}}
		for pod := range kubetest.Many(10, 1, 1) {
			list.Items = append(list.Items, *pod)
		}
		raw, err := list.Marshal()
		require.NoError(t, err)
		page, err := (&runtime.Unknown{TypeMeta: runtime.TypeMeta{Kind: "PodList", APIVersion: "v1"}, Raw: raw}).Marshal()
		require.NoError(t, err)
		got, err := tokenOf(bufio.NewReader(bytes.NewReader(append([]byte("k8s\x00"), page...))))
		require.NoError(t, err)
		assert.Equal(t, token, got)
	}
	_, err := tokenOf(bufio.NewReader(bytes.NewReader([]byte("k8s\x00"))))
	require.ErrorContains(t, err, "no metadata")
}
