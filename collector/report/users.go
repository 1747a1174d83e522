package report

// users gathers who uses an image.
type users struct {
	pods, running, containers int
	lives                     [idle + 1]bool
	kinds                     [maxKinds]bool
	last                      int32 // the pod that was counted last, plus 1
	namespaces, nodes         []int32
	workloads                 [][2]int32 // with the namespace
}

func (a *users) add(u *use, pod *podEntry) {
	a.containers++
	a.kinds[u.kind] = true
	if a.last == u.pod+1 {
		return
	}
	a.last = u.pod + 1
	a.lives[pod.life] = true
	a.namespaces = appendNew(a.namespaces, pod.namespace)
	if !pod.named {
		return
	}
	a.pods++
	if pod.life == running {
		a.running++
	}
	a.nodes = appendNew(a.nodes, pod.node)
	a.workloads = appendNew(a.workloads, [2]int32{pod.namespace, pod.workload})
}
