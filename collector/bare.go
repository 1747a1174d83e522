package collector

// Bare says that a person started the program with nothing at all: no flag, no
// variable and no file says what to do. A run would refuse that too, but somebody
// who tries the program for the first time is better served by being told what
// there is. In a pod and in a pipe it is a run that lacks its settings.
func Bare(inv Invocation) bool {
	if !isTerminal(inv.Stderr) || inPod(inv.Environ) {
		return false
	}
	l, err := load(inv)
	return err == nil && len(l.values) == 0
}
