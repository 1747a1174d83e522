package kube

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FuzzProtobufPage reads pages that nobody sane would send: no panic, and no
// string that is not UTF-8.
func FuzzProtobufPage(f *testing.F) { fuzzPage(f, protobufEncoding) }

// FuzzJSONPage does the same to the other encoding.
func FuzzJSONPage(f *testing.F) { fuzzPage(f, jsonEncoding) }

func fuzzPage(f *testing.F, e encoding) {
	// Seeds are small: the fuzzer minimizes what it finds, and that takes the
	// square of the length.
	page := podPage(f, e, metav1.ListMeta{ResourceVersion: "7", Continue: "t"}, smallPod("a"), smallPod("b"))
	f.Add(page)
	f.Add(page[:len(page)/2])
	f.Add(podPage(f, e, metav1.ListMeta{}))
	f.Add(promise(1 << 20))
	f.Fuzz(func(t *testing.T, page []byte) {
		pods, _, err := scanPage(page, e)
		if err != nil {
			assert.Empty(t, pods)
			return
		}
		for _, p := range pods {
			assert.True(t, utf8.ValidString(p.Name+p.Namespace+p.UID+p.Node+string(p.Phase)))
			for _, c := range p.Containers {
				assert.True(t, utf8.ValidString(c.Name+c.ID+c.Reason+c.Image.Written))
			}
		}
	})
}

// FuzzStatus reads answers in error.
func FuzzStatus(f *testing.F) {
	f.Add([]byte(gone))
	f.Add([]byte(magic + "\x12\x02\x1a\x00"))
	f.Add([]byte(`{"kind":"Status","message":"a\u001b[2J\n\u202eb"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		status, ok := parseStatus(body)
		if !ok {
			return
		}
		words := printable(status.Message)
		assert.True(t, utf8.ValidString(words))
		assert.LessOrEqual(t, len(words), maxStatusWords)
		assert.False(t, strings.ContainsFunc(words, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", words)
	})
}

// smallPod has a little of everything that is read.
func smallPod(name string) corev1.Pod {
	always := corev1.ContainerRestartPolicyAlways
	yes := true
	waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "w"}}
	return corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: "n", UID: "u", Labels: map[string]string{"l": "v"},
			OwnerReferences: []metav1.OwnerReference{{Kind: "K", Name: "o", Controller: &yes}},
		},
		Spec: corev1.PodSpec{
			NodeName:       "m",
			InitContainers: []corev1.Container{{Name: "i", Image: "i:1", RestartPolicy: &always}},
			Containers:     []corev1.Container{{Name: "c", Image: "c:1"}},
			Volumes:        []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{Reference: "r"}}}},
		},
		Status: corev1.PodStatus{
			Phase:                 corev1.PodRunning,
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "i", State: waiting}},
			ContainerStatuses:     []corev1.ContainerStatus{{Name: "c", ImageID: "c@sha256:1", ContainerID: "x://1"}},
		},
	}
}
