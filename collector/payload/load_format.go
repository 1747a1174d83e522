package payload

import (
	"encoding/json"
	"fmt"
	"strings"
)

// checkFormat refuses native bodies of a version that is not known here. What a later
// version says could be misunderstood in silence.
func checkFormat(value []byte) error {
	var format string
	if err := json.Unmarshal(value, &format); err != nil {
		return err
	}
	name, _, _ := strings.Cut(nativeFormat, "/")
	switch version, ours := strings.CutPrefix(format, name+"/"); {
	case format == nativeFormat:
		return nil
	case ours:
		return fmt.Errorf("%.40q is what a newer %s writes, and this one reads %q: update it", name+"/"+version, name, nativeFormat)
	}
	return fmt.Errorf("%.80q is not %q", format, nativeFormat)
}
