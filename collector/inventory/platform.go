package inventory

import "strings"

// Platform is what an image is chosen by from an index of several, in the words of
// OCI's image index. Platforms are comparable.
type Platform struct {
	OS, Arch string // as GOOS and GOARCH spell them
	Version  string // of the system, where images depend on it: on Windows
}

// Platform is that of the node, in one spelling whatever the kubelet says: virtual
// kubelets report "Linux" (virtual-kubelet/systemk#72), and some architectures as
// uname does. Windows reports the build as the version of its kernel.
func (n *Node) Platform() Platform {
	p := Platform{OS: strings.ToLower(n.OperatingSystem), Arch: goarch(n.Architecture)}
	if p.OS == "windows" {
		p.Version = n.KernelVersion
	}
	return p
}

// String returns "linux/amd64" or "windows/amd64/BUILD", and nothing for a platform
// of which a half is not known.
func (p Platform) String() string {
	switch {
	case p.OS == "" || p.Arch == "":
		return ""
	case p.Version != "":
		return p.OS + "/" + p.Arch + "/" + p.Version
	}
	return p.OS + "/" + p.Arch
}

// goarch is an architecture as Go and OCI call it.
func goarch(arch string) string {
	switch arch = strings.ToLower(arch); arch {
	case "x86_64", "x86-64":
		return "amd64"
	case "aarch64":
		return "arm64"
	case "i386", "i686":
		return "386"
	}
	return arch
}
