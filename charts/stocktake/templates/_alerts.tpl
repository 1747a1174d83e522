{{- /* Alerts by the metrics of the last run. The same may be at a Pushgateway and in a file: a cluster counts once. */ -}}
{{- define "stocktake.alerts" -}}
{{- $of := printf "{cluster=%q}" (include "stocktake.cluster" .) -}}
{{- $code := printf "max by (cluster) (stocktake_last_run_exit_code%s)" $of -}}
{{- $share := "max by (cluster) (stocktake_images_without_digest%s) / max by (cluster) (stocktake_images%s)" -}}
{{- $after := int64 .Values.prometheusRule.afterSeconds -}}
{{- range $alert := list
  (dict "name" "StocktakeNoSuccess" "for" "5m"
    "expr" (printf "time() - max by (cluster) (stocktake_last_success_timestamp_seconds%s) > %d" $of (div (mul $after 3) 2))
    "summary" "No run of stocktake in cluster %s has delivered everything for too long."
    "description" "The last run that did was {{ $value | humanizeDuration }} ago.")
  (dict "name" "StocktakeNoMetrics" "for" (printf "%ds" $after)
    "expr" (printf "absent(stocktake_last_run_timestamp_seconds%s)" $of)
    "summary" "Nothing is known of the runs of stocktake in cluster %s."
    "description" "No run has left metrics, or they were lost, as those of a Pushgateway that restarted without a file.")
  (dict "name" "StocktakeRunFailed" "for" "5m"
    "expr" (printf "%s > 0 unless %s == 7" $code $code)
    "summary" "The last run of stocktake in cluster %s failed."
    "description" (printf "Exit code {{ $value }}: %s." (include "stocktake.meaning" $)))
  (dict "name" "StocktakeIncomplete" "for" (printf "%ds" $after)
    "expr" (printf "%s == 7" $code)
    "summary" "The inventory of cluster %s is incomplete."
    "description" "Runs deliver without what they cannot read. Their summary names it.")
  (dict "name" "StocktakeDigestsMissing" "for" "30m"
    "expr" (printf "%s - (%s) > %d / 100" (printf $share $of $of) (printf $share (print $of " offset 1d") (print $of " offset 1d")) (int64 $.Values.prometheusRule.withoutDigestPercent))
    "summary" "More images of cluster %s than before have no digest."
    "description" "Their share of all images rose by {{ $value | humanizePercentage }} within a day. A container runtime may have changed what it reports.")
  (dict "name" "StocktakeThrottled" "for" (printf "%ds" $after)
    "expr" (printf "max by (cluster) (stocktake_last_run_throttled_requests%s) > 0" $of)
    "summary" "The API server of cluster %s holds up stocktake."
    "description" "It answered {{ $value }} requests of the last run with 429 (Too Many Requests).")
}}
- alert: {{ $alert.name }}
  expr: {{ $alert.expr | quote }}
  for: {{ get $alert "for" | quote }}
  labels:
    {{- toYaml $.Values.prometheusRule.alertLabels | nindent 4 }}
  annotations:
    summary: {{ printf $alert.summary (include "stocktake.cluster" $) | quote }}
    description: {{ $alert.description | quote }}
{{- end }}
{{- end }}
