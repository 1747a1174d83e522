package kubetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// Grant is a right to list some resources.
type Grant struct {
	// Namespace limits the right to one namespace, which must exist; empty means
	// the whole cluster.
	Namespace string
	// Group is the API group, empty for pods, nodes and namespaces.
	Group     string
	Resources []string
	// Verbs are "list" alone when empty.
	Verbs []string
}

// Kubeconfig writes the administrator's kubeconfig and returns its path.
func (c *Cluster) Kubeconfig(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, c.WriteKubeconfig(path))
	return path
}

// WriteKubeconfig writes the administrator's kubeconfig, readable to its owner.
func (c *Cluster) WriteKubeconfig(path string) error {
	return os.WriteFile(path, c.env.KubeConfig, 0o600)
}

// KubeconfigFor writes the kubeconfig of a user who has these rights and no
// others, and returns its path when the rights have taken effect. They are taken
// away after the test.
func (c *Cluster) KubeconfigFor(t testing.TB, user string, grants ...Grant) string {
	t.Helper()
	c.users.Lock()
	account, err := c.env.AddUser(envtest.User{Name: user}, nil)
	c.users.Unlock()
	require.NoError(t, err)
	for i, grant := range grants {
		c.grant(t, fmt.Sprintf("kubetest-%s-%d", user, i), user, grant)
		require.NoError(t, await(t.Context(), account.Config(), grant))
	}
	kubeconfig, err := account.KubeConfig()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(path, kubeconfig, 0o600))
	return path
}

func (c *Cluster) grant(t testing.TB, name, user string, g Grant) {
	t.Helper()
	client, err := kubernetes.NewForConfig(c.Config())
	require.NoError(t, err)
	rbac := client.RbacV1()
	meta := metav1.ObjectMeta{Name: name, Namespace: g.Namespace}
	rules := []rbacv1.PolicyRule{{APIGroups: []string{g.Group}, Resources: g.Resources, Verbs: g.verbs()}}
	subjects := []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: user}}
	if g.Namespace == "" {
		_, err = rbac.ClusterRoles().Create(t.Context(), &rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{})
		require.NoError(t, err)
		_, err = rbac.ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{
			ObjectMeta: meta, Subjects: subjects,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		}, metav1.CreateOptions{})
		require.NoError(t, err)
	} else {
		_, err = rbac.Roles(g.Namespace).Create(t.Context(), &rbacv1.Role{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{})
		require.NoError(t, err)
		_, err = rbac.RoleBindings(g.Namespace).Create(t.Context(), &rbacv1.RoleBinding{
			ObjectMeta: meta, Subjects: subjects,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
		}, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	t.Cleanup(func() { revoke(t, client, name, g) })
}

func revoke(t testing.TB, client kubernetes.Interface, name string, g Grant) {
	t.Helper()
	ctx, rbac := context.WithoutCancel(t.Context()), client.RbacV1()
	if g.Namespace == "" {
		require.NoError(t, rbac.ClusterRoleBindings().Delete(ctx, name, metav1.DeleteOptions{}))
		require.NoError(t, rbac.ClusterRoles().Delete(ctx, name, metav1.DeleteOptions{}))
		return
	}
	require.NoError(t, rbac.RoleBindings(g.Namespace).Delete(ctx, name, metav1.DeleteOptions{}))
	require.NoError(t, rbac.Roles(g.Namespace).Delete(ctx, name, metav1.DeleteOptions{}))
}

func (g Grant) verbs() []string {
	if len(g.Verbs) == 0 {
		return []string{"list"}
	}
	return g.Verbs
}

// await asks as the user until the last right of the grant holds: the API server
// learns of roles through a watch of its own.
func await(ctx context.Context, user *rest.Config, g Grant) error {
	client, err := kubernetes.NewForConfig(user)
	if err != nil {
		return err
	}
	verbs := g.verbs()
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: g.Namespace, Group: g.Group, Resource: g.Resources[len(g.Resources)-1], Verb: verbs[len(verbs)-1],
		},
	}}
	for range 3000 {
		answer, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		if answer.Status.Allowed {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return errors.New("rights were granted and did not take effect within a minute")
}
