package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"stocktake/collector/wire"
)

// serve answers what a program asks that lists pods, nodes and namespaces.
func serve(folder string, recorded map[string]*collection) http.Handler {
	mux := http.NewServeMux()
	for path, name := range map[string]string{"/version": "version.json", "/api/v1/namespaces/kube-system": "kube-system.json"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", string(wire.JSON))
			http.ServeFile(w, r, filepath.Join(folder, name))
		})
	}
	for resource, c := range recorded {
		mux.Handle("GET /api/v1/"+resource, c)
	}
	return mux
}

// ServeHTTP sends a page.
func (c *collection) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit, _ := strconv.Atoi(query.Get("limit"))
	from, err := c.start(query.Get("continue"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", string(wire.Protobuf))
	_ = c.write(w, from, c.page(from, limit)) // who does not read on has gone
}

// token names the object with which a page begins. It is as long as one of an API
// server, and says as little to a client.
func (c *collection) token(at int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"v":"meta.k8s.io/v1","rv":%s,"start":"%064d\u0000"}`, c.revision, at))
}

func (c *collection) start(token string) (at int, err error) {
	if token == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, err
	}
	var revision int
	if _, err = fmt.Sscanf(string(text), `{"v":"meta.k8s.io/v1","rv":%d,"start":"%d\u0000"}`, &revision, &at); err != nil {
		return 0, err
	}
	if at < 0 || at >= c.total {
		return 0, fmt.Errorf("a token of object %d of %d", at, c.total)
	}
	return at, nil
}

// field is the length of a field of so many bytes, whose number is below 16.
func field(bytes int) int { return 1 + protowire.SizeBytes(bytes) }

// write sends the objects from one on and before another, as an API server does: the
// prefix k8s, runtime.Unknown, and in its field raw the list, metadata first.
func (c *collection) write(w io.Writer, from, to int) error {
	meta := metav1.ListMeta{ResourceVersion: c.revision}
	if to < c.total {
		rest := int64(c.total - to)
		meta.Continue, meta.RemainingItemCount = c.token(to), &rest
	}
	metadata, err := meta.Marshal()
	if err != nil {
		return err
	}
	kind := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "v1")
	kind = protowire.AppendString(protowire.AppendTag(kind, 2, protowire.BytesType), c.kind)

	buffer := append(make([]byte, 0, 64<<10), "k8s\x00"...)
	buffer = protowire.AppendBytes(protowire.AppendTag(buffer, 1, protowire.BytesType), kind)
	buffer = protowire.AppendTag(buffer, 2, protowire.BytesType)
	buffer = protowire.AppendVarint(buffer, uint64(field(len(metadata))+c.size(from, to)))
	buffer = protowire.AppendBytes(protowire.AppendTag(buffer, 1, protowire.BytesType), metadata)
	for i := range to - from {
		o, copied := c.at(from + i)
		buffer = protowire.AppendTag(buffer, 2, protowire.BytesType)
		buffer = o.copyTo(protowire.AppendVarint(buffer, uint64(len(o.bytes))), copied)
		if len(buffer) >= 32<<10 {
			if _, err := w.Write(buffer); err != nil {
				return err
			}
			buffer = buffer[:0]
		}
	}
	// The fields contentEncoding and contentType of runtime.Unknown, which are empty.
	buffer = protowire.AppendString(protowire.AppendTag(buffer, 3, protowire.BytesType), "")
	buffer = protowire.AppendString(protowire.AppendTag(buffer, 4, protowire.BytesType), "")
	_, err = w.Write(buffer)
	return err
}
