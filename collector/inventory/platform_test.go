package inventory_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"stocktake/collector/inventory"
)

func TestPlatformHasOneSpelling(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ os, arch, kernel, want string }{
		{"linux", "amd64", "6.12", "linux/amd64"},
		{"Linux", "amd64", "", "linux/amd64"}, // virtual-kubelet/systemk#72
		{"LINUX", "x86_64", "", "linux/amd64"},
		{"Linux", "aarch64", "", "linux/arm64"},
		{"linux", "ARM64", "", "linux/arm64"},
		{"linux", "riscv64", "", "linux/riscv64"},
		{"windows", "amd64", "10.0.20348.2762", "windows/amd64/10.0.20348.2762"},
		{"Windows", "amd64", "10.0.20348.2762", "windows/amd64/10.0.20348.2762"},
		{"Windows", "amd64", "", "windows/amd64"},
		{"linux", "", "", ""},
		{"", "amd64", "", ""},
	} {
		n := inventory.Node{OperatingSystem: test.os, Architecture: test.arch, KernelVersion: test.kernel}
		assert.Equal(t, test.want, n.Platform().String(), test)
	}
}
