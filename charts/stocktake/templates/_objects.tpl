{{- /* Rights to list whole objects: those that `stocktake rbac` prints for the same settings without asking a cluster. */ -}}

{{- /* Not empty when runs collect whole objects. */ -}}
{{- define "stocktake.collects" -}}
{{- $settings := include "stocktake.settings" . | fromJson -}}
{{- $prints := and (include "stocktake.prints" .) (has (get $settings "output-kind") (list "objects" "k8s-collector")) -}}
{{- if or $prints (eq (get $settings "objects.enabled" | toString) "true") }}true{{ end -}}
{{- end }}

{{- /* Not empty when Infralight gets them, which knows clusters by the UID of a namespace. */ -}}
{{- define "stocktake.feedsInfralight" -}}
{{- $settings := include "stocktake.settings" . | fromJson -}}
{{- if and (not (include "stocktake.prints" .)) (or (get $settings "deliver.infralight.endpoint") (hasKey .Values.secretSettings "deliver.infralight.access-key")) }}true{{ end -}}
{{- end }}

{{- /* Not empty when nobody gets an inventory, so that nothing is read but the types. */ -}}
{{- define "stocktake.collectsAlone" -}}
{{- $settings := include "stocktake.settings" . | fromJson -}}
{{- $inventory := list -}}
{{- $objects := list -}}
{{- if or (get $settings "anchore.url") (get $settings "anchore.user") .Values.anchore.password (hasKey .Values.secretSettings "anchore.password") (and .Values.anchore.existingSecret (not (include "stocktake.feedsInfralight" .))) -}}
{{- $inventory = append $inventory "anchore" -}}
{{- end -}}
{{- range $key, $kind := dict "deliver.http.url" (get $settings "deliver.http.kind") "deliver.file.path" (get $settings "deliver.file.kind") -}}
{{- if and (get $settings $key) (has $kind (list "objects" "k8s-collector")) -}}
{{- $objects = append $objects $key -}}
{{- else if get $settings $key -}}
{{- $inventory = append $inventory $key -}}
{{- end -}}
{{- end -}}
{{- if include "stocktake.feedsInfralight" . -}}
{{- $objects = append $objects "infralight" -}}
{{- end -}}
{{- if and (include "stocktake.prints" .) (get $settings "output-kind") -}}
{{- if and (include "stocktake.collects" .) (ne (get $settings "output") "table") (has (get $settings "output-kind") (list "objects" "k8s-collector")) }}true{{ end -}}
{{- else if and $objects (not $inventory) (not (get $settings "output")) (ne (get $settings "verbose-inventory-reports" | toString) "true") (include "stocktake.collects" .) -}}
true
{{- end -}}
{{- end }}

{{- /* The types that the settings name, as JSON: groups that are read as a whole, and types by their full names. */ -}}
{{- define "stocktake.objectTypes" -}}
{{- $settings := include "stocktake.settings" . | fromJson -}}
{{- $builtIns := include "stocktake.builtIns" . | fromJsonArray -}}
{{- $groups := list -}}
{{- $types := dict -}}
{{- range $setting := list "objects.types" "objects.add-types" "objects.remove-types" -}}
{{- $entries := get $settings $setting | default (ternary "default" "" (eq $setting "objects.types")) -}}
{{- if kindIs "string" $entries -}}
{{- $entries = splitList "\n" $entries -}}
{{- end -}}
{{- range $entries -}}
{{- $text := . | trim | lower -}}
{{- $found := list -}}
{{- if or (eq $text "") (contains "/" $text) -}}{{- /* a subresource has no objects of its own */ -}}
{{- else if and (hasPrefix "*." $text) (eq $setting "objects.remove-types") -}}
{{- range $types -}}
{{- if eq .group (trimPrefix "*." $text) -}}
{{- $found = append $found . -}}
{{- end -}}
{{- end -}}
{{- else if hasPrefix "*." $text -}}
{{- $groups = append $groups (trimPrefix "*." $text) | uniq -}}
{{- else -}}
{{- $found = include "stocktake.objectTypesOf" (dict "setting" $setting "text" $text "builtIns" $builtIns) | fromJsonArray -}}
{{- end -}}
{{- range $found -}}
{{- $name := printf "%s.%s" .plural .group -}}
{{- if eq $setting "objects.remove-types" -}}
{{- $_ := unset $types $name -}}
{{- else -}}
{{- $_ := set $types $name . -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (hasKey $types "events.") (hasKey $types "events.events.k8s.io") -}}{{- /* the same objects */ -}}
{{- $_ := unset $types "events.events.k8s.io" -}}
{{- end -}}
{{- dict "groups" $groups "types" $types | toJson -}}
{{- end }}

{{- /* The types of one entry, as JSON. What only the cluster knows is refused. */ -}}
{{- define "stocktake.objectTypesOf" -}}
{{- $text := .text -}}
{{- $known := list -}}
{{- $name := first (splitList "." $text) -}}
{{- $rest := trimPrefix $name $text | trimPrefix "." | trimSuffix "." -}}
{{- $version := first (splitList "." $rest) -}}
{{- $group := $rest -}}
{{- if regexMatch "^v[0-9]+((alpha|beta)[0-9]+)?$" $version -}}
{{- $group = trimPrefix $version $rest | trimPrefix "." -}}
{{- end -}}
{{- $builtIn := list "" -}}
{{- range .builtIns -}}
{{- $builtIn = append $builtIn .group -}}
{{- if or (and (eq $text "default") .default) (and (eq .plural $name) (or (not (contains "." $text)) (eq .group $group))) -}}
{{- $known = append $known . -}}
{{- end -}}
{{- end -}}
{{- if not (or $known (has $group $builtIn)) -}}
{{- $known = list (dict "plural" $name "group" $group "namespaced" true) -}}
{{- end -}}
{{- if not $known -}}
{{- printf "%s: only the cluster can say which types %q means, and the roles of this chart are made without it: give plurals with their groups (deployments.apps, widgets.example.com), or *.example.com; or set rbac.create to false, and apply what `stocktake rbac` prints for these settings" .setting $text | fail -}}
{{- end -}}
{{- toJson $known -}}
{{- end }}

{{- /* The rules of a role, without those resources of Kubernetes' first group that it grants already. */ -}}
{{- define "stocktake.objectRules" -}}
{{- if include "stocktake.collects" .root -}}
{{- $settings := include "stocktake.settings" .root | fromJson -}}
{{- $of := include "stocktake.objectTypes" .root | fromJson -}}
{{- $rules := dict -}}
{{- range $of.groups -}}
{{- $_ := set $rules . (list "*") -}}
{{- end -}}
{{- range $of.types -}}
{{- if and (not (has .group $of.groups)) (or .namespaced (not $.byNamespace)) -}}
{{- $_ := set $rules .group (append (get $rules .group | default list) .plural) -}}
{{- end -}}
{{- end -}}
{{- if has (get $settings "objects.helm") (list "labels" "chart") -}}
{{- $_ := set $rules "" (concat (get $rules "" | default list) (list "configmaps" "secrets") | uniq) -}}
{{- end -}}
{{- range $group := keys $rules | sortAlpha -}}
{{- $resources := get $rules $group -}}
{{- if eq $group "" -}}
{{- range $.granted -}}
{{- $resources = without $resources . -}}
{{- end -}}
{{- end -}}
{{- with $resources }}
- apiGroups: [{{ $group | quote }}]
  resources: [{{ range $i, $one := sortAlpha . }}{{ if $i }}, {{ end }}{{ $one | quote }}{{ end }}]
  verbs: [list]
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
