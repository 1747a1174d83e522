// Command replay serves what was recorded of a real API server, and more of the same:
// the pods once more in further namespaces, until there are as many as are wanted. A
// control plane of half a million pods takes more memory than the machines have on
// which programs are measured.
//
//	replay FOLDER PODS
//
// FOLDER holds the recording (see folder.go). The program writes a kubeconfig there,
// prints a line when it serves, over TLS on loopback, and ends with its standard input.
package main

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: replay FOLDER PODS")
	}
	pods, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	handler, err := load(args[0], pods)
	if err != nil {
		return err
	}
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	if err := writeKubeconfig(server, filepath.Join(args[0], "kubeconfig")); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "serving", server.URL)
	_, err = io.Copy(io.Discard, stdin)
	return err
}

func writeKubeconfig(server *httptest.Server, path string) error {
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return clientcmd.WriteToFile(api.Config{
		Clusters:       map[string]*api.Cluster{"replay": {Server: server.URL, CertificateAuthorityData: ca, DisableCompression: true}},
		AuthInfos:      map[string]*api.AuthInfo{"replay": {Token: "nobody-checks-it"}},
		Contexts:       map[string]*api.Context{"replay": {Cluster: "replay", AuthInfo: "replay"}},
		CurrentContext: "replay",
	}, path)
}
