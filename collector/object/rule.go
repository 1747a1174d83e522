package object

// class is what becomes of a string.
type class uint8

const (
	unknown class = iota // masked, because nobody knows it
	keep
	masked
	sized     // masked, with its length
	link      // a URL, which is kept without userinfo, query and fragment
	reference // kept if it can be the name of an image
	drop      // not there at all, whatever it is
	ignore    // below something that is dropped
)

// rule says what becomes of a value: of a string, or of the members of an object. The
// elements of an array follow the rule of the array.
type rule struct {
	class  class
	fields map[string]*rule
	refs   *rule    // of members whose names end in Ref
	other  *rule    // of all other members
	only   []string // of what is dropped: the values, in JSON, that it may have
}

// of is the rule of a member.
func (r *rule) of(name []byte) *rule {
	if sub, found := r.fields[string(name)]; found {
		return sub
	}
	if r.refs != nil && len(name) > 3 && string(name[len(name)-3:]) == "Ref" {
		return r.refs
	}
	return r.other
}

// below is a rule that holds for all that is below a value, too.
func below(c class) *rule {
	r := &rule{class: c}
	r.other = r
	return r
}
