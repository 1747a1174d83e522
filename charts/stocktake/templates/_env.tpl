{{- /* The variables: the chart's own, but for those that the user gives, and then the user's. The server keeps one of a name. */ -}}
{{- define "stocktake.env" -}}
{{- $given := list -}}
{{- range .Values.extraEnv -}}
{{- if has .name $given -}}
{{- fail (printf "extraEnv: %s is given twice: keep one" .name) -}}
{{- end -}}
{{- $given = append $given .name -}}
{{- end -}}
{{- $env := list -}}
{{- range include "stocktake.ownEnv" . | fromJsonArray -}}
{{- if not (or (has .name $given) (and (hasSuffix "_PROXY" .name) (has (lower .name) $given))) -}}
{{- $env = append $env . -}}
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

{{- /* The variables of the chart itself, as JSON. */ -}}
{{- define "stocktake.ownEnv" -}}
{{- $values := list
  (dict "name" "GOMEMLIMIT" "value" (include "stocktake.memoryLimit" .))
  (dict "name" "HTTP_PROXY" "value" .Values.proxy.http)
  (dict "name" "HTTPS_PROXY" "value" .Values.proxy.https)
  (dict "name" "NO_PROXY" "value" (include "stocktake.noProxy" .))
-}}
{{- $env := list -}}
{{- range $values -}}
{{- if .value -}}
{{- $env = append $env . -}}
{{- end -}}
{{- end -}}
{{- if include "stocktake.registers" . -}}
{{- range $name, $path := dict "POD_NAME" "metadata.name" "POD_NAMESPACE" "metadata.namespace" -}}
{{- $env = append $env (dict "name" $name "valueFrom" (dict "fieldRef" (dict "fieldPath" $path))) -}}
{{- end -}}
{{- end -}}
{{- toJson $env -}}
{{- end }}

{{- /*
What is reached without a proxy, wherever one can come from. Variables of extraEnvFrom are weaker than NO_PROXY, so that refers to theirs:
a reference to a variable that is not there stays as it is, and is no host.
*/ -}}
{{- define "stocktake.noProxy" -}}
{{- $proxies := list -}}
{{- range .Values.extraEnv -}}
{{- if has (upper .name) (list "HTTP_PROXY" "HTTPS_PROXY" "ALL_PROXY") -}}
{{- $proxies = append $proxies .name -}}
{{- end -}}
{{- end -}}
{{- if or .Values.proxy.http .Values.proxy.https .Values.proxy.noProxy $proxies .Values.extraEnvFrom -}}
{{- $others := ternary (list "$(NO_PROXY)" "$(no_proxy)") list (not (empty .Values.extraEnvFrom)) -}}
{{- concat (list "$(KUBERNETES_SERVICE_HOST)" .Values.proxy.noProxy) $others | compact | join "," -}}
{{- end -}}
{{- end }}
