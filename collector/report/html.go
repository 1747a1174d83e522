package report

import (
	"crypto/sha256"
	_ "embed" // the three parts of the page
	"encoding/base64"
)

// The page is one file. It needs nothing else, from nowhere: a browser may not
// load anything for it (Content-Security-Policy), and its script and style run
// only because their hashes are in that policy. Whatever the cluster says is
// text, escaped by html/template for the place where it stands, and none of it is
// inside the script: there is nothing to break out of.
//
// The table is there without the script, which some viewers of mails and build
// artefacts do not run. With it, the table can be searched, sorted and filtered;
// the script takes all rows out of the document and puts back those that are
// looked at, so that 5,000 of them do not slow it down.
var (
	//go:embed html/page.html
	pageText string
	//go:embed html/page.css
	pageStyle string
	//go:embed html/page.js
	pageScript string
)

// pagePrelude runs before there are rows. It says that the script is going to run,
// where it may run, so that the rows can wait for it.
const pagePrelude = "document.documentElement.className = 'scripted'"

// policy lets the page do nothing but run its own scripts and style.
func policy() string {
	return "default-src 'none'; script-src " + source(pagePrelude) + " " + source(pageScript) + "; style-src " + source(pageStyle) + "; base-uri 'none'; form-action 'none'"
}

// source is a text in the form of a hash source (CSP level 3, section 2.3.1).
func source(text string) string {
	sum := sha256.Sum256([]byte(text))

	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
