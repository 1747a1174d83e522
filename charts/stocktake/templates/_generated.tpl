{{- /* Made from the program by make chart-docs: do not edit. */ -}}

{{- /* Exit codes after which a retry cannot help. */ -}}
{{- define "stocktake.finalExitCodes" -}}
[2,3,4,8]
{{- end }}
