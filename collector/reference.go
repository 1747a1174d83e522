package collector

// ExitText is what manuals say of an exit code.
type ExitText struct {
	Code    Code
	Meaning string
	Retry   string // whether a retry helps; empty where nothing failed
}

// ExitTexts are those of all exit codes.
func ExitTexts() []ExitText {
	texts := make([]ExitText, len(exitCodes))
	for i, c := range exitCodes {
		texts[i] = ExitText{c.code, c.meaning, c.retry}
	}
	return texts
}
