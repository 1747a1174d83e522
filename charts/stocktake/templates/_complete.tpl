{{- /*
Every template starts with this. A key that was left empty is as absent: helm takes such a key away together with its default, and
--reuse-values with a newer chart has no key that is new. What the chart needs gets its default back; where the content is that of
Kubernetes (podSecurityContext, resources and such), or of the user, an empty key takes it away, as everywhere with helm.
*/ -}}
{{- define "stocktake.complete" -}}
{{- /* What is global belongs to other charts too. */ -}}
{{- $_ := set .Values "global" (deepCopy (.Values.global | default dict)) -}}
{{- include "stocktake.fill" (dict "values" .Values "defaults" (include "stocktake.defaults" . | fromJson)) -}}
{{- range $key, $value := omit .Values "global" "secretSettings" -}}
{{- if kindIs "map" $value -}}
{{- include "stocktake.prune" $value -}}
{{- end -}}
{{- end -}}
{{- range $key, $value := .Values.secretSettings -}}
{{- if kindIs "invalid" $value -}}
{{- $_ := unset $.Values.secretSettings $key -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- /* Takes a dict of values and defaults, and sets the former where they are missing or null. */ -}}
{{- define "stocktake.fill" -}}
{{- $values := .values -}}
{{- range $key, $default := .defaults -}}
{{- if kindIs "invalid" (index $values $key) -}}
{{- $_ := set $values $key $default -}}
{{- else if and (kindIs "map" $default) (kindIs "map" (index $values $key)) -}}
{{- include "stocktake.fill" (dict "values" (index $values $key) "defaults" $default) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- /* Takes away what is null, at any depth of maps. */ -}}
{{- define "stocktake.prune" -}}
{{- $values := . -}}
{{- range $key, $value := . -}}
{{- if kindIs "invalid" $value -}}
{{- $_ := unset $values $key -}}
{{- else if kindIs "map" $value -}}
{{- include "stocktake.prune" $value -}}
{{- end -}}
{{- end -}}
{{- end }}
