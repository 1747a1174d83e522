package doctor

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"

	"stocktake/collector"
	"stocktake/collector/payload"
	"stocktake/collector/report"
)

const areaMachine = "this machine"

// What a run takes, measured over 50,000 pods and rounded up: memory in bytes
// besides the body, which stays the same however large the cluster is, and bytes
// of a compressed body for each pod.
const (
	memoryOfRun = 48 << 20
	bytesPerPod = 250
	// objectsCompressed is how many times smaller bodies of whole objects are compressed:
	// 4 MiB became 0.35 MB.
	objectsCompressed = 10
)

// machine looks at memory and disk.
func (d *doctor) machine() {
	var body int64
	for kind := range d.kinds() {
		if payload.Kind(kind).Chunked() {
			body += d.objs / objectsCompressed
		} else {
			body += d.pods * bytesPerPod
		}
	}
	body = max(body, d.pods*bytesPerPod, d.objs/objectsCompressed)
	d.memory(os.DirFS(collector.Cgroups), min(body, int64(d.session.Settings.Payload.SpoolMemory)))
	d.spool(body)
}

// memory compares the limit of the container with what a run takes.
func (d *doctor) memory(root fs.FS, held int64) {
	need := memoryOfRun + held
	limit, limited := collector.MemoryLimit(root)
	switch {
	case !limited:
		d.tell(areaMachine, report.Passed, fmt.Sprintf("memory: no limit (cgroup); a run takes up to %s", mebibytes(need)), "")
	case limit < need:
		d.tell(areaMachine, report.Warned, fmt.Sprintf("memory: the limit (cgroup) is %s, a run takes up to %s", mebibytes(limit), mebibytes(need)),
			"raise the memory limit of the container (resources.limits.memory of the chart), or lower spool.memory")
	default:
		d.tell(areaMachine, report.Passed, fmt.Sprintf("memory: the limit (cgroup) is %s, a run takes up to %s", mebibytes(limit), mebibytes(need)), "")
	}
}

// spool looks at the folder that takes what of a body is not held in memory.
func (d *doctor) spool(body int64) {
	folder := cmp.Or(d.session.Settings.Payload.SpoolDir, os.TempDir())
	held := int64(d.session.Settings.Payload.SpoolMemory)
	says := fmt.Sprintf("spool.dir: what of a body is beyond %s goes to %s", mebibytes(held), folder)
	if body > 0 {
		says += fmt.Sprintf("; this cluster's has some %s", mebibytes(body))
	}
	if err := writable(folder); err != nil {
		err = fmt.Errorf("spool.dir: no temporary file can be made: %w", err)
		advice := "give spool.dir a writable folder (an emptyDir in a pod), or raise spool.memory"
		if body > held || held == 0 {
			d.fail(inReading, areaMachine, err, advice)
			return
		}
		d.tell(areaMachine, report.Warned, err.Error()+"; bodies up to "+mebibytes(held)+" need none", advice)
		return
	}
	free, known := freeSpace(folder)
	if known && free < body-held {
		d.tell(areaMachine, report.Warned, says+", and only "+mebibytes(free)+" are free", "make room, or name another folder with spool.dir")
		return
	}
	if known {
		says += "; " + mebibytes(free) + " free"
	}
	d.tell(areaMachine, report.Passed, says, "")
}

// mebibytes is a size for people, as Kubernetes writes it.
func mebibytes(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 10<<20 || n == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n < 1<<20:
		return fmt.Sprintf("%d KiB", (n+1023)>>10)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
