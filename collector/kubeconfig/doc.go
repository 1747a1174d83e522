// Package kubeconfig finds the cluster that is meant, and makes the connection to its
// API server, as kubectl would. It asks the server nothing: package kube does.
//
// What is found is a [Target]: from the files that KUBECONFIG lists or one that a setting
// names, from settings that describe the connection themselves, or from the service
// account of the pod. Whatever a kubeconfig may hold works: exec plugins, token files that
// rotate, client certificates, proxies, ID tokens of the auth provider oidc. What cannot
// work is found before the server is asked, and is an error of package settings: to ask
// would not help, and the server would be blamed for it.
//
// A kubeconfig holds passwords, tokens and keys, and not only where they belong: people
// write a password into an address, and a key where the name of its file is expected. The
// errors of client-go print the values that they complain about, so none of them is passed
// on. What errors may name is the path of the kubeconfig, the place in it, and the names of
// contexts, clusters and users. Of what a program says or prints they name what has the
// form of a version, a kind or a name, and quote the rest without what the kubeconfig told
// that program alone.
package kubeconfig
