package collector

import "stocktake/collector/settings"

// AtTerminal says whether a person sits in front of the program: input, output or
// log is a terminal. In a pod it does not count that somebody looks on (kubectl
// run -it): what starts a pod has decided on a run.
func AtTerminal(inv Invocation) bool {
	if settings.InPod(inv.Environ) {
		return false
	}
	return isTerminal(inv.Stdin) || isTerminal(inv.Stdout) || isTerminal(inv.Stderr)
}
