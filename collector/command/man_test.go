package command_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stocktake/collector"
)

// plain takes the marks of man(7) out of a page.
func plain(page string) string {
	page = regexp.MustCompile(`\\f[BR]`).ReplaceAllString(page, "")
	return strings.NewReplacer(`\-`, "-", `\(aq`, "'", `\(ti`, "~", `\(ha`, "^", `\(ga`, "`", `\e`, `\`, `\&`, "").Replace(page)
}

func manual(t *testing.T) string {
	t.Helper()
	code, page, stderr := line(t, "man")
	require.Equal(t, collector.OK, code, stderr)
	return page
}

func TestManualHoldsEverythingThatCanBeSaid(t *testing.T) {
	t.Parallel()
	page := plain(manual(t))
	for _, title := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "SETTINGS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"} {
		assert.Contains(t, page, ".SH \""+title+"\"\n")
	}
	for _, command := range listed(t) {
		assert.Contains(t, page, ".SS \"stocktake "+command, command)
		_, help, _ := line(t, command, "-help")
		for _, flag := range regexp.MustCompile(`(?m)^   (-[^ ].*?)(  |$)`).FindAllStringSubmatch(help, -1) {
			assert.Contains(t, page, "\n"+strings.TrimSpace(flag[1])+"\n", command)
		}
	}
	for _, s := range collector.Catalog() {
		assert.Contains(t, page, "\n"+s.Name+"\n")
		for _, variable := range s.OwnVariables() {
			assert.Contains(t, page, variable)
		}
	}
	for _, e := range collector.ExitTexts() {
		assert.Contains(t, page, fmt.Sprintf(".TP\n%d\n", e.Code))
	}
}

// TestManualIsTextAndNoRequests: what begins a line with a dot or a quote would
// be a request, and would vanish.
func TestManualIsTextAndNoRequests(t *testing.T) {
	t.Parallel()
	known := regexp.MustCompile(`^\.(TH|SH|SS|PP|TP|EX|EE|br|nh|ad)( |$)`)
	for text := range strings.SplitSeq(manual(t), "\n") {
		if strings.HasPrefix(text, ".") {
			assert.Regexp(t, known, text)
		}
		assert.False(t, strings.HasPrefix(text, "'"), text)
		assert.NotRegexp(t, `[^\x20-\x7e]`, text, "what is not ASCII is escaped")
		assert.LessOrEqual(t, len(strings.TrimSpace(text)), 200)
	}
}
