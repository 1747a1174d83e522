package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"stocktake/collector/wire"
)

// Right is one thing that a run asks of the API server, in the words in which
// roles grant it.
type Right struct {
	Verb     string // "list", "get"
	Group    string // of the API; empty for pods, namespaces and nodes
	Resource string // "pods"
	// Namespace limits the right to one namespace; empty means the whole cluster.
	// The right to get a namespace is one in that namespace.
	Namespace string
}

// String reads as kubectl auth can-i takes it: "list pods in namespace team-a".
func (r Right) String() string {
	resource := r.Resource
	if r.Group != "" {
		resource += "." + r.Group
	}
	if r.Namespace == "" {
		return r.Verb + " " + resource
	}
	return r.Verb + " " + resource + " in namespace " + r.Namespace
}

// Rights are those that reading resources in this scope needs. By name each namespace
// is asked for by its own, and no other object without a namespace is read.
func (s Scope) Rights(resources []Resource) []Right {
	var rights []Right
	if !s.ByName {
		for _, r := range resources {
			rights = append(rights, Right{Verb: "list", Group: r.Group, Resource: r.Plural})
		}
		return rights
	}
	for _, name := range s.Namespaces {
		for _, r := range resources {
			switch {
			case r.Namespaced:
				rights = append(rights, Right{Verb: "list", Group: r.Group, Resource: r.Plural, Namespace: name})
			case r == Namespaces():
				rights = append(rights, Right{Verb: "get", Resource: r.Plural, Namespace: name})
			}
		}
	}
	return rights
}

// accessReview is the part of a SelfSubjectAccessReview (authorization.k8s.io/v1)
// that a question about one right needs, and its answer.
type accessReview struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Spec       struct {
		ResourceAttributes struct {
			Namespace string `json:"namespace,omitempty"`
			Verb      string `json:"verb"`
			Group     string `json:"group,omitempty"`
			Resource  string `json:"resource"`
		} `json:"resourceAttributes"`
	} `json:"spec"`
	Status *struct {
		Allowed bool `json:"allowed"`
	} `json:"status,omitempty"`
}

// May asks the API server whether it would let us, without doing it. Everybody
// who is known to the server may ask (the role system:basic-user), and nothing
// is stored. The error is that of asking.
func (c *Cluster) May(ctx context.Context, r Right) (bool, error) {
	question := accessReview{APIVersion: "authorization.k8s.io/v1", Kind: "SelfSubjectAccessReview"}
	a := &question.Spec.ResourceAttributes
	a.Namespace, a.Verb, a.Group, a.Resource = r.Namespace, r.Verb, r.Group, r.Resource
	text, err := json.Marshal(question)
	if err != nil {
		return false, err
	}
	var answer accessReview
	err = c.question(ctx, c.quick, "access review", func() error { return c.post(ctx, accessReviews, text, &answer) })
	if err == nil && answer.Status == nil {
		err = malformed(errors.New("an access review without a status"))
	}
	if err != nil {
		return false, fmt.Errorf("ask for the right to %s: %w", r, err)
	}
	return answer.Status.Allowed, nil
}

const accessReviews = "apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

// post sends a small question that the API takes as an object.
func (c *Cluster) post(ctx context.Context, path string, text []byte, into any) error {
	if err := c.login(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.quick.timeout, errStalled)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.link.Base.JoinPath(path).String(), bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Accept", string(wire.JSON))
	req.Header.Set("Content-Type", string(wire.JSON))
	resp, err := c.do(req)
	if err != nil {
		return cause(ctx, err)
	}
	defer resp.Body.Close() //nolint:errcheck // an answer that was read: nothing to learn
	if resp.StatusCode != http.StatusCreated && resp.StatusCode != http.StatusOK {
		return readStatus(resp)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxObject))
	if err != nil {
		return cause(ctx, err)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return malformed(err)
	}
	return nil
}
