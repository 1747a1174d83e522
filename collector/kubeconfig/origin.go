package kubeconfig

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/homedir"
)

// tokenFile is where the kubelet mounts the token of a pod's service account.
const tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token" //nolint:gosec // a path, not a secret

// authorityFile is where it mounts the certificates of the API server's authority.
const authorityFile = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"

// origin is where the cluster comes from, and why. One of the first three is set.
type origin struct {
	files     []string // of a kubeconfig, to be merged
	inCluster bool     // the service account of this pod
	inline    bool     // the settings describe the connection
	why       string
}

// origin finds the cluster that kubectl would take, see [Source.Find]. The service
// account of a pod comes last: a CI job that runs in a pod of one cluster, and
// has a kubeconfig for another, means the other.
func (o Options) origin() origin {
	switch {
	case o.Path == InCluster:
		return origin{inCluster: true, why: "kubeconfig.path is " + InCluster}
	case o.Path != "":
		return origin{files: []string{o.Path}, why: "set by kubeconfig.path"}
	case o.inlined():
		return origin{inline: true, why: "set by kubeconfig.server"}
	}
	if files := fromVariable(); len(files) > 0 {
		return origin{files: files, why: "set by " + clientcmd.RecommendedConfigPathEnvVar}
	}
	return byDefault()
}

// byDefault is the cluster when nothing says which.
func byDefault() origin {
	home, mounted := homeFile(), serviceAccountMounted()
	switch {
	case mounted && home == "":
		return origin{inCluster: true, why: "kubeconfig.path, KUBECONFIG and HOME are not set"}
	case mounted && namesNoCluster(home):
		return origin{inCluster: true, why: "kubeconfig.path and KUBECONFIG are not set, and no cluster is in " + home}
	case mounted:
		return origin{files: []string{home}, why: "kubeconfig.path and KUBECONFIG are not set; for the cluster of this pod set kubeconfig.path to " + InCluster}
	case home == "":
		return origin{why: "kubeconfig.path, KUBECONFIG and HOME are not set"}
	}
	return origin{files: []string{home}, why: "kubeconfig.path and KUBECONFIG are not set"}
}

// fromVariable are the files that KUBECONFIG lists.
func fromVariable() []string {
	files := filepath.SplitList(os.Getenv(clientcmd.RecommendedConfigPathEnvVar))
	return slices.DeleteFunc(files, func(file string) bool { return file == "" })
}

// homeFile is ~/.kube/config. Without a home folder it is empty: the path would
// be one of the current folder, which may be a stranger's.
func homeFile() string {
	file := filepath.Join(homedir.HomeDir(), clientcmd.RecommendedHomeDir, clientcmd.RecommendedFileName)
	if !filepath.IsAbs(file) {
		return ""
	}
	return file
}

// namesNoCluster reports that a kubeconfig is not there, or names nothing, as
// kubectl leaves it when the last context is deleted.
func namesNoCluster(file string) bool {
	if isNamedPipe(file) {
		return false
	}
	config, err := clientcmd.LoadFromFile(file)
	if err != nil {
		return notThere(err)
	}
	return len(config.Contexts)+len(config.Clusters) == 0 && config.CurrentContext == ""
}

// isNamedPipe reports a pipe that a folder has a name of. One that this process was
// given, as shells do for <(command), has its writer.
func isNamedPipe(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode()&fs.ModeNamedPipe != 0 && !strings.HasPrefix(file, "/dev/") && !strings.HasPrefix(file, "/proc/")
}

// notThere reports that a file is not there. The path may lead through a file, as
// with HOME=/dev/null.
func notThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func serviceAccountMounted() bool {
	_, err := os.Stat(tokenFile)
	return err == nil && os.Getenv("KUBERNETES_SERVICE_HOST") != "" && os.Getenv("KUBERNETES_SERVICE_PORT") != ""
}

// words say which cluster was taken and why, unless it is one of a kubeconfig.
func (o origin) words() string {
	if o.inCluster {
		return "the service account of this pod (" + o.why + ")"
	}
	return "the settings (" + o.why + ")"
}
