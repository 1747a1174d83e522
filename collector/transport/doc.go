// Package transport holds what every exchange over HTTP with somebody has in common, whoever that is: an API server, a
// receiver, a registry, a proxy in between: a client with TLS and redirects that stay with an origin (NewClient), when and
// how often something is tried again (RetryPolicy, RetryAfter), how long a peer may make no progress (StallWatch), whether
// a body had left when it was answered (Departure), what happened on the way (Trace), and what may be repeated of the
// words that came.
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
