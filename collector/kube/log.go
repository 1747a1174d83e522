package kube

import (
	"log/slog"

	"k8s.io/klog/v2"
)

// RedirectLog sends to a handler what client-go would write to standard error by
// itself, in a format of its own: that a token file or a client certificate could
// not be read again, or that a pod has no certificates of its API server. It is
// for the start of a program, before anything else may log.
func RedirectLog(to slog.Handler) { klog.SetSlogLogger(slog.New(to)) }
