package object

import (
	"bytes"
	"encoding/base64"
)

// tripped reports text that holds what cannot be anything but a secret: a private key in PEM,
// also in base64, a JWT, or a token that starts as only those of its issuer do. It is a net
// below the tables and not their substitute: hunter2 goes through.
func tripped(text []byte) bool {
	if len(text) < minToken {
		return false
	}
	return hasKey(text) || hasToken(text)
}

// hasKey reports a private key.
func hasKey(text []byte) bool {
	for rest := text; ; {
		i := bytes.Index(rest, []byte("-----BEGIN "))
		if i < 0 {
			break
		}
		rest = rest[i+len("-----BEGIN "):]
		if bytes.Contains(rest[:min(len(rest), 64)], []byte("PRIVATE KEY")) {
			return true
		}
	}
	const begin = "LS0tLS1CRUdJTi" // the same in base64
	for rest := text; ; {
		i := bytes.Index(rest, []byte(begin))
		if i < 0 {
			return false
		}
		var plain [48]byte
		encoded := rest[i:min(len(rest), i+64)]
		n, _ := base64.RawStdEncoding.Decode(plain[:], encoded[:len(encoded)&^3])
		if bytes.Contains(plain[:n], []byte("PRIVATE KEY")) {
			return true
		}
		rest = rest[i+len(begin):]
	}
}

// token is how the tokens of an issuer start, and how much follows at least.
type token struct {
	prefix string
	more   int
}

// minToken is less than the shortest of them.
const minToken = 15

// tokens are those of the issuers, by their first letter.
var tokens = [...][]token{
	'A': {{"AKIA", 16}, {"ASIA", 16}, {"AIza", 35}, {"ATATT3", 32}, {"AGE-SECRET-KEY-1", 32}}, // AWS, Google, Atlassian, age
	'S': {{"SG.", 40}},                                                                        // SendGrid
	'd': {{"dckr_pat_", 20}, {"dop_v1_", 32}, {"dapi", 32}},                                   // Docker, DigitalOcean, Databricks
	'g': {
		{"ghp_", 36}, {"gho_", 36}, {"ghu_", 36}, {"ghs_", 36}, {"ghr_", 36}, {"github_pat_", 22},
		{"glpat-", 20}, {"gldt-", 20}, {"glrt-", 20}, {"glptt-", 20}, // GitLab
		{"glsa_", 32}, // Grafana
	},
	'h': {{"hvs.", 20}, {"hvb.", 20}, {"hvr.", 20}}, // Vault
	'n': {{"npm_", 36}},
	'p': {{"pypi-", 32}},
	'r': {{"rk_live_", 16}, {"rubygems_", 32}},                                                      // Stripe
	's': {{"sk_live_", 16}, {"sk-ant-", 20}, {"sk-proj-", 20}, {"shpat_", 32}, {"sha256~", 43}},     // Stripe, Anthropic, OpenAI, Shopify, OpenShift
	'w': {{"whsec_", 16}},                                                                           // Stripe
	'x': {{"xoxb-", 10}, {"xoxp-", 10}, {"xoxa-", 10}, {"xoxr-", 10}, {"xoxs-", 10}, {"xapp-", 10}}, // Slack
	'y': {{"ya29.", 20}},                                                                            // Google
}

// hasToken reports a JWT or a token of the table, wherever a word starts.
func hasToken(text []byte) bool {
	inWord := false
	for i, c := range text {
		if !inWord && (c == 'e' && isJWT(text[i:]) || int(c) < len(tokens) && tokens[c] != nil && isToken(text[i:])) {
			return true
		}
		inWord = isWord(c)
	}
	return false
}

func isToken(text []byte) bool {
	for _, t := range tokens[text[0]] {
		if len(text) >= len(t.prefix)+t.more && string(text[:len(t.prefix)]) == t.prefix && run(text[len(t.prefix):]) >= t.more {
			return true
		}
	}
	return false
}

// isJWT reports two JSON objects in base64 with a dot between and another behind them.
func isJWT(text []byte) bool {
	for range 2 {
		if !bytes.HasPrefix(text, []byte("eyJ")) {
			return false
		}
		n := 0
		for n < len(text) && (isWord(text[n]) || text[n] == '-') {
			n++
		}
		if n < 10 || n >= len(text) || text[n] != '.' {
			return false
		}
		text = text[n+1:]
	}
	return true
}

// run is how many bytes at the start can be of a token.
func run(text []byte) int {
	n := 0
	for n < len(text) && (isWord(text[n]) || text[n] == '-' || text[n] == '.') {
		n++
	}
	return n
}
