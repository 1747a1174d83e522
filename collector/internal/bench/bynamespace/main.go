// Command bynamespace reads a cluster as collectors of inventories did before: the
// pods of each namespace by themselves, in JSON, in pages of 100, by 100 workers of
// which each has a client of its own and so a rate limit of its own, and all pods are
// held until the last one is there (anchore-k8s-inventory, with its defaults). It
// makes nothing of the pods.
//
//	bynamespace KUBECONFIG
//
// It prints how many requests and bytes that took, as JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"stocktake/collector/internal/bench/counted"
)

// What the collector has by default.
const (
	workers = 100
	limit   = 100
	timeout = 60 // seconds that the API server may take for a page
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bynamespace:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: bynamespace KUBECONFIG")
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[0])
	if err != nil {
		return err
	}
	counts := &counted.Counts{}
	config.Wrap(counts.Wrap)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	namespaces, err := client.CoreV1().Namespaces().List(ctx, options(""))
	if err != nil {
		return err
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	pods, err := all(ctx, config, namespaces.Items)
	if err != nil {
		return err
	}
	if len(pods) == 0 || len(nodes.Items) == 0 {
		return errors.New("a cluster without nodes or pods")
	}
	if _, err := client.ServerVersion(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(counts)
}

func options(token string) metav1.ListOptions {
	seconds := int64(timeout)
	return metav1.ListOptions{Limit: limit, TimeoutSeconds: &seconds, Continue: token}
}

// all are the pods of all namespaces, one slice for each.
func all(ctx context.Context, config *rest.Config, namespaces []corev1.Namespace) ([][]corev1.Pod, error) {
	pods := make([][]corev1.Pod, len(namespaces))
	next := make(chan int, len(namespaces))
	for i := range namespaces {
		next <- i
	}
	close(next)
	group, ctx := errgroup.WithContext(ctx)
	for range workers {
		group.Go(func() error {
			client, err := kubernetes.NewForConfig(config)
			if err != nil {
				return err
			}
			for i := range next {
				if pods[i], err = podsOf(ctx, client, namespaces[i].Name); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return pods, group.Wait()
}

func podsOf(ctx context.Context, client kubernetes.Interface, namespace string) (pods []corev1.Pod, err error) {
	for token := ""; ; {
		list, err := client.CoreV1().Pods(namespace).List(ctx, options(token))
		if err != nil {
			return nil, err
		}
		pods = append(pods, list.Items...)
		if token = list.Continue; token == "" {
			return pods, nil
		}
	}
}
