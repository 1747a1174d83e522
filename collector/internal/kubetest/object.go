package kubetest

import (
	"bytes"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

// Object is a *corev1.Pod, *corev1.Node or *corev1.Namespace: what can be seeded.
type Object = runtime.Object

// collection is a resource whose objects can be seeded, as the API names it.
type collection string

const (
	pods       collection = "pods"
	nodes      collection = "nodes"
	namespaces collection = "namespaces"
)

// prefix begins the keys of the collection in etcd, where nodes have the name
// they were born with.
func (c collection) prefix() string {
	if c == nodes {
		return "/registry/minions/"
	}
	return "/registry/" + string(c) + "/"
}

// locate returns the collection of an object and its key in etcd.
func locate(object Object) (collection, string, error) {
	switch o := object.(type) {
	case *corev1.Pod:
		return pods, pods.prefix() + o.Namespace + "/" + o.Name, nil
	case *corev1.Node:
		return nodes, nodes.prefix() + o.Name, nil
	case *corev1.Namespace:
		return namespaces, namespaces.prefix() + o.Name, nil
	default:
		return "", "", fmt.Errorf("cannot seed a %T", object)
	}
}

// storage encodes objects as the API server stores them: the protobuf message
// Unknown, which names the type, behind the four bytes k8s\x00.
type storage struct{ encoder runtime.Encoder }

func newStorage() storage {
	return storage{protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)}
}

// encode leaves the object as it is, bar its kind, which it needs.
func (s storage) encode(object Object) ([]byte, error) {
	gvks, _, err := scheme.Scheme.ObjectKinds(object)
	if err != nil {
		return nil, err
	}
	object.GetObjectKind().SetGroupVersionKind(gvks[0])
	var b bytes.Buffer
	if err := s.encoder.Encode(object, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
