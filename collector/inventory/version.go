package inventory

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ServerVersion is the answer of the API server to GET /version, which
// receivers store as it is. The zero ServerVersion is one that is not known.
type ServerVersion struct {
	Major        string
	Minor        string
	GitVersion   string
	GitCommit    string
	GitTreeState string
	BuildDate    string
	GoVersion    string
	Compiler     string
	Platform     string
	// Others are what an answer says besides, in its order: emulationMajor and
	// minCompatibilityMajor since Kubernetes 1.33 (KEP-4330).
	Others []VersionField
}

// VersionField is a member of an answer to GET /version that has no name of its
// own in ServerVersion.
type VersionField struct {
	Name  string
	Value json.RawMessage // as encoding/json writes it: compact, members of objects in order
}

// Known reports whether there was an answer that tells a version.
func (v *ServerVersion) Known() bool { return v.Major != "" || v.GitVersion != "" }

// UnmarshalJSON keeps all members of an answer. Of one that comes twice the last
// counts, and null leaves everything as it is, as in encoding/json.
func (v *ServerVersion) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	open, err := decoder.Token()
	if err != nil || open == nil {
		return err
	}
	if open != json.Delim('{') {
		return fmt.Errorf("a version is an object and not %.20q", text)
	}
	fields := v.fields()
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if field := fields[name]; field != nil {
			err = decoder.Decode(field)
		} else {
			err = v.keep(name, decoder)
		}
		if err != nil {
			return fmt.Errorf("%.80q: %w", name, err)
		}
	}
	_, err = decoder.Token()
	return err
}

func (v *ServerVersion) fields() map[string]*string {
	return map[string]*string{
		"major": &v.Major, "minor": &v.Minor, "gitVersion": &v.GitVersion, "gitCommit": &v.GitCommit, "gitTreeState": &v.GitTreeState,
		"buildDate": &v.BuildDate, "goVersion": &v.GoVersion, "compiler": &v.Compiler, "platform": &v.Platform,
	}
}

// keep adds the value that comes next to Others, in the one form that a value has.
func (v *ServerVersion) keep(name string, decoder *json.Decoder) error {
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	for i := range v.Others {
		if v.Others[i].Name == name {
			v.Others[i].Value = text
			return nil
		}
	}
	v.Others = append(v.Others, VersionField{name, text})
	return nil
}
