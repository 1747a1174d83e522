package anchoretest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// uidPattern is the published pattern of every UID in a report; the length is 36 and capitals are refused.
const uidPattern = `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`

// uid is a UID as its 16 bytes: a report of a large cluster has hundreds of thousands.
type uid [16]byte

// uidSet holds the UIDs of one kind of object.
type uidSet map[uid]struct{}

// add puts u into the set and reports whether it was new.
func (s uidSet) add(u uid) bool {
	before := len(s)
	s[u] = struct{}{}
	return len(s) > before
}

func (s uidSet) has(u uid) bool {
	_, ok := s[u]
	return ok
}

// uuid is the rule of a UID.
func uuid(raw json.RawMessage) error {
	_, err := parseUID(raw)
	return err
}

func parseUID(raw json.RawMessage) (uid, error) {
	s, err := decodeText(raw)
	if err != nil {
		return uid{}, err
	}
	u, ok := uidOf(s)
	if !ok {
		return uid{}, fmt.Errorf("'%s' does not match '%s'", excerpt(json.RawMessage(s)), uidPattern)
	}
	return u, nil
}

func uidOf(s string) (uid, bool) {
	var u uid
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return u, false
	}
	digits := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	for _, c := range digits {
		if c >= 'A' && c <= 'F' {
			return u, false
		}
	}
	_, err := hex.Decode(u[:], []byte(digits))
	return u, err == nil
}

// String formats u the way it came.
func (u uid) String() string {
	h := hex.EncodeToString(u[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
