{{- /* Made from the program by make chart-docs: do not edit. */ -}}

{{- /* Exit codes after which a retry cannot help. */ -}}
{{- define "stocktake.finalExitCodes" -}}
[2,3,4,8]
{{- end }}

{{- /* What an exit code means, as a template of Prometheus that knows it as $value. */ -}}
{{- define "stocktake.meaning" -}}
{{ "{{ if eq $value 1.0 }}unexpected error{{ else if eq $value 2.0 }}settings or usage are wrong{{ else if eq $value 3.0 }}Kubernetes refused: 401 or 403{{ else if eq $value 4.0 }}the receiver refused: credentials or payload{{ else if eq $value 5.0 }}the receiver was not available{{ else if eq $value 6.0 }}the Kubernetes API was not available or too slow{{ else if eq $value 7.0 }}delivered, but incomplete (only with allow-incomplete){{ else if eq $value 8.0 }}empty, and refused{{ else if eq $value 124.0 }}own deadline passed{{ else if eq $value 130.0 }}stopped by SIGINT{{ else if eq $value 143.0 }}stopped by SIGTERM{{ end }}" }}
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
