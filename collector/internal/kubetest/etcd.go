package kubetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// etcdClient speaks the JSON form of etcd's v3 API, which etcd serves beside gRPC
// on its client port (https://etcd.io/docs/latest/dev-guide/api_grpc_gateway/).
// It saves the module etcd's client and gRPC. Bytes are base64, numbers strings.
type etcdClient struct{ url string }

// keyValue is one pair to be written, or one read.
type keyValue struct {
	Key   []byte `json:"key"`
	Value []byte `json:"value,omitempty"`
}

// span is a range of keys, from Key up to but without End.
type span struct {
	Key []byte `json:"key"`
	End []byte `json:"range_end,omitempty"`
}

// below is the span of all keys with the prefix, which ends in a slash.
func below(prefix string) span {
	end := []byte(prefix)
	end[len(end)-1]++
	return span{Key: []byte(prefix), End: end}
}

// put writes the pairs in one transaction: at most 128 (etcd's --max-txn-ops)
// and at most 1.5 MiB (its --max-request-bytes). It returns the revision.
func (e *etcdClient) put(ctx context.Context, pairs []keyValue) (int64, error) {
	type operation struct {
		Put keyValue `json:"request_put"`
	}
	operations := make([]operation, len(pairs))
	for i, pair := range pairs {
		operations[i].Put = pair
	}
	var out answer
	err := e.call(ctx, "txn", map[string]any{"success": operations}, &out)
	return out.Header.Revision, err
}

// count returns how many keys the span holds.
func (e *etcdClient) count(ctx context.Context, s span) (int64, error) {
	var out answer
	err := e.call(ctx, "range", struct {
		span
		CountOnly bool `json:"count_only"`
	}{s, true}, &out)
	return out.Count, err
}

// keys returns the first keys of the span, at most limit.
func (e *etcdClient) keys(ctx context.Context, s span, limit int) ([]string, error) {
	var out answer
	err := e.call(ctx, "range", struct {
		span
		KeysOnly bool   `json:"keys_only"`
		Limit    string `json:"limit"`
	}{s, true, strconv.Itoa(limit)}, &out)
	keys := make([]string, len(out.Pairs))
	for i, pair := range out.Pairs {
		keys[i] = string(pair.Key)
	}
	return keys, err
}

// remove deletes every key of the span in one revision.
func (e *etcdClient) remove(ctx context.Context, s span) error {
	return e.call(ctx, "deleterange", s, &answer{})
}

// compact forgets every revision before this one.
func (e *etcdClient) compact(ctx context.Context, revision int64) error {
	return e.call(ctx, "compaction", map[string]string{"revision": strconv.FormatInt(revision, 10)}, &answer{})
}

// answer holds what is of use in the answers of all calls.
type answer struct {
	Header struct {
		Revision int64 `json:"revision,string"`
	} `json:"header"`
	Count int64      `json:"count,string"`
	Pairs []keyValue `json:"kvs"`
}

func (e *etcdClient) call(ctx context.Context, method string, in any, out *answer) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("etcd: %s: %w", method, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url+"/v3/kv/"+method, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("etcd: %s: %w", method, err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("etcd: %s: %w", method, err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("etcd: %s: %w", method, err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("etcd: %s: %s: %s", method, res.Status, bytes.TrimSpace(data))
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("etcd: %s: %w", method, err)
	}
	return nil
}
