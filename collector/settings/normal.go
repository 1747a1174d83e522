package settings

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// normal is a value in the form that the decoder takes. Settings come from files
// that templates rendered, and from shells, so the same value has several
// spellings.
func (s Setting) normal(v Value) (string, error) {
	switch {
	case !s.Secret && printedForNothing.MatchString(v.Text):
		return "", Invalid(s.Name, "%q is what a template prints of a value that is not there (from %s): leave the key out", v.Text, v.Source)
	case s.kind == kindList:
		return lines(v.Text), nil
	case s.kind == kindNumber, s.kind == kindUsable:
		return wholeNumber(v.Text), nil
	case len(s.Choices) > 0 && v.Text != "":
		return s.chosen(v)
	}
	return v.Text, nil
}

// printedForNothing matches what templates of Go print of a value that is not there.
var printedForNothing = regexp.MustCompile(`^(<nil>|<no value>|%!.\(<nil>\))$`)

// chosen is the choice that a value names, in upper or lower case.
func (s Setting) chosen(v Value) (string, error) {
	for _, choice := range s.Choices {
		if strings.EqualFold(choice, v.Text) {
			return choice, nil
		}
	}
	return "", Invalid(s.Name, "%s is not one of %s (from %s)", s.Show(v.Text), strings.Join(s.Choices, ", "), v.Source)
}

// decimal is a number with a fraction or an exponent: templates of Helm write
// 10485760 as 1.048576e+07, because they read every number of the values as one
// with a fraction.
var decimal = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$`)

// wholeNumber writes a decimal that is a whole number without fraction and
// exponent. Everything else stays as it is: the decoder refuses it by name. Beyond
// 2^53 not every whole number has such a form, so none is taken from one.
func wholeNumber(value string) string {
	text := strings.TrimSpace(value)
	if !strings.ContainsAny(text, ".eE") || !decimal.MatchString(text) {
		return value
	}
	const exact = 1 << 53
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != math.Trunc(n) || math.Abs(n) > exact {
		return value
	}
	return strconv.FormatInt(int64(n), 10)
}

// lines puts each entry of a list on a line of its own, which is how the decoder
// takes it: from lines, from a YAML list, or from text with commas. An entry with
// a comma in it needs one of the first two.
func lines(value string) string {
	if strings.Contains(value, "\n") {
		return strings.TrimSuffix(value, "\n")
	}
	if strings.HasPrefix(value, "[") {
		var entries []string
		if yaml.Unmarshal([]byte(value), &entries) == nil {
			return strings.Join(entries, "\n")
		}
	}
	return strings.ReplaceAll(value, ",", "\n")
}
