package payload

import (
	"stocktake/collector/inventory"
)

// nativeFormat names the native body and the version of its schema.
const nativeFormat = "stocktake/v1"

// nativeOpening is the native body up to its first array. It tells how the run
// ended, although it comes first: a reader must know at once whether the inventory
// is complete, and the frame is written last.
func nativeOpening(head *Head, o *inventory.Outcome) string {
	dst := appendMember([]byte("{"), "format", nativeFormat)
	dst = append(appendKey(dst, "cluster"), '{')
	dst = appendMember(dst, "name", head.Cluster)
	dst = appendOptional(dst, "uid", head.ClusterUID)
	if head.Server.Known() {
		dst = appendServer(appendKey(dst, "version"), &head.Server)
	}
	dst = append(dst, '}')
	dst = appendRun(appendKey(dst, "run"), head, o)
	dst = append(appendKey(dst, "gaps"), '[')
	for i, gap := range o.Gaps {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendGap(dst, gap)
	}
	dst = append(dst, ']')
	return string(append(appendKey(dst, "nodes"), '['))
}

func appendRun(dst []byte, head *Head, o *inventory.Outcome) []byte {
	dst = append(dst, '{')
	dst = appendOptional(dst, "id", head.Run)
	dst = appendOptional(dst, "tool_version", head.ToolVersion)
	dst = appendMember(dst, "started", stamp(head.Time))
	dst = appendMember(dst, "finished", stamp(o.Finished))
	dst = appendBool(dst, "complete", o.Complete)
	dst = appendOptional(dst, "consistency", string(o.Listing.Consistency))
	dst = appendOptional(dst, "resource_version", o.Listing.ResourceVersion)
	dst = appendInt(dst, "pages", o.Listing.Pages)
	return append(dst, '}')
}

func appendGap(dst []byte, gap inventory.Gap) []byte {
	dst = appendMember(append(dst, '{'), "source", gap.Source)
	return append(appendMember(dst, "reason", gap.Reason), '}')
}

func appendNativeNode(dst []byte, n *inventory.Node) []byte {
	dst = append(dst, '{')
	dst = appendMember(dst, "name", n.Name)
	dst = appendOptional(dst, "uid", n.UID)
	dst = appendOptional(dst, "os", n.OperatingSystem)
	dst = appendOptional(dst, "arch", n.Architecture)
	dst = appendOptional(dst, "os_image", n.OSImage)
	dst = appendOptional(dst, "kernel_version", n.KernelVersion)
	dst = appendOptional(dst, "container_runtime_version", n.ContainerRuntimeVersion)
	dst = appendOptional(dst, "kubelet_version", n.KubeletVersion)
	dst = appendLabels(dst, "labels", n.Labels)
	dst = appendLabels(dst, "annotations", n.Annotations)
	return append(dst, '}')
}
