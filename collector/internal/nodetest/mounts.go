//go:build linux

package nodetest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// stateDir holds every file of the node.
const stateDir = "/run/nodetest"

// covered are the folders in which the programs of a node write, wherever they
// are told to: each becomes an empty one of the node's own, in memory.
var covered = []string{"/run", "/var/lib", "/var/log"}

// tuned are the settings of the kernel that a kubelet insists on, and which belong
// to no namespace. It gets files to write to instead.
var tuned = []string{
	"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops",
	"kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
}

// furnish gives the mount namespace what a node needs and hides what it must not
// touch.
func furnish() error {
	// Else every mount below would reach the machine.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	for _, folder := range covered {
		if err := syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_NOSUID, "mode=0755"); err != nil {
			return fmt.Errorf("mount a tmpfs on %s: %w", folder, err)
		}
	}
	for _, setting := range tuned {
		if err := coverSetting(setting); err != nil {
			return fmt.Errorf("cover /proc/sys/%s: %w", setting, err)
		}
	}
	return os.MkdirAll(filepath.Join(stateDir, "tmp"), 0o700)
}

// coverSetting mounts a file of the same content over a setting. Not every kernel
// has every setting.
func coverSetting(name string) error {
	setting := filepath.Join("/proc/sys", name)
	value, err := os.ReadFile(setting)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	file, err := writeState("sysctl/"+strings.ReplaceAll(name, "/", "."), value)
	if err != nil {
		return err
	}
	return syscall.Mount(file, setting, "", syscall.MS_BIND, "")
}

// writeState writes a file of the node and returns its path.
func writeState(name string, data []byte) (string, error) {
	path := filepath.Join(stateDir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, data, 0o600)
}
