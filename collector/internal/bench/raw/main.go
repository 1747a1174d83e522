// Command raw is the floor that a client stands on when it reads pages one after
// another: every pod of the cluster in protobuf, and nothing made of it. It looks
// for the continue token at the start of each page and throws the rest away.
//
//	raw KUBECONFIG LIMIT PROTOCOL
//
// PROTOCOL is h2, which Go's client and the API server agree on by themselves, or
// http/1.1. It prints how many requests and bytes that took, as JSON.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"google.golang.org/protobuf/encoding/protowire"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "raw:", err)
		os.Exit(1)
	}
}

// pager counts what it reads.
type pager struct {
	client   *http.Client
	pods     url.URL
	Requests int   `json:"requests"`
	Bytes    int64 `json:"bytes"`
}

func run(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: raw KUBECONFIG LIMIT PROTOCOL")
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[0])
	if err != nil {
		return err
	}
	config.NextProtos = args[2:]
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return err
	}
	p := &pager{client: client, pods: *base.JoinPath("api/v1/pods")}
	for token := ""; token != "" || p.Requests == 0; {
		if token, err = p.page(args[1], token); err != nil {
			return fmt.Errorf("page %d: %w", p.Requests, err)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(p)
}

// page reads one page and returns the token of the next.
func (p *pager) page(limit, token string) (string, error) {
	p.Requests++
	target := p.pods
	target.RawQuery = url.Values{"limit": {limit}, "continue": {token}}.Encode()
	req, err := http.NewRequest(http.MethodGet, target.String(), nil) //nolint:noctx // ends with the program
	if err != nil {
		return "", err
	}
	req.Header.Set("Accept", "application/vnd.kubernetes.protobuf")
	resp, err := p.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing depends on the rest of an answer
	if resp.StatusCode != http.StatusOK {
		return "", errors.New(resp.Status)
	}
	body := bufio.NewReaderSize(counted{resp.Body, &p.Bytes}, 32<<10)
	next, err := tokenOf(body)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, body)
	return next, err
}

type counted struct {
	io.Reader
	bytes *int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	*c.bytes += int64(n)
	return n, err
}

// tokenOf finds the token at the start of a page: prefix, runtime.Unknown, its
// field raw, the list's field metadata, the metadata's field continue.
func tokenOf(body *bufio.Reader) (string, error) {
	const enough = 2 << 10
	start, err := body.Peek(enough)
	if err != nil && !errors.Is(err, io.EOF) || len(start) < 4 {
		return "", errors.Join(errors.New("no list"), err)
	}
	list, _ := field(start[4:], 2)
	metadata, ok := field(list, 1)
	if !ok {
		return "", errors.New("no metadata at the start of the list")
	}
	token, _ := field(metadata, 3)
	return string(token), nil
}

// field returns the value of a field, as far as it is in the message.
func field(message []byte, number protowire.Number) (value []byte, found bool) {
	for len(message) > 0 {
		num, typ, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, false
		}
		message = message[n:]
		if num == number && typ == protowire.BytesType {
			length, n := protowire.ConsumeVarint(message)
			if n < 0 {
				return nil, false
			}
			message = message[n:]
			return message[:min(length, uint64(len(message)))], true
		}
		if n = protowire.ConsumeFieldValue(num, typ, message); n < 0 {
			return nil, false
		}
		message = message[n:]
	}
	return nil, false
}
