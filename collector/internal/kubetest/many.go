package kubetest

import (
	"encoding/json"
	"fmt"
	"iter"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// images is how many different images Many uses: what a cluster of some
// thousands of pods runs.
const images = 400

// NamespaceName and NodeName are the names that Many uses, from 0 on.
func NamespaceName(i int) string { return fmt.Sprintf("team-%03d", i) }

// NodeName is the name of the node i of Many.
func NodeName(i int) string { return fmt.Sprintf("node-%03d", i) }

// Many returns n ordinary pods of two containers, spread over the namespaces and
// nodes: about 4.5 KB each in protobuf, as pods of production are. They are the
// same each time. Of a hundred pods one is pending, one has failed and two have
// succeeded. Namespaces and nodes are seeded separately, see SeedMany.
func Many(n, namespaces, nodes int) iter.Seq[*corev1.Pod] {
	return func(yield func(*corev1.Pod) bool) {
		for i := range n {
			if !yield(nth(i, NamespaceName(i%namespaces), NodeName(i%nodes))) {
				return
			}
		}
	}
}

// nth returns pod i of Many.
func nth(i int, namespace, node string) *corev1.Pod {
	app := fmt.Sprintf("service-%03d", i/20%images)
	owner := app + "-" + Hex(namespace, app)[:10]
	pod := Pod{
		Namespace: namespace,
		Name:      fmt.Sprintf("%s-%06d", owner, i),
		Node:      node,
		Phase:     phaseOf(i),
		Owner:     "ReplicaSet/" + owner,
		Labels: map[string]string{
			"app.kubernetes.io/name":       app,
			"app.kubernetes.io/instance":   app + "-" + namespace,
			"app.kubernetes.io/version":    "1.27.3",
			"app.kubernetes.io/managed-by": "Helm",
			"pod-template-hash":            owner[len(app)+1:],
		},
		Annotations: map[string]string{
			"checksum/config":                   Hex("config", app),
			"checksum/secret":                   Hex("secret", app),
			"prometheus.io/scrape":              "true",
			"prometheus.io/port":                "9090",
			"kubectl.kubernetes.io/restartedAt": "2026-01-01T10:11:12Z",
		},
		Containers: []Container{
			started(i, Container{Name: app, Image: imageName(i / 20 % images)}),
			started(i, Container{Name: "proxy", Image: imageName(images + i%4)}),
		},
	}.Object()
	flesh(pod)
	return pod
}

func phaseOf(i int) corev1.PodPhase {
	switch i % 100 {
	case 17:
		return corev1.PodPending
	case 42:
		return corev1.PodFailed
	case 63, 64:
		return corev1.PodSucceeded
	default:
		return corev1.PodRunning
	}
}

// started gives a container of pod i the image ID that containerd reports.
func started(i int, c Container) Container {
	if phaseOf(i) != corev1.PodPending {
		name, _ := splitTag(c.Image)
		c.ImageID = name + "@sha256:" + Hex(c.Image)
	}
	return c
}

// imageName is image i of the pool: some public, some of a private registry.
func imageName(i int) string {
	tag := fmt.Sprintf("v%d.%d.%d", 1+i%4, i%30, i%7)
	switch i % 4 {
	case 0:
		return fmt.Sprintf("docker.io/library/tool-%03d:%s", i, tag)
	case 1:
		return fmt.Sprintf("quay.io/vendor-%02d/component-%03d:%s", i%17, i, tag)
	case 2:
		return fmt.Sprintf("ghcr.io/project-%02d/charts/app-%03d:%s", i%23, i, tag)
	default:
		return fmt.Sprintf("registry.example.com:5000/platform/service-%03d:%s-%s", i, tag, Hex(tag)[:12])
	}
}

// splitTag cuts a name of the pool at its tag.
func splitTag(image string) (name, tag string) {
	for i := len(image) - 1; i > 0; i-- {
		if image[i] == ':' {
			return image[:i], image[i+1:]
		}
	}
	return image, ""
}

// flesh adds what pods of production carry and no inventory reads.
func flesh(pod *corev1.Pod) {
	pod.ManagedFields = append(pod.ManagedFields[:0],
		managed("kube-controller-manager", "", fieldsOf(pod)),
		managed("kubelet", "status", statusFields))
	pod.Spec.Volumes = []corev1.Volume{
		{Name: "config", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: pod.Spec.Containers[0].Name}}}},
		{Name: "kube-api-access-" + string(pod.UID)[:5], VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	}
	for i := range pod.Spec.Containers {
		fleshContainer(&pod.Spec.Containers[i], pod.Spec.Volumes)
	}
	for _, kind := range []corev1.PodConditionType{corev1.PodScheduled, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: pod.CreationTimestamp})
	}
}

func fleshContainer(c *corev1.Container, volumes []corev1.Volume) {
	for _, name := range []string{"LOG_LEVEL", "HTTP_PORT", "DATABASE_URL", "CACHE_ADDRESS", "OTEL_EXPORTER_OTLP_ENDPOINT", "FEATURE_FLAGS"} {
		c.Env = append(c.Env, corev1.EnvVar{Name: name, Value: "value-of-" + Hex(c.Name, name)[:24]})
	}
	for _, volume := range volumes {
		c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: volume.Name, MountPath: "/var/run/" + volume.Name, ReadOnly: true})
	}
	c.Ports = []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}, {Name: "metrics", ContainerPort: 9090}}
	c.Args = []string{"--config=/var/run/config/config.yaml", "--listen=:8080", "--metrics=:9090"}
	c.Resources = corev1.ResourceRequirements{
		Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("128Mi")},
		Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("256Mi")},
	}
	c.LivenessProbe, c.ReadinessProbe = probe("/healthz"), probe("/readyz")
}

func probe(path string) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("http")}},
		PeriodSeconds: 10, TimeoutSeconds: 1, FailureThreshold: 3,
	}
}

const statusFields = `{"f:status":{"f:conditions":{"k:{\"type\":\"ContainersReady\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},` +
	`"k:{\"type\":\"PodScheduled\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},` +
	`"k:{\"type\":\"Ready\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}},` +
	`"f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:podIPs":{".":{},"k:{\"ip\":\"10.2.0.1\"}":{".":{},"f:ip":{}}},"f:startTime":{}}}`

// fieldsOf lists the fields of the specification as the API server does.
func fieldsOf(pod *corev1.Pod) string {
	type fields = map[string]any
	containers := fields{}
	for _, c := range pod.Spec.Containers {
		containers[fmt.Sprintf(`k:{"name":%q}`, c.Name)] = fields{
			".": fields{}, "f:args": fields{}, "f:env": fields{}, "f:image": fields{}, "f:imagePullPolicy": fields{}, "f:livenessProbe": fields{},
			"f:name": fields{}, "f:ports": fields{}, "f:readinessProbe": fields{}, "f:resources": fields{}, "f:volumeMounts": fields{},
		}
	}
	labels := fields{}
	for key := range pod.Labels {
		labels["f:"+key] = fields{}
	}
	data, err := json.Marshal(fields{
		"f:metadata": fields{"f:generateName": fields{}, "f:labels": labels, "f:ownerReferences": fields{}},
		"f:spec":     fields{"f:containers": containers, "f:dnsPolicy": fields{}, "f:restartPolicy": fields{}, "f:volumes": fields{}},
	})
	if err != nil {
		panic(err) // maps of strings always encode
	}
	return string(data)
}
