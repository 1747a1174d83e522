package kube

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FuzzProtobufPage reads pages that nobody sane would send: no panic, and no
// string that is not UTF-8.
func FuzzProtobufPage(f *testing.F) { fuzzPage(f, protobufEncoding) }

// FuzzJSONPage does the same to the other encoding.
func FuzzJSONPage(f *testing.F) { fuzzPage(f, jsonEncoding) }

func fuzzPage(f *testing.F, e encoding) {
	for seed := range int64(3) {
		page := podPage(f, e, metav1.ListMeta{ResourceVersion: "7", Continue: "t"}, randomPods(2, seed)...)
		f.Add(page)
		f.Add(page[:len(page)/2])
	}
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
	f.Fuzz(func(t *testing.T, body []byte) {
		status, ok := parseStatus(body)
		if !ok {
			return
		}
		words := printable(status.Message)
		assert.True(t, utf8.ValidString(words))
		assert.LessOrEqual(t, len(words), maxStatusWords+len("…")+utf8.UTFMax)
		assert.False(t, strings.ContainsAny(words, "\n\r\x1b\x00"))
	})
}
