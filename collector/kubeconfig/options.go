package kubeconfig

import (
	"io"
	"os"
)

// InCluster is the value of kubeconfig.path that asks for the service account
// of the pod that stocktake runs in.
const InCluster = "use-in-cluster"

// Options say where the cluster is.
type Options struct {
	// Path and Context choose the cluster; see [Source.Find] for what happens when
	// they are empty.
	Path    string `setting:"kubeconfig.path" holds:"file" doc:"kubeconfig file, or use-in-cluster; by default KUBECONFIG, else ~/.kube/config, else the pod's service account" flag:"-external"`
	Context string `setting:"kubeconfig.context" doc:"context of the kubeconfig; by default its current context" flag:"-context"`

	// A connection without a kubeconfig, for collectors outside of their cluster.
	Server      string `setting:"kubeconfig.server" holds:"address" doc:"address of the API server, for a connection without a kubeconfig; used when kubeconfig.path is empty"`
	ClusterCert string `setting:"kubeconfig.cluster-cert" doc:"certificates of the API server's authority for kubeconfig.server, PEM in base64"`
	UserType    string `setting:"kubeconfig.user.type" choices:"private_key,token" doc:"how to authenticate with kubeconfig.server: private_key or token; by default what is given"`
	ClientCert  string `setting:"kubeconfig.user.client-cert" doc:"certificate of the user, PEM in base64"`
	PrivateKey  string `setting:"kubeconfig.user.private-key" secret:"true" doc:"key of that certificate, PEM in base64"`
	Token       string `setting:"kubeconfig.user.token" secret:"true" doc:"bearer token of the user"`
}

// Identity says as whom to ask, and by which entries of a kubeconfig: what kubectl
// takes as --as, --as-group, --cluster and --user.
type Identity struct {
	As        string   `setting:"kubeconfig.as" doc:"user to impersonate, which needs the right to; system:serviceaccount:NAMESPACE:NAME for a service account" flag:"-as"`
	AsGroups  []string `setting:"kubeconfig.as-group" envSeparator:"\n" doc:"groups to impersonate, together with kubeconfig.as" flag:"-as-group"`
	ClusterOf string   `setting:"kubeconfig.use-cluster" doc:"cluster of the kubeconfig to use in place of the context's" flag:"-cluster"`
	UserOf    string   `setting:"kubeconfig.use-user" doc:"user of the kubeconfig to use in place of the context's" flag:"-user"`
}

// Plugins are what exec plugins of a kubeconfig get of this process. The zero value is
// its whole environment, and nobody whom they may ask.
type Plugins struct {
	Environ []string  // as of os.Environ, without what is not theirs; nil is the whole of it
	In      *os.File  // where a person answers; nil when nobody can: standard input is no terminal
	Out     io.Writer // nil when nobody reads along: standard error is no terminal
}

// Source is all that says where the cluster is and how to ask it.
type Source struct {
	Options
	Identity
	Plugins
}
