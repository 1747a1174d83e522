package settings

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// mountedFolder is where a pod's ConfigMap and Secret are mounted.
const mountedFolder = "/etc/config"

// defaultFolder is the folder of settings that counts when -config names none:
// /etc/config in a pod; elsewhere the folder stocktake of the user's own
// configuration ($XDG_CONFIG_HOME, else ~/.config). It is empty when there is no
// such folder. The current folder never counts: a stranger's checkout must not
// change what a command does.
func defaultFolder(environ []string) string {
	if InPod(environ) {
		return existingFolder(mountedFolder)
	}
	vars := Environment(environ)
	base := vars["XDG_CONFIG_HOME"]
	if !filepath.IsAbs(base) { // as the specification of these folders has it
		base = filepath.Join(cmp.Or(vars["HOME"], vars["USERPROFILE"]), ".config")
	}
	if !filepath.IsAbs(base) {
		return ""
	}
	return existingFolder(filepath.Join(base, "stocktake"))
}

// existingFolder is empty when the folder is not there, or lies in a home that
// belongs to somebody else. One that is there and cannot be read is for its
// reader to complain of.
func existingFolder(path string) string {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return ""
	case err == nil && !info.IsDir():
		return ""
	}
	return path
}
