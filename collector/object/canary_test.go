package object_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector/object"
)

// places are objects with a hole where somebody keeps a secret.
var places = []struct {
	kind object.Type
	text string
}{
	{builtIn("", "Pod"), `{"metadata":{"annotations":{"a":"%s"}}}`},
	{builtIn("", "Pod"), `{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"%s"}}}`},
	{builtIn("", "Pod"), `{"metadata":{"managedFields":[{"fieldsV1":{"v:%s":{}}}]}}`},
	{builtIn("", "Pod"), `{"spec":{"containers":[{"env":[{"name":"A","value":"%s"}]}]}}`},
	{builtIn("", "Pod"), `{"spec":{"initContainers":[{"env":[{"name":"A","value":"%s"}]}]}}`},
	{builtIn("", "Pod"), `{"spec":{"ephemeralContainers":[{"env":[{"name":"A","value":"%s"}]}]}}`},
	{builtIn("", "Pod"), `{"spec":{"containers":[{"args":["--password","%s"]}]}}`},
	{builtIn("", "Pod"), `{"spec":{"containers":[{"command":["sh","-c","%s"]}]}}`},
	{builtIn("", "Pod"), `{"spec":{"containers":[{"livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Authorization","value":"%s"}]}}}]}}`},
	{builtIn("", "Pod"), `{"spec":{"containers":[{"readinessProbe":{"httpGet":{"path":"/health?token=%s"}}}]}}`},
	{builtIn("", "Pod"), `{"spec":{"containers":[{"startupProbe":{"exec":{"command":["%s"]}}}]}}`},
	{builtIn("", "Pod"), `{"spec":{"containers":[{"lifecycle":{"preStop":{"exec":{"command":["%s"]}}}}]}}`},
	{builtIn("", "Pod"), `{"spec":{"containers":[{"lifecycle":{"postStart":{"httpGet":{"httpHeaders":[{"value":"%s"}]}}}}]}}`},
	{builtIn("", "Pod"), `{"spec":{"volumes":[{"csi":{"volumeAttributes":{"password":"%s"}}}]}}`},
	{builtIn("", "Pod"), `{"spec":{"volumes":[{"flexVolume":{"options":{"password":"%s"}}}]}}`},
	{builtIn("", "Pod"), `{"spec":{"volumes":[{"gitRepo":{"repository":"https://user:%s@example.com/r"}}]}}`},
	{builtIn("", "Pod"), `{"spec":{"securityContext":{"windowsOptions":{"gmsaCredentialSpec":"%s"}}}}`},
	{builtIn("", "Pod"), `{"status":{"message":"%s"}}`},
	{builtIn("", "Pod"), `{"status":{"containerStatuses":[{"lastState":{"terminated":{"message":"%s"}}}]}}`},
	{builtIn("", "Pod"), `{"status":{"conditions":[{"message":"%s"}]}}`},
	{builtIn("apps", "Deployment"), `{"spec":{"template":{"metadata":{"annotations":{"a":"%s"}}}}}`},
	{builtIn("apps", "Deployment"), `{"spec":{"template":{"spec":{"containers":[{"env":[{"value":"%s"}]}]}}}}`},
	{builtIn("apps", "StatefulSet"), `{"spec":{"volumeClaimTemplates":[{"metadata":{"annotations":{"a":"%s"}}}]}}`},
	{builtIn("apps", "DaemonSet"), `{"spec":{"template":{"spec":{"containers":[{"args":["%s"]}]}}}}`},
	{builtIn("apps", "ReplicaSet"), `{"spec":{"template":{"spec":{"containers":[{"args":["%s"]}]}}}}`},
	{builtIn("apps", "ControllerRevision"), `{"data":{"spec":{"template":{"spec":{"containers":[{"env":[{"value":"%s"}]}]}}}}}`},
	{builtIn("batch", "CronJob"), `{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"command":["%s"]}]}}}}}}`},
	{builtIn("batch", "Job"), `{"spec":{"template":{"spec":{"containers":[{"command":["%s"]}]}}}}`},
	{builtIn("", "ConfigMap"), `{"data":{"application.properties":"password=%s"}}`},
	{builtIn("", "ConfigMap"), `{"binaryData":{"keystore":"%s"}}`},
	{builtIn("", "Secret"), `{"data":{"password":"%s"}}`},
	{builtIn("", "Secret"), `{"stringData":{"password":"%s"}}`},
	{builtIn("", "Secret"), `{"metadata":{"annotations":{"openshift.io/token-secret.value":"%s"}}}`},
	{builtIn("", "PersistentVolume"), `{"spec":{"csi":{"volumeAttributes":{"token":"%s"}}}}`},
	{builtIn("", "PersistentVolume"), `{"spec":{"mountOptions":["username=x,password=%s"]}}`},
	{builtIn("", "Event"), `{"message":"%s"}`},
	{builtIn("storage.k8s.io", "StorageClass"), `{"parameters":{"restuserkey":"%s"}}`},
	{builtIn("storage.k8s.io", "VolumeAttachment"), `{"status":{"attachmentMetadata":{"secret":"%s"}}}`},
	{builtIn("certificates.k8s.io", "CertificateSigningRequest"), `{"spec":{"request":"%s"}}`},
	{builtIn("certificates.k8s.io", "CertificateSigningRequest"), `{"spec":{"extra":{"token":["%s"]}}}`},
	{builtIn("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"), `{"webhooks":[{"clientConfig":{"url":"https://u:%s@example.com"}}]}`},
	{builtIn("admissionregistration.k8s.io", "MutatingWebhookConfiguration"), `{"webhooks":[{"clientConfig":{"url":"https://example.com/?key=%s"}}]}`},
	{builtIn("apiextensions.k8s.io", "CustomResourceDefinition"), `{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"properties":{"spec":{"properties":{"password":{"default":"%s"}}}}}}}]}}`},
	{builtIn("resource.k8s.io", "ResourceClaim"), `{"spec":{"devices":{"config":[{"opaque":{"driver":"d","parameters":{"key":"%s"}}}]}}}`},
	{builtIn("future.k8s.io", "Novelty"), `{"spec":{"password":"%s"}}`},
	{widget(), `{"spec":{"password":"%s"}}`},
	{widget(), `{"spec":{"users":[{"name":"admin","password":"%s"}]}}`},
	{widget(), `{"spec":{"template":{"metadata":{"annotations":{"a":"%s"}}}}}`},
	{widget(), `{"spec":{"env":[{"name":"A","value":"%s"}]}}`},
	{widget(), `{"status":{"conditions":[{"message":"%s"}]}}`},
	{widget(), `{"spec":{"secretRef":{"name":"s","inline":"%s"}}}`},
	{widget(), `{"spec":{"image":"https://user:%s@registry/x"}}`},
	{object.Type{Group: "argoproj.io", Version: "v1", Kind: "Application"}, `{"spec":{"source":{"helm":{"parameters":[{"name":"password","value":"%s"}]}}}}`},
	{object.Type{Group: "argoproj.io", Version: "v1", Kind: "Application"}, `{"spec":{"source":{"repoURL":"https://u:%s@example.com/r"}}}`},
	{object.Type{Group: "helm.toolkit.fluxcd.io", Version: "v2", Kind: "HelmRelease"}, `{"spec":{"values":{"password":"%s"}}}`},
}

func builtIn(group, kind string) object.Type {
	return object.Type{Group: group, Version: "v1", Kind: kind, BuiltIn: true}
}

func TestCanaries(t *testing.T) {
	t.Parallel()
	encoded := base64.StdEncoding.EncodeToString([]byte(canary))
	escaped := strings.ReplaceAll(canary, "-", `\u002d`)
	rules := object.NewRules([]string{"kubectl.kubernetes.io/last-applied-configuration"})
	for _, place := range places {
		for _, secret := range []string{canary, encoded, escaped} {
			in := fmt.Sprintf(place.text, secret)
			got, counts, err := rules.Filter(place.kind, object.Masked).Append(nil, []byte(in))
			require.NoError(t, err, in)
			assert.NotContains(t, string(got), secret, in)
			assert.Positive(t, counts.Masked+counts.Dropped, in)
		}
	}
	assert.GreaterOrEqual(t, len(places), 40)
}
