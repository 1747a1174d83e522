{{- /* Made from the program by make chart-docs: do not edit. */ -}}

{{- /* Exit codes after which a retry cannot help. */ -}}
{{- define "stocktake.finalExitCodes" -}}
[2,3,4,8]
{{- end }}

{{- /* What an exit code means, as a template of Prometheus that knows it as $value. */ -}}
{{- define "stocktake.meaning" -}}
{{ "{{ if eq $value 1.0 }}unexpected error{{ else if eq $value 2.0 }}settings or usage are wrong{{ else if eq $value 3.0 }}Kubernetes refused: 401 or 403{{ else if eq $value 4.0 }}the receiver refused: credentials or payload{{ else if eq $value 5.0 }}the receiver was not available{{ else if eq $value 6.0 }}the Kubernetes API was not available or too slow{{ else if eq $value 7.0 }}delivered, but incomplete (only with allow-incomplete){{ else if eq $value 8.0 }}empty, and refused{{ else if eq $value 9.0 }}done, but the history was not written; or it could not be read (where, history){{ else if eq $value 124.0 }}own deadline passed{{ else if eq $value 130.0 }}stopped by SIGINT{{ else if eq $value 143.0 }}stopped by SIGTERM{{ end }}" }}
{{- end }}

{{- /* What a key is that was left empty, as JSON. */ -}}
{{- define "stocktake.defaults" -}}
{
  "activeDeadlineSeconds": 800,
  "affinity": {},
  "anchore": {
    "account": "",
    "existingSecret": "",
    "password": "",
    "secretKeys": {
      "password": "",
      "user": ""
    },
    "url": "",
    "user": ""
  },
  "backoffLimit": 2,
  "caBundle": {
    "configMap": "",
    "key": "ca.crt",
    "secret": ""
  },
  "clusterId": "",
  "commonAnnotations": {},
  "commonLabels": {},
  "dashboard": {
    "annotations": {},
    "enabled": false,
    "labels": {}
  },
  "dnsConfig": {},
  "dnsPolicy": "",
  "enabled": true,
  "extraEnv": [],
  "extraEnvFrom": [],
  "extraObjects": [],
  "extraVolumeMounts": [],
  "extraVolumes": [],
  "failedJobsHistoryLimit": 3,
  "firstRun": {
    "enabled": false
  },
  "fullnameOverride": "",
  "global": {
    "imagePullSecrets": [],
    "imageRegistry": ""
  },
  "hostNetwork": false,
  "image": {
    "digest": "",
    "pullPolicy": "IfNotPresent",
    "registry": "",
    "repository": "stocktake",
    "tag": ""
  },
  "imagePullSecrets": [],
  "metrics": {
    "file": "",
    "pushgateway": ""
  },
  "nameOverride": "",
  "networkPolicy": {
    "apiServer": {
      "ports": [
        443,
        6443
      ],
      "to": []
    },
    "dns": {
      "to": []
    },
    "enabled": false,
    "extraEgress": [],
    "pushgateway": {
      "to": []
    },
    "receiver": {
      "to": []
    }
  },
  "nodeSelector": {},
  "objects": {
    "addTypes": [],
    "enabled": false,
    "removeTypes": [],
    "types": [
      "default"
    ]
  },
  "openshift": "auto",
  "podAnnotations": {},
  "podLabels": {},
  "podSecurityContext": {},
  "priorityClassName": "",
  "prometheusRule": {
    "afterSeconds": 1800,
    "alertLabels": {},
    "enabled": false,
    "labels": {},
    "withoutDigestPercent": 10
  },
  "proxy": {
    "http": "",
    "https": "",
    "noProxy": ""
  },
  "rbac": {
    "create": true,
    "namespaces": [],
    "scope": "cluster"
  },
  "resources": {},
  "runtimeClassName": "",
  "schedule": "",
  "secretSettings": {},
  "securityContext": {},
  "serviceAccount": {
    "annotations": {},
    "create": true,
    "name": ""
  },
  "serviceMesh": {
    "optOut": true
  },
  "settings": {},
  "spool": {
    "sizeLimit": "256Mi"
  },
  "startingDeadlineSeconds": 300,
  "successfulJobsHistoryLimit": 1,
  "suspend": false,
  "timeZone": "Etc/UTC",
  "tolerations": [],
  "ttlSecondsAfterFinished": null
}
{{- end }}

