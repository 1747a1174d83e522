package command

// What the manual says besides what the commands, flags, settings and exit codes
// say of themselves.
const (
	manDescription = `stocktake tells which container images run in a Kubernetes cluster. It pages once
through every pod, turns what pods say of their images into honest references,
delivers one inventory to Anchore Enterprise or another receiver, and exits with a
status that names the cause. A run is complete, or it is not delivered.

stocktake deliver makes one such run. Without a terminal the word is not needed: that
is how a CronJob starts it. At a terminal a run without the word needs a flag that
means one: --dry-run, --external or --config. CLUSTER_ID is the name under which
receivers know the cluster. The other commands are for people: most need no receiver,
no name of the cluster and no right but to list.

It needs to list pods, namespaces and nodes, and nothing else; stocktake rbac prints
the roles. What was asked for is written to stdout and everything else to stderr:
JSON in a pod, readable lines on a terminal. There, a line below the log shows how
far the reading of a large cluster has come.`

	manSettings = `A setting has one name and four ways to give it. The weakest is its default. Then
comes --config PATH: a folder with one file for each setting, or a YAML file; one of
KAI or anchore-k8s-inventory works unchanged. Then comes its environment variable:
STOCKTAKE_ and its name in capitals, with _ for dots and dashes; the same with _FILE at
its end names a file that holds the value, for secrets. The prefixes KAI_ and
ANCHORE_K8S_INVENTORY_ are taken as well. Without a prefix only CLUSTER_ID counts, and
what begins with ANCHORE_. The strongest is a flag: its own, if it has one, or --set
NAME=VALUE.

Without --config, a pod reads the folder /etc/config and any other machine the folder
stocktake in $XDG_CONFIG_HOME (~/.config). The current folder is never looked into.`

	manExamples = `Look at a cluster that is new to you:

   stocktake images
   stocktake images -A --by registry
   stocktake images --no-digest -o csv > unpinned.csv

Deliver it, having seen that it would work:

   export ANCHORE_URL=https://anchore.example.com
   export ANCHORE_USER=inventory ANCHORE_PASSWORD_FILE=/run/secrets/anchore
   stocktake doctor my-cluster && stocktake deliver my-cluster

Save what there is today, and see tomorrow what has changed:

   stocktake deliver --dry-run my-cluster > monday.json
   stocktake diff monday.json live`
)

// manVariables are those that are not the variable of a setting.
var manVariables = [][2]string{
	{"STOCKTAKE_NAME, STOCKTAKE_NAME_FILE", "Every setting has a variable: see SETTINGS."},
	{"XDG_CONFIG_HOME", "The folder in which the folder stocktake of settings is looked for."},
	{"KUBECONFIG", "Kubeconfig files, when kubeconfig.path and kubeconfig.server are empty."},
	{"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "The proxy for the API server and receivers. Their names in small letters do as well."},
	{"NO_COLOR", "When set to anything, nothing is written in colour."},
	{"NO_PROGRESS", "When set to anything, no progress is shown."},
	{"TERM", "When it is dumb, neither."},
	{"COLUMNS", "The width of the terminal, when it is not what the terminal says."},
	{"GOMEMLIMIT", "A limit for memory; by default nine tenths of that of the container."},
	{"TMPDIR", "The folder of temporary files, when spool.dir is empty."},
	{"POD_NAMESPACE, POD_NAME", "The pod it runs in, for the registration as an integration of Anchore Enterprise."},
}

var manFiles = [][2]string{
	{"/etc/config", "In a pod: settings, one file for each, as a ConfigMap is mounted. It is read when --config is not given."},
	{"~/.config/stocktake", "The same, anywhere but in a pod."},
	{"~/.kube/config", "The cluster, when nothing above says which; it goes before the service account of a pod."},
	{"/var/run/secrets/kubernetes.io/serviceaccount", "The service account of the pod it runs in: its cluster when there is no kubeconfig, or when kubeconfig.path is use-in-cluster."},
	{"/dev/termination-log", "Takes the summary of a run in a pod; termination-message-path names another file."},
}
