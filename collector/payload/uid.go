package payload

// isUID reports whether s has the form that Anchore's schema asks of every UID:
// lower-case hexadecimal digits in groups of 8, 4, 4, 4 and 12. The API server
// makes no others, but it accepts any text from who creates objects by hand, and
// one bad UID makes the receiver refuse the whole body.
func isUID(s string) bool {
	const form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		isDigit := '0' <= s[i] && s[i] <= '9' || 'a' <= s[i] && s[i] <= 'f'
		if isDigit != (form[i] == 'x') || !isDigit && s[i] != '-' {
			return false
		}
	}
	return true
}
