package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// options are some settings of every kind.
type options struct {
	Run runOptions
	Receivers
	Cluster  clusterOptions
	Accounts accountOptions
}

// Receivers is a group of groups.
type Receivers struct {
	Anchore anchoreOptions
}

type runOptions struct {
	ClusterID string        `setting:"cluster-id" variable:"bare" doc:"name of the cluster"`
	DryRun    bool          `setting:"dry-run" envDefault:"false" doc:"send nothing" flag:"-dry-run"`
	Quiet     bool          `setting:"quiet" envDefault:"false" doc:"log nothing"`
	Output    string        `setting:"output" choices:"table,json" doc:"the form"`
	LogLevel  string        `setting:"log.level" choices:"error,warn,warning,info,debug" envDefault:"info" doc:"the level"`
	Deadline  time.Duration `setting:"deadline" envDefault:"10m" doc:"the run gives up after this time"`
	Exclude   []string      `setting:"namespace-selectors.exclude" envSeparator:"\n" doc:"namespaces to leave out"`
	Memory    int64         `setting:"spool.memory" envDefault:"16777216" doc:"bytes"`
}

type anchoreOptions struct {
	URL      string `setting:"anchore.url" holds:"address" doc:"the address"`
	User     string `setting:"anchore.user" doc:"the user"`
	Password string `setting:"anchore.password" secret:"true" doc:"the password"`
	Account  string `setting:"anchore.account" envDefault:"admin" doc:"the account"`
	Timeout  int    `setting:"anchore.http.timeout-seconds" envDefault:"60" doc:"seconds"`
	Insecure bool   `setting:"anchore.http.insecure" envDefault:"false" doc:"no verification"`
}

type clusterOptions struct {
	Path      string `setting:"kubeconfig.path" holds:"file" doc:"file"`
	Context   string `setting:"kubeconfig.context" doc:"context"`
	Name      string `setting:"kubeconfig.cluster" doc:"cluster"`
	Server    string `setting:"kubeconfig.server" holds:"address" doc:"the address of an API server"`
	Token     string `setting:"kubeconfig.user.token" secret:"true" doc:"the token"`
	BatchSize int    `setting:"kubernetes.request-batch-size" envDefault:"0" inherited:"100,500" doc:"objects of a page"`
}

type accountOptions struct {
	Routes  routes   `setting:"account-routes" mapping:"true" secret:"true" doc:"accounts"`
	Labels  []string `setting:"metadata-collection.pods.labels" alias:"metadata-collection.pods.include-labels" envSeparator:"\n" doc:"labels"`
	Missing bool     `setting:"account-routes.ignore" alias:"account-routes.ignore-missing" variable:"-" envDefault:"false" doc:"no variable"`
	other   string   //nolint:unused // no setting
}

// routes are the names of accounts.
type routes []string

// UnmarshalText reads a YAML mapping.
func (r *routes) UnmarshalText(text []byte) error {
	node, err := YAMLMapping(text)
	for i := 0; node != nil && i < len(node.Content); i += 2 {
		*r = append(*r, node.Content[i].Value)
	}
	return err
}

// loaded is what load returns.
type loaded struct {
	options
	Given
}

func load(from Sources) (loaded, error) {
	var l loaded
	var err error
	l.Given, err = Load(&l.options, from)
	return l, err
}

// table is what WriteTable writes, and the error of Load.
func table(from Sources) string {
	var b strings.Builder
	l, err := load(from)
	_ = l.WriteTable(&b, CatalogOf(options{})) // into memory
	if err != nil {
		b.WriteString(err.Error())
	}
	return b.String()
}

// folder writes one file per setting, as a mounted ConfigMap has them.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, value := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(value), 0o600))
	}
	return dir
}

func fileOf(t *testing.T, name, content string) string {
	t.Helper()
	return filepath.Join(folder(t, map[string]string{name: content}), name)
}
