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
serviceAccountName: {{ include "stocktake.serviceAccountName" . }}
automountServiceAccountToken: true
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .Values.hostNetwork }}
hostNetwork: true
{{- end }}
{{- with .Values.dnsPolicy | default (ternary "ClusterFirstWithHostNet" "" .Values.hostNetwork) }}
dnsPolicy: {{ . }}
{{- end }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . }}
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
    {{- include "stocktake.env" . | nindent 4 }}
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

{{- define "stocktake.env" -}}
{{- $env := list -}}
{{- with include "stocktake.memoryLimit" . -}}
{{- $env = append $env (dict "name" "GOMEMLIMIT" "value" .) -}}
{{- end -}}
{{- with .Values.proxy.http -}}
{{- $env = append $env (dict "name" "HTTP_PROXY" "value" .) -}}
{{- end -}}
{{- with .Values.proxy.https -}}
{{- $env = append $env (dict "name" "HTTPS_PROXY" "value" .) -}}
{{- end -}}
{{- if or .Values.proxy.http .Values.proxy.https -}}
{{- $direct := list "$(KUBERNETES_SERVICE_HOST)" .Values.proxy.noProxy | compact | join "," -}}
{{- $env = append $env (dict "name" "NO_PROXY" "value" $direct) -}}
{{- end -}}
{{- if include "stocktake.registers" . -}}
{{- range $name, $path := dict "POD_NAME" "metadata.name" "POD_NAMESPACE" "metadata.namespace" -}}
{{- $env = append $env (dict "name" $name "valueFrom" (dict "fieldRef" (dict "fieldPath" $path))) -}}
{{- end -}}
{{- end -}}
{{- with concat $env .Values.extraEnv -}}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* Settings and credentials are files of one folder, which the program reads as one. */ -}}
{{- define "stocktake.volumes" -}}
- name: settings
  projected:
    defaultMode: 0440
    sources:
      - configMap:
          name: {{ include "stocktake.fullname" . }}
      {{- range include "stocktake.secrets" . | fromJsonArray }}
      - secret:
          name: {{ . }}
          {{- if eq . $.Values.anchore.existingSecret }}
          {{- with include "stocktake.secretItems" $ }}
          {{- nindent 10 . }}
          {{- end }}
          {{- end }}
      {{- end }}
- name: spool
  emptyDir:
    sizeLimit: {{ .Values.spool.sizeLimit }}
{{- if include "stocktake.caFile" . }}
- name: ca
  projected:
    defaultMode: 0440
    sources:
      - {{ ternary "configMap" "secret" (ne .Values.caBundle.configMap "") }}:
          name: {{ .Values.caBundle.configMap | default .Values.caBundle.secret }}
          items:
            - key: {{ .Values.caBundle.key }}
              path: {{ .Values.caBundle.key }}
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
  - key: {{ . }}
    path: anchore.user
  {{- end }}
  {{- with .password }}
  - key: {{ . }}
    path: anchore.password
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "stocktake.jobSpec" -}}
backoffLimit: {{ .Values.backoffLimit }}
activeDeadlineSeconds: {{ .Values.activeDeadlineSeconds }}
{{- if not (kindIs "invalid" .Values.ttlSecondsAfterFinished) }}
ttlSecondsAfterFinished: {{ .Values.ttlSecondsAfterFinished }}
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
