// Package plaintext makes plain text of what others wrote: it decodes files, and makes
// text safe to show.
//
// A file may be in UTF-16 or begin with a byte order mark, as programs of Windows write
// it. The words of a server, the name of a file and the value of a setting can hold
// characters that a terminal obeys (colours, the title of the window, what is typed
// next) or that change the direction of writing, so that a reader sees something other
// than what is there.
//
// It imports nothing of ours and knows nothing of clusters, so that every package that
// reads, shows or logs such text can use it: settings below all others as well as
// report, which knows no settings. There is one rule for each, and it is here.
package plaintext
