package object

import (
	"slices"
	"strings"
)

// Rules says of every type what may be sent of its objects. It is made once and does not
// change.
type Rules struct {
	builtIns map[string]*rule // of objects that a table knows, by group and kind
	customs  map[string]*rule // the same of custom resources
	others   *rule            // of all other objects
	full     *rule            // of objects of which all is sent that can be
	metadata *rule            // of objects of which nothing but the metadata is sent

	meta             *rule // of metadata
	ignored, dropped *rule
}

// NewRules reads the tables. The values of the given annotations are sent, unless they are
// known to hold secrets or whole objects.
func NewRules(annotations []string) *Rules {
	r := &Rules{ignored: below(ignore), dropped: below(drop)}
	keys := &rule{class: masked, fields: map[string]*rule{}, other: below(masked)}
	for _, name := range annotations {
		if !neverSent(name) {
			keys.fields[name] = &rule{class: keep, other: below(masked)}
		}
	}
	builtIns := table{annotations: keys, dropped: r.dropped, other: below(unknown), structs: map[string]*rule{}}
	r.builtIns = builtIns.read(builtInTable)
	r.meta = builtIns.structs[objectMeta]
	customs := table{annotations: keys, dropped: r.dropped, other: r.custom(), structs: map[string]*rule{objectMeta: r.meta}}
	r.customs = customs.read(customTable)
	r.open(keys)
	r.metadata = &rule{other: r.dropped, fields: map[string]*rule{"metadata": r.meta}}

	return r
}

// custom makes the rules of custom resources and returns that of all below their top.
func (r *Rules) custom() *rule {
	loose := &rule{class: masked}
	loose.other = loose
	leaf := &rule{class: keep, other: loose}
	loose.refs = &rule{class: masked, fields: map[string]*rule{"name": leaf}, refs: loose.refs, other: loose}
	loose.fields = map[string]*rule{
		"image": {class: reference, fields: loose.fields, other: loose},
		"conditions": {class: masked, other: loose, fields: map[string]*rule{
			"type": leaf, "status": leaf, "reason": leaf,
		}},
	}
	r.others = &rule{class: masked, refs: loose.refs, other: loose, fields: map[string]*rule{
		"metadata": r.meta, "image": loose.fields["image"], "conditions": loose.fields["conditions"],
	}}

	return loose
}

// open makes the rule of objects of which all is sent. Metadata may also be in them:
// templates have some.
func (r *Rules) open(annotations *rule) {
	open := &rule{class: keep}
	open.other = open
	open.fields = map[string]*rule{"metadata": {class: keep, other: open, fields: map[string]*rule{
		"annotations": annotations, "managedFields": r.dropped,
	}}}
	r.full = open
}

// root is the rule of the objects of a type.
func (r *Rules) root(t Type, level Level) *rule {
	kinds := r.customs
	if t.BuiltIn {
		kinds = r.builtIns
	}
	switch found := kinds[t.Group+"/"+t.Kind]; {
	case level == Metadata:
		return r.metadata
	case level == Full:
		return r.full
	case found != nil:
		return found
	default:
		return r.others
	}
}

// neverSent reports annotations whose values are not sent whoever wants them: copies of the
// object that tools keep, with all that was taken out of it, and tokens.
func neverSent(annotation string) bool {
	return slices.Contains(copies, annotation) || strings.Contains(annotation, "last-applied")
}

var copies = []string{
	"kubectl.kubernetes.io/last-applied-configuration",
	"kapp.k14s.io/original",
	"kapp.k14s.io/original-diff",
	"objectset.rio.cattle.io/applied",
	"openshift.io/token-secret.value",
}
