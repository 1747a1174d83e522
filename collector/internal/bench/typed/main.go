// Command typed is what most clients do: a loop of typed lists with client-go, in
// protobuf and without a rate limit, the best that its settings can give. It
// makes nothing of the pods.
//
//	typed KUBECONFIG LIMIT
//
// It prints how many requests and bytes that took, as JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"stocktake/collector/internal/bench/counted"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "typed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: typed KUBECONFIG LIMIT")
	}
	limit, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[0])
	if err != nil {
		return err
	}
	counts := &counted.Counts{}
	config.ContentType, config.QPS = "application/vnd.kubernetes.protobuf", -1
	config.Wrap(counts.Wrap)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	options := metav1.ListOptions{Limit: limit}
	for {
		list, err := client.CoreV1().Pods("").List(ctx, options)
		if err != nil {
			return err
		}
		if options.Continue = list.Continue; options.Continue == "" {
			return json.NewEncoder(os.Stdout).Encode(counts)
		}
	}
}
