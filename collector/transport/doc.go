// Package transport has exchanges over HTTP with somebody, whoever that is: a receiver, a scanner, a registry, or a proxy
// in between that answers in their place.
//
// A Client is for one service. Do makes a Request until it succeeds, fails for good, or no time is left, and returns an
// Answer, whose body it keeps up to a limit or hands to a reader while it arrives, or an Error. The Error says whose move
// it is (Kind), and repeats what the service said as far as that is fit for a log. Redirects stay with an origin. Time is
// measured as silence, and a success counts only if the body had left when it was answered. Probe makes an exchange and
// tells of each step on the way, as a Finding.
//
// What an answer means is for the packages that ask: deliver knows receivers, and turns kinds into exit codes.
//
// # Secrets in foreign words
//
// What a server says about a refusal is worth repeating in a log, but servers and what stands before them like to play
// back what they got, and that is how a password comes into a log. They play it back in the form that their language
// and their template give it: escaped for HTML by one rule or another, percent-encoded in part, as JSON of Python or of
// Go, inside a Basic login in base64. A list of these forms is never complete, so a Redactor does not make spellings of
// a secret and look for them. It reads the text that came, in every way in which a program would decode it, and cuts out
// each stretch that reads as the secret.
//
// What it decodes: percent-encoding, backslash escapes (JSON, Go, Python, JavaScript, C, LDAP), entities of HTML and
// XML, quoted-printable, doubled quotes (SQL, CSV, YAML, shells), each for a single character or for all and three
// deep in any mixture; text in Latin-1 or UTF-16, or UTF-8 that was taken for Latin-1; and base64, hexadecimal
// and lists of bytes in decimal, from any offset, wrapped over lines, and twice over. What it does not:
// ciphers, digests, compression, text in another case, backwards or in pieces. A receiver that wants to tell a secret
// can; it has the secret, and whom it tells is beyond us.
//
// A secret of fewer than Shortest bytes is not looked for: it would tear holes into words and hide nothing.
package transport
