// Command rawobjects is the floor that a client stands on when it reads all objects of a
// cluster in JSON: every type that can be listed, one after another, page by page, and
// nothing made of them. It looks for the continue token at both ends of each page and
// throws the rest away.
//
//	rawobjects KUBECONFIG LIMIT
//
// It prints how many requests and bytes that took, as JSON.
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
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"stocktake/collector/internal/bench/counted"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rawobjects:", err)
		os.Exit(1)
	}
}

// pager reads lists, all of them with pages of so many objects.
type pager struct {
	client *http.Client
	base   *url.URL
	limit  string
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: rawobjects KUBECONFIG LIMIT")
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[0])
	if err != nil {
		return err
	}
	counts := &counted.Counts{}
	config.Wrap(counts.Wrap)
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return err
	}
	served, err := discovery.NewDiscoveryClientForConfigAndClient(config, client)
	if err != nil {
		return err
	}
	lists, err := served.ServerPreferredResources()
	if err != nil {
		return err
	}
	paths, err := pathsOf(lists)
	if err != nil {
		return err
	}
	p := &pager{client, base, args[1]}
	for _, path := range paths {
		if err := p.list(path); err != nil {
			return fmt.Errorf("list %s: %w", path, err)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(counts)
}

// pathsOf are the addresses of the types that can be listed.
func pathsOf(lists []*metav1.APIResourceList) (paths []string, err error) {
	for _, list := range lists {
		of, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, err
		}
		root := "apis/" + list.GroupVersion
		if of.Group == "" {
			root = "api/" + of.Version
		}
		for _, r := range list.APIResources {
			if slices.Contains(r.Verbs, "list") {
				paths = append(paths, root+"/"+r.Name)
			}
		}
	}
	return paths, nil
}

// list reads all objects of a type.
func (p *pager) list(path string) error {
	for page, token := 1, ""; page == 1 || token != ""; page++ {
		var err error
		if token, err = p.page(path, token); err != nil {
			return fmt.Errorf("page %d: %w", page, err)
		}
	}
	return nil
}

// page reads one page and returns the token of the next.
func (p *pager) page(path, token string) (string, error) {
	target := p.base.JoinPath(path)
	target.RawQuery = url.Values{"limit": {p.limit}, "continue": {token}}.Encode()
	req, err := http.NewRequest(http.MethodGet, target.String(), nil) //nolint:noctx // ends with the program
	if err != nil {
		return "", err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := p.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing depends on the rest of an answer
	if resp.StatusCode != http.StatusOK {
		return "", errors.New(resp.Status)
	}
	body := bufio.NewReaderSize(resp.Body, 32<<10)
	start, err := body.Peek(enough)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	start = slices.Clone(start)
	var end tail
	if _, err := io.Copy(&end, body); err != nil {
		return "", err
	}
	return tokenOf(start, end)
}
