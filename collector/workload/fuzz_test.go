package workload

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/internal/podtest"
	"stocktake/collector/wire"
)

// FuzzProtobufPage reads pages that nobody sane would send: no panic, and no
// string that is not UTF-8.
func FuzzProtobufPage(f *testing.F) { fuzzPage(f, wire.Protobuf) }

// FuzzJSONPage does the same to the other encoding.
func FuzzJSONPage(f *testing.F) { fuzzPage(f, wire.JSON) }

func fuzzPage(f *testing.F, e wire.Encoding) {
	// Seeds are small: the fuzzer minimizes what it finds, and that takes the
	// square of the length.
	page := podtest.Page(f, e, metav1.ListMeta{ResourceVersion: "7", Continue: "t"}, podtest.Small("a"), podtest.Small("b"))
	f.Add(page)
	f.Add(page[:len(page)/2])
	f.Add(podtest.Page(f, e, metav1.ListMeta{}))
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
