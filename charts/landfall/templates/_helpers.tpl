{{- /* The name of the cluster. */ -}}
{{- define "landfall.cluster" -}}
{{- if not .Values.cluster -}}
{{- fail "cluster: expected the name of this cluster, such as --set cluster=production; it is part of every observation and record" -}}
{{- end -}}
{{- .Values.cluster -}}
{{- end -}}

{{- /*
Fails where the cluster does not know a kind that a value asks for, of (dict "root" $ "value" "NAME" "kind"
"GROUP/VERSION/KIND" "next" "what to do"). A cluster that Helm asks names its kinds, those of Kubernetes among them; where
none is asked (helm template, helm lint), all is rendered.
*/ -}}
{{- define "landfall.requires" -}}
{{- $known := .root.Capabilities.APIVersions -}}
{{- if and ($known.Has "apps/v1/StatefulSet") (not ($known.Has .kind)) -}}
{{- fail (printf "%s: this cluster does not know the kind %s (%s); %s" .value (base .kind) (dir .kind) .next) -}}
{{- end -}}
{{- end -}}

{{- /* Where the agents are. */ -}}
{{- define "landfall.agentNamespace" -}}
{{- .Values.agent.namespace | default .Release.Namespace -}}
{{- end -}}

{{- /* An image, of (dict "root" $ "of" .Values.agent "name" "agent"). */ -}}
{{- define "landfall.image" -}}
{{- $registry := .of.image.registry | default .root.Values.image.registry -}}
{{- if not $registry -}}
{{- fail (printf "image.registry: expected the registry that holds the images, such as --set image.registry=registry.example.org/privacy (or %s.image.registry); `make image` makes them" .name) -}}
{{- end -}}
{{- $image := printf "%s/%s" (trimSuffix "/" $registry) .of.image.repository -}}
{{- if .of.image.digest -}}
{{- printf "%s@%s" $image .of.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image (.of.image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- /* Labels of an object, of (dict "root" $ "name" "landfall-agent"). */ -}}
{{- define "landfall.labels" -}}
{{- $labels := dict
      "app.kubernetes.io/name" .name
      "app.kubernetes.io/instance" .root.Release.Name
      "app.kubernetes.io/part-of" "landfall"
      "app.kubernetes.io/version" .root.Chart.AppVersion
      "app.kubernetes.io/managed-by" .root.Release.Service
      "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version)
-}}
{{- mergeOverwrite $labels .root.Values.commonLabels (.more | default dict) | toYaml -}}
{{- end -}}

{{- /* Labels by which the pods are known; they cannot be changed later. */ -}}
{{- define "landfall.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- /* Labels of the pods. No version: an upgrade that changes nothing else restarts nothing. */ -}}
{{- define "landfall.podLabels" -}}
{{- $labels := dict "app.kubernetes.io/part-of" "landfall" -}}
{{- $selector := include "landfall.selector" . | fromYaml -}}
{{- mergeOverwrite $labels .root.Values.commonLabels .of.podLabels $selector | toYaml -}}
{{- end -}}

{{- /* Environment variables of both programs. */ -}}
{{- define "landfall.environment" -}}
- name: LANDFALL_CLUSTER
  value: {{ include "landfall.cluster" .root | quote }}
- name: LANDFALL_LOG_LEVEL
  value: {{ .root.Values.log.level | quote }}
- name: LANDFALL_LOG_FORMAT
  value: {{ .root.Values.log.format }}
{{- end -}}

{{- /*
Patterns of the interfaces to capture. docs/networks.md says which plugin names them how. Two are as narrow as names allow:
AWS' pods with security groups, `vlan` and eleven digits, which no ordinary VLAN interface is called (nor AWS' own
`vlan.eth.1`); and OVN-Kubernetes' fifteen digits, which no card is called.
*/ -}}
{{- define "landfall.interfaces" -}}
{{- $aws := list "eni*" "vlan???????????" -}}
{{- $ovn := list "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]???????????" -}}
{{- $presets := dict
      "cilium" (list "lxc*")
      "calico" (list "cali*")
      "flannel" (list "veth*")
      "aws-vpc" $aws
      "gke" (list "gke*" "veth*" "lxc*")
      "azure" (list "azv*" "veth*" "lxc*")
      "kindnet" (list "veth*")
      "ovn-kubernetes" $ovn
      "auto" (concat (list "veth*" "cali*" "lxc*" "gke*" "azv*") $aws $ovn)
-}}
{{- $interfaces := .Values.agent.interfaces | default (get $presets .Values.cni) -}}
{{- if .Values.agent.hostNetworkPods.enabled -}}
{{- $interfaces = concat $interfaces .Values.agent.hostNetworkPods.interfaces -}}
{{- end -}}
{{- join "," (uniq $interfaces) -}}
{{- end -}}
