{{- /* The pod of every run: the CronJob's, the first one's and the test's. It takes a dict of root (the chart) and args. */ -}}
{{- define "stocktake.podMetadata" -}}
{{- $labels := deepCopy .Values.podLabels -}}
{{- $annotations := deepCopy .Values.podAnnotations -}}
{{- if .Values.serviceMesh.optOut -}}
{{- $labels = merge $labels (dict "sidecar.istio.io/inject" "false") -}}
{{- $annotations = merge $annotations (dict "sidecar.istio.io/inject" "false" "linkerd.io/inject" "disabled") -}}
{{- end -}}
labels:
  {{- toYaml (mergeOverwrite $labels (include "stocktake.labels" . | fromYaml)) | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "stocktake.podSpec" -}}
{{- $args := .args -}}
{{- with .root -}}
restartPolicy: Never
serviceAccountName: {{ include "stocktake.serviceAccountName" . | quote }}
automountServiceAccountToken: true
enableServiceLinks: false
{{- with include "stocktake.pullSecrets" . | fromJsonArray }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "stocktake.podSecurityContext" . | fromYaml }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .Values.hostNetwork }}
hostNetwork: true
{{- end }}
{{- with .Values.dnsPolicy | default (ternary "ClusterFirstWithHostNet" "" .Values.hostNetwork) }}
dnsPolicy: {{ . | quote }}
{{- end }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: stocktake
    image: {{ include "stocktake.image" . | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    {{- with $args }}
    args:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with include "stocktake.env" . }}
    {{- nindent 4 . }}
    {{- end }}
    terminationMessagePolicy: FallbackToLogsOnError
    {{- with .Values.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .Values.securityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      - name: settings
        mountPath: /etc/config
        readOnly: true
      - name: spool
        mountPath: /spool
      {{- if include "stocktake.caFile" . }}
      - name: ca
        mountPath: /etc/ca
        readOnly: true
      {{- end }}
      {{- with .Values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  {{- include "stocktake.volumes" . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The Secrets to pull the image with, as JSON: those of all charts, and those of this one, each once. */ -}}
{{- define "stocktake.pullSecrets" -}}
{{- $names := list -}}
{{- range concat (.Values.global.imagePullSecrets | default list) .Values.imagePullSecrets -}}
{{- $name := kindIs "string" . | ternary . (kindIs "map" . | ternary . dict).name -}}
{{- if not $name -}}
{{- fail "imagePullSecrets: an entry has no name: give the name of a Secret, or an object with its name" -}}
{{- end -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- $secrets := list -}}
{{- range uniq $names -}}
{{- $secrets = append $secrets (dict "name" .) -}}
{{- end -}}
{{- toJson $secrets -}}
{{- end }}

{{- /* On OpenShift the namespace decides on user and groups. What is not the chart's default was meant, and stays. */ -}}
{{- define "stocktake.podSecurityContext" -}}
{{- $context := deepCopy .Values.podSecurityContext -}}
{{- $apis := .Capabilities.APIVersions -}}
{{- $found := or ($apis.Has "security.openshift.io/v1") ($apis.Has "security.openshift.io/v1/SecurityContextConstraints") -}}
{{- if has (toString .Values.openshift) (list "true" (ternary "auto" "" $found)) -}}
{{- range list "runAsUser" "runAsGroup" "fsGroup" -}}
{{- if eq (get $context . | toString) "65532" -}}
{{- $_ := unset $context . -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $context -}}
{{- end }}

{{- /* Settings and credentials are files of one folder, which the program reads as one. */ -}}
{{- define "stocktake.volumes" -}}
- name: settings
  projected:
    defaultMode: 0440
    sources:
      - configMap:
          name: {{ include "stocktake.fullname" . | quote }}
      {{- range include "stocktake.secrets" . | fromJsonArray }}
      - secret:
          name: {{ . | quote }}
          {{- if eq . $.Values.anchore.existingSecret }}
          {{- with include "stocktake.secretItems" $ }}
          {{- nindent 10 . }}
          {{- end }}
          {{- end }}
      {{- end }}
- name: spool
  emptyDir:
    sizeLimit: {{ .Values.spool.sizeLimit | quote }}
{{- if include "stocktake.caFile" . }}
- name: ca
  projected:
    defaultMode: 0440
    sources:
      - {{ ternary "configMap" "secret" (ne .Values.caBundle.configMap "") }}:
          name: {{ .Values.caBundle.configMap | default .Values.caBundle.secret | quote }}
          items:
            - key: {{ .Values.caBundle.key | quote }}
              path: {{ .Values.caBundle.key | quote }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Which keys of the user's Secret are mounted, and as what; nothing means all, as they are. */ -}}
{{- define "stocktake.secretItems" -}}
{{- with .Values.anchore.secretKeys -}}
{{- if or .user .password -}}
items:
  {{- with .user }}
  - key: {{ . | quote }}
    path: anchore.user
  {{- end }}
  {{- with .password }}
  - key: {{ . | quote }}
    path: anchore.password
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "stocktake.jobSpec" -}}
backoffLimit: {{ int64 .Values.backoffLimit }}
activeDeadlineSeconds: {{ int64 .Values.activeDeadlineSeconds }}
{{- if not (kindIs "invalid" .Values.ttlSecondsAfterFinished) }}
ttlSecondsAfterFinished: {{ int64 .Values.ttlSecondsAfterFinished }}
{{- end }}
{{- if semverCompare ">=1.26.0-0" .Capabilities.KubeVersion.Version }}
podFailurePolicy:
  rules:
    # A pod that its node lost is not an attempt.
    - action: Ignore
      onPodConditions:
        - type: DisruptionTarget
    # Where a retry cannot help, there is none.
    - action: FailJob
      onExitCodes:
        containerName: stocktake
        operator: In
        values: {{ include "stocktake.finalExitCodes" . }}
{{- end }}
template:
  metadata:
    {{- include "stocktake.podMetadata" . | nindent 4 }}
  spec:
    {{- include "stocktake.podSpec" (dict "root" . "args" list) | nindent 4 }}
{{- end }}
