// Package browser tests the page that `stocktake report` writes, in Chromium: what
// a person does there, what a screen reader is told, what paper shows, and that
// nothing in a cluster's names can make the page do anything.
//
// The tests run the built program on saved inventories that they make up, so what
// is tested is what users get. STOCKTAKE names the program, SCREENS a folder for
// pictures of the page, which someone should look at after a change to its style.
package browser
