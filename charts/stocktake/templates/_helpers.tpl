{{- /* Names are cut to 52 letters: a CronJob adds 11 to them, and the name of a Job becomes a label. */ -}}
{{- define "stocktake.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | include "stocktake.trimEnd" -}}
{{- end }}

{{- /* A name or a label ends with a letter or a digit, also where it was cut. */ -}}
{{- define "stocktake.trimEnd" -}}
{{- regexReplaceAll "[^A-Za-z0-9]+$" . "" -}}
{{- end }}

{{- /* The alias of a dependency is the name of this chart, and a key of values: it may have capitals and underscores, a name may not. */ -}}
{{- define "stocktake.fullname" -}}
{{- $name := .Values.nameOverride | default (regexReplaceAll "[^a-z0-9.-]" (lower .Chart.Name) "-") -}}
{{- $both := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- .Values.fullnameOverride | default $both | trunc 52 | include "stocktake.trimEnd" -}}
{{- end }}

{{- /* Objects of the cluster, and those in namespaces of others, say where they come from: releases of the same name do not collide. */ -}}
{{- define "stocktake.farName" -}}
{{- printf "%s:%s" .Release.Namespace (include "stocktake.fullname" .) -}}
{{- end }}

{{- define "stocktake.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "stocktake.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end }}

{{- /* The Secrets that are mounted, as JSON: the user's, and the chart's own. */ -}}
{{- define "stocktake.secrets" -}}
{{- list .Values.anchore.existingSecret (ternary (include "stocktake.fullname" .) "" (include "stocktake.ownSecret" . | ne "")) | compact | toJson -}}
{{- end }}

{{- /* Not empty when the values have something that belongs into a Secret. */ -}}
{{- define "stocktake.ownSecret" -}}
{{- if or .Values.anchore.password .Values.secretSettings }}true{{ end -}}
{{- end }}

{{- define "stocktake.selectorLabels" -}}
app.kubernetes.io/name: {{ include "stocktake.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "stocktake.labels" -}}
{{- $own := include "stocktake.selectorLabels" . | fromYaml -}}
{{- $_ := set $own "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service -}}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | include "stocktake.trimEnd") -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.commonLabels) $own) -}}
{{- end }}

{{- /* The metadata of an object of the release, but for its name. */ -}}
{{- define "stocktake.metadata" -}}
namespace: {{ .Release.Namespace | quote }}
{{ include "stocktake.marks" . }}
{{- end }}

{{- /* Labels and annotations of an object that lives elsewhere. */ -}}
{{- define "stocktake.marks" -}}
labels:
  {{- include "stocktake.labels" . | nindent 2 }}
{{- with .Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "stocktake.image" -}}
{{- $registry := .Values.global.imageRegistry | default .Values.image.registry -}}
{{- with $registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- .Values.image.repository -}}
{{- with .Values.image.digest }}@{{ . }}{{ else }}:{{ .Values.image.tag | default $.Chart.AppVersion }}{{ end -}}
{{- end }}

{{- /* Every 15 minutes. The first minute is a hash, so that a fleet of clusters spreads its load and a rendering never changes it. */ -}}
{{- define "stocktake.schedule" -}}
{{- if .Values.schedule -}}
{{- .Values.schedule -}}
{{- else -}}
{{- $first := mod (printf "%s/%s/%s" .Values.clusterId .Release.Namespace .Release.Name | sha256sum | adler32sum | int64) 15 -}}
{{- printf "%d,%d,%d,%d * * * *" $first (add $first 15) (add $first 30) (add $first 45) -}}
{{- end -}}
{{- end }}

{{- /* GOMEMLIMIT in bytes, from the memory limit; empty when there is none. */ -}}
{{- define "stocktake.memoryLimit" -}}
{{- $limits := .Values.resources.limits | default dict -}}
{{- $limit := $limits.memory | toJson | trimAll "\"" -}}
{{- if regexMatch "^[0-9]+([kMG]|[KMG]i)?$" $limit -}}
{{- $number := regexFind "^[0-9]+" $limit -}}
{{- $bytes := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 -}}
{{- div (mul (int64 $number) (get $bytes (trimPrefix $number $limit)) 9) 10 -}}
{{- end -}}
{{- end }}

{{- define "stocktake.caFile" -}}
{{- if or .Values.caBundle.configMap .Values.caBundle.secret }}/etc/ca/{{ .Values.caBundle.key }}{{ end -}}
{{- end }}

{{- /* The settings that go into the ConfigMap, as JSON: what the values say, overlaid with .Values.settings. */ -}}
{{- define "stocktake.settings" -}}
{{- $own := dict
  "cluster-id" .Values.clusterId
  "anchore.url" .Values.anchore.url
  "anchore.user" .Values.anchore.user
  "anchore.account" .Values.anchore.account
  "anchore.http.ca-file" (include "stocktake.caFile" .)
  "deliver.http.ca-file" (ternary (include "stocktake.caFile" .) "" (hasKey .Values.settings "deliver.http.url"))
  "deliver.infralight.ca-file" (ternary (include "stocktake.caFile" .) "" (or (hasKey .Values.settings "deliver.infralight.endpoint") (hasKey .Values.secretSettings "deliver.infralight.access-key")))
  "metrics.pushgateway.url" .Values.metrics.pushgateway
  "metrics.pushgateway.ca-file" (ternary (include "stocktake.caFile" .) "" (or (hasKey .Values.settings "metrics.pushgateway.url") (ne .Values.metrics.pushgateway "")))
  "metrics.file.path" .Values.metrics.file
  "deadline" (printf "%ds" (div (mul (int64 .Values.activeDeadlineSeconds) 3) 4))
  "spool.dir" "/spool"
-}}
{{- if eq .Values.rbac.scope "namespaces" -}}
{{- $_ := set $own "namespace-selectors.include" .Values.rbac.namespaces -}}
{{- end -}}
{{- if .Values.objects.enabled -}}
{{- $_ := set $own "objects.enabled" true -}}
{{- $_ := set $own "objects.types" .Values.objects.types -}}
{{- $_ := set $own "objects.add-types" (.Values.objects.addTypes | default "") -}}
{{- $_ := set $own "objects.remove-types" (.Values.objects.removeTypes | default "") -}}
{{- end -}}
{{- $given := dict -}}
{{- range $name, $value := mergeOverwrite $own .Values.settings -}}
{{- if not (and (kindIs "string" $value) (eq $value "")) -}}
{{- $_ := set $given $name $value -}}
{{- end -}}
{{- end -}}
{{- toJson $given -}}
{{- end }}

{{- /* A value as the program reads it: one file, lists with one entry a line. toJson keeps large numbers whole. */ -}}
{{- define "stocktake.value" -}}
{{- if kindIs "string" . -}}{{ . }}
{{- else if kindIs "slice" . -}}{{ join "\n" . }}
{{- else -}}{{ toJson . }}
{{- end -}}
{{- end }}

{{- /* Not empty when the settings make every run a dry one. */ -}}
{{- define "stocktake.prints" -}}
{{- if eq (get (include "stocktake.settings" . | fromJson) "dry-run" | toString) "true" }}true{{ end -}}
{{- end }}

{{- /* Not empty when runs leave metrics. */ -}}
{{- define "stocktake.measures" -}}
{{- $settings := include "stocktake.settings" . | fromJson -}}
{{- if or (get $settings "metrics.pushgateway.url") (get $settings "metrics.file.path") }}true{{ end -}}
{{- end }}

{{- /* The name of the cluster, wherever it was given. */ -}}
{{- define "stocktake.cluster" -}}
{{- $settings := include "stocktake.settings" . | fromJson -}}
{{- get $settings "cluster-id" | default (get $settings "kubeconfig.cluster") -}}
{{- end }}

{{- /* Not empty when runs introduce themselves to Anchore, by the CronJob that they belong to. */ -}}
{{- define "stocktake.registers" -}}
{{- if eq (get (include "stocktake.settings" . | fromJson) "anchore-registration.enabled" | toString) "true" }}true{{ end -}}
{{- end }}

{{- /* Mistakes that a schema cannot name well. */ -}}
{{- define "stocktake.validate" -}}
{{- $settings := include "stocktake.settings" . | fromJson -}}
{{- $a := .Values.anchore -}}
{{- if not (or (get $settings "anchore.url") (get $settings "deliver.http.url") (get $settings "deliver.file.path") (include "stocktake.feedsInfralight" .) (include "stocktake.prints" .)) -}}
{{- fail "anchore.url is not set: where should the inventory go?" -}}
{{- end -}}
{{- if and (get $settings "anchore.url") (not (or $a.existingSecret $a.password .Values.secretSettings .Values.extraEnv .Values.extraEnvFrom (include "stocktake.prints" .))) -}}
{{- fail "no credentials: set anchore.existingSecret to the name of a Secret, or anchore.password" -}}
{{- end -}}
{{- if not (include "stocktake.cluster" .) -}}
{{- fail "clusterId is not set: give this cluster a name" -}}
{{- end -}}
{{- if and (eq .Values.rbac.scope "namespaces") (not .Values.rbac.namespaces) -}}
{{- fail "rbac.namespaces is empty: name the namespaces to read, or set rbac.scope to cluster" -}}
{{- end -}}
{{- if not .Values.enabled -}}
{{- fail "enabled is false: only a chart that depends on this one can leave it out, with a condition that names this key in its Chart.yaml" -}}
{{- end -}}
{{- if and .Values.rbac.create (eq (include "stocktake.serviceAccountName" .) "default") -}}
{{- fail "serviceAccount.name: rights that are bound to the service account `default` are those of every pod of the namespace that names no other: give the name of another one, or set rbac.create to false" -}}
{{- end -}}
{{- if and $a.password (or $a.existingSecret (hasKey .Values.secretSettings "anchore.password")) -}}
{{- fail "anchore.password and another source of it are both set: keep one" -}}
{{- end -}}
{{- if and (or $a.secretKeys.user $a.secretKeys.password) (not $a.existingSecret) -}}
{{- fail "anchore.secretKeys are keys of anchore.existingSecret, which is not set" -}}
{{- end -}}
{{- if and $a.secretKeys.user (get $settings "anchore.user") -}}
{{- fail "anchore.user and anchore.secretKeys.user are both set: keep one" -}}
{{- end -}}
{{- if and .Values.metrics.file (not .Values.extraVolumeMounts) -}}
{{- fail "metrics.file is set, and extraVolumeMounts is empty: nobody could read a file in the pod" -}}
{{- end -}}
{{- if and .Values.caBundle.configMap .Values.caBundle.secret -}}
{{- fail "caBundle.configMap and caBundle.secret are both set: keep one" -}}
{{- end -}}
{{- end }}
