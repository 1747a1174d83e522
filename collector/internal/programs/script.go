package programs

import (
	"os"
	"syscall"
)

// WriteScript writes a file that may be started at once. A program that some other
// goroutine starts while the file is open for writing takes the open file along until
// it is replaced by what it runs, and for so long the kernel refuses to start the
// script ("text file busy", https://go.dev/issue/22315): so nothing is started meanwhile.
func WriteScript(path, text string) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(path, []byte(text), 0o755)
}
