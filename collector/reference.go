package collector

// SettingText is what manuals and completions say of a setting.
type SettingText struct {
	Name      string   // "anchore.http.timeout-seconds"
	Variables []string // the environment variables that set it, the usual one first
	Default   string
	Text      string   // what it does
	Flag      string   // its own, if it has one: "-dry-run"
	Switch    bool     // its values are true and false
	Choices   []string // the only values that it takes; nil: others too
}

// SettingTexts are those of all settings, in the order of the reference.
func SettingTexts() []SettingText {
	all := catalog()
	texts := make([]SettingText, len(all))
	for i, s := range all {
		texts[i] = SettingText{
			Name: s.name, Variables: s.ownVariables(), Default: s.preset, Text: s.doc, Flag: s.fromArg, Switch: s.kind == kindSwitch, Choices: s.choices,
		}
	}
	return texts
}

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
