package settings

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAddressesAreShownWithoutLogin(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{ //nolint:gosec // none of them is real
		"https://anchore.example.com":                            `"https://anchore.example.com"`,
		"https://u:FAKE-PW@anchore.example.com/api":              `"https://anchore.example.com/api" (without its login and query)`,
		"https://FAKE-PW@x.example.com":                          `"https://x.example.com" (without its login and query)`,
		"https://u:FAKE-PW@x.example.com/?sig=FAKE-SIG":          `"https://x.example.com/" (without its login and query)`,
		"https://x.example.com/in?sig=FAKE-SIG&x=a@b#FAKE":       hiddenValue,
		"https://x.example.com/in?sig=FAKE-SIG#FAKE":             `"https://x.example.com/in" (without its login and query)`,
		"https://u:1/FAKE-PW@x.example.com":                      hiddenValue,
		"https://u:1?FAKE-PW@x.example.com":                      hiddenValue,
		"https://u:1#FAKE-PW@x.example.com":                      hiddenValue,
		"https://u:FAKE%zz@x.example.com":                        hiddenValue,
		"https://u:FAKE@PW@x.example.com":                        `"https://x.example.com" (without its login and query)`,
		"u:FAKE-PW@x.example.com":                                hiddenValue,
		"x.example.com:9091?sig=FAKE":                            hiddenValue,
		"x.example.com:9091":                                     `"x.example.com:9091"`,
		"https://u:" + strings.Repeat("FAKE", 50) + "@h.example": `"https://h.example" (without its login and query)`,
	} {
		for _, name := range []string{"anchore.url", "kubeconfig.server"} {
			out := table(Sources{Flags: map[string]string{name: value}})
			assert.NotContains(t, out, "FAKE", value)
			assert.Regexp(t, `(?m)^`+name+` +.*flag`, out)
			assert.Contains(t, out, want, value)
		}
	}
	out := table(Sources{Flags: map[string]string{"kubeconfig.context": "https://u:FAKE-PW@h"}}) //nolint:gosec // no real one
	assert.NotContains(t, out, "FAKE", "an address in another setting")
}