{{- /* The types of Kubernetes whose objects can be listed, as JSON. */ -}}
{{- define "stocktake.builtIns" -}}
[
  {"group": "", "plural": "configmaps", "namespaced": true, "default": true},
  {"group": "", "plural": "endpoints", "namespaced": true, "default": false},
  {"group": "", "plural": "events", "namespaced": true, "default": false},
  {"group": "", "plural": "limitranges", "namespaced": true, "default": true},
  {"group": "", "plural": "persistentvolumeclaims", "namespaced": true, "default": true},
  {"group": "", "plural": "pods", "namespaced": true, "default": true},
  {"group": "", "plural": "podtemplates", "namespaced": true, "default": true},
  {"group": "", "plural": "replicationcontrollers", "namespaced": true, "default": true},
  {"group": "", "plural": "resourcequotas", "namespaced": true, "default": true},
  {"group": "", "plural": "secrets", "namespaced": true, "default": false},
  {"group": "", "plural": "serviceaccounts", "namespaced": true, "default": true},
  {"group": "", "plural": "services", "namespaced": true, "default": true},
  {"group": "", "plural": "componentstatuses", "namespaced": false, "default": false},
  {"group": "", "plural": "namespaces", "namespaced": false, "default": true},
  {"group": "", "plural": "nodes", "namespaced": false, "default": true},
  {"group": "", "plural": "persistentvolumes", "namespaced": false, "default": true},
  {"group": "admissionregistration.k8s.io", "plural": "mutatingadmissionpolicies", "namespaced": false, "default": true},
  {"group": "admissionregistration.k8s.io", "plural": "mutatingadmissionpolicybindings", "namespaced": false, "default": true},
  {"group": "admissionregistration.k8s.io", "plural": "mutatingwebhookconfigurations", "namespaced": false, "default": true},
  {"group": "admissionregistration.k8s.io", "plural": "validatingadmissionpolicies", "namespaced": false, "default": true},
  {"group": "admissionregistration.k8s.io", "plural": "validatingadmissionpolicybindings", "namespaced": false, "default": true},
  {"group": "admissionregistration.k8s.io", "plural": "validatingwebhookconfigurations", "namespaced": false, "default": true},
  {"group": "apiextensions.k8s.io", "plural": "customresourcedefinitions", "namespaced": false, "default": true},
  {"group": "apiregistration.k8s.io", "plural": "apiservices", "namespaced": false, "default": true},
  {"group": "apps", "plural": "controllerrevisions", "namespaced": true, "default": false},
  {"group": "apps", "plural": "daemonsets", "namespaced": true, "default": true},
  {"group": "apps", "plural": "deployments", "namespaced": true, "default": true},
  {"group": "apps", "plural": "replicasets", "namespaced": true, "default": true},
  {"group": "apps", "plural": "statefulsets", "namespaced": true, "default": true},
  {"group": "autoscaling", "plural": "horizontalpodautoscalers", "namespaced": true, "default": true},
  {"group": "batch", "plural": "cronjobs", "namespaced": true, "default": true},
  {"group": "batch", "plural": "jobs", "namespaced": true, "default": true},
  {"group": "certificates.k8s.io", "plural": "certificatesigningrequests", "namespaced": false, "default": true},
  {"group": "coordination.k8s.io", "plural": "leases", "namespaced": true, "default": false},
  {"group": "discovery.k8s.io", "plural": "endpointslices", "namespaced": true, "default": false},
  {"group": "events.k8s.io", "plural": "events", "namespaced": true, "default": false},
  {"group": "flowcontrol.apiserver.k8s.io", "plural": "flowschemas", "namespaced": false, "default": true},
  {"group": "flowcontrol.apiserver.k8s.io", "plural": "prioritylevelconfigurations", "namespaced": false, "default": true},
  {"group": "networking.k8s.io", "plural": "ingresses", "namespaced": true, "default": true},
  {"group": "networking.k8s.io", "plural": "networkpolicies", "namespaced": true, "default": true},
  {"group": "networking.k8s.io", "plural": "ingressclasses", "namespaced": false, "default": true},
  {"group": "networking.k8s.io", "plural": "ipaddresses", "namespaced": false, "default": false},
  {"group": "networking.k8s.io", "plural": "servicecidrs", "namespaced": false, "default": true},
  {"group": "node.k8s.io", "plural": "runtimeclasses", "namespaced": false, "default": true},
  {"group": "policy", "plural": "poddisruptionbudgets", "namespaced": true, "default": true},
  {"group": "rbac.authorization.k8s.io", "plural": "rolebindings", "namespaced": true, "default": true},
  {"group": "rbac.authorization.k8s.io", "plural": "roles", "namespaced": true, "default": true},
  {"group": "rbac.authorization.k8s.io", "plural": "clusterrolebindings", "namespaced": false, "default": true},
  {"group": "rbac.authorization.k8s.io", "plural": "clusterroles", "namespaced": false, "default": true},
  {"group": "resource.k8s.io", "plural": "resourceclaims", "namespaced": true, "default": true},
  {"group": "resource.k8s.io", "plural": "resourceclaimtemplates", "namespaced": true, "default": true},
  {"group": "resource.k8s.io", "plural": "deviceclasses", "namespaced": false, "default": true},
  {"group": "resource.k8s.io", "plural": "resourceslices", "namespaced": false, "default": true},
  {"group": "scheduling.k8s.io", "plural": "priorityclasses", "namespaced": false, "default": true},
  {"group": "storage.k8s.io", "plural": "csistoragecapacities", "namespaced": true, "default": false},
  {"group": "storage.k8s.io", "plural": "csidrivers", "namespaced": false, "default": true},
  {"group": "storage.k8s.io", "plural": "csinodes", "namespaced": false, "default": true},
  {"group": "storage.k8s.io", "plural": "storageclasses", "namespaced": false, "default": true},
  {"group": "storage.k8s.io", "plural": "volumeattachments", "namespaced": false, "default": true},
  {"group": "storage.k8s.io", "plural": "volumeattributesclasses", "namespaced": false, "default": true}
]
{{- end }}
