package anchoretest

// The schema of the v2 body, as the service publishes it. The tables never change.
var (
	v2Top = []property{
		{"cluster_name", true, filled},
		{"timestamp", true, utcTime},
	}
	v2Namespace = []property{
		{"uid", true, uuid},
		{"name", true, filled},
		{"labels", false, texts},
		{"annotations", false, texts},
	}
	v2Node = []property{
		{"uid", true, uuid},
		{"name", true, filled},
		{"arch", false, text},
		{"container_runtime_version", false, text},
		{"kernel_version", false, text},
		{"kube_proxy_version", false, text},
		{"kubelet_version", false, text},
		{"kubernetes_version", false, text},
		{"operating_system", false, text},
		{"labels", false, texts},
		{"annotations", false, texts},
	}
	v2Pod = []property{
		{"uid", true, uuid},
		{"name", true, filled},
		{"namespace_uid", true, uuid},
		{"node_uid", false, uuid},
		{"labels", false, texts},
		{"annotations", false, texts},
	}
	v2Container = []property{
		{"id", true, filled},
		{"name", true, filled},
		{"pod_uid", true, uuid},
		{"image_tag", true, notBlank},
		{"image_digest", false, text},
	}
)
