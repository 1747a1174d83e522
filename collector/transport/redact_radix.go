package transport

import (
	"bytes"
	"strings"
)

// eachDecoded calls found with what each stretch of base64, hexadecimal or decimal bytes decodes to, from every offset
// at which it may begin, until found returns false.
func (r *reading) eachDecoded(found func(*reading) bool) {
	for _, form := range []radix{
		{bits: 6, group: 4, value: base64Value, skip: lineEnd},
		{bits: 4, group: 2, value: func(b byte) int { return below(16, digit(rune(b))) }, skip: byteSeparator},
	} {
		if !form.each(r, found) {
			return
		}
	}
	r.eachDecimal(found)
}

// radix is a way to write bytes as digits of so many bits.
type radix struct {
	bits  int
	group int                           // so many digits are whole bytes
	value func(byte) int                // of a digit, -1 for what is none
	skip  func(rest, before []byte) int // how many bytes between two digits do not count
}

// each decodes every stretch of digits that is long enough for a secret.
func (x radix) each(r *reading, found func(*reading) bool) bool {
	least := Shortest * 8 / x.bits
	var run []int // the places of the digits
	for at := 0; at <= r.len(); {
		switch {
		case at < r.len() && x.value(r.bytes[at]) >= 0 && x.skipAt(r, at) == 0:
			run = append(run, at)
			at++
			continue
		case at < r.len() && len(run) > 0:
			if n := x.skipAt(r, at); n > 0 {
				at += n
				continue
			}
		}
		if len(run) >= least && !x.decode(r, run, found) {
			return false
		}
		run = run[:0]
		at++
	}
	return true
}

func (x radix) skipAt(r *reading, at int) int { return x.skip(r.bytes[at:], r.bytes[:at]) }

// decode reads the digits from each offset at which a byte may begin. Padding belongs to the last byte.
func (x radix) decode(r *reading, run []int, found func(*reading) bool) bool {
	for offset := range x.group {
		if offset >= len(run) {
			break
		}
		inner := x.from(r, run[offset:])
		if inner.len() >= Shortest && !found(inner) {
			return false
		}
	}
	return true
}

func (x radix) from(r *reading, run []int) *reading {
	inner := &reading{}
	value, bits, from := 0, 0, 0 // bits that wait for their byte, and where the first of them stands
	for _, at := range run {
		if bits == 0 {
			from = r.from[at]
		}
		value, bits = value<<x.bits|x.value(r.bytes[at]), bits+x.bits
		if bits >= 8 {
			bits -= 8
			inner.add(byte(value>>bits), from, r.to[at]) //nolint:gosec // eight bits are left
			value &= 1<<bits - 1
			from = r.from[at]
		}
	}
	end := run[len(run)-1] + 1
	for end < r.len() && r.bytes[end] == '=' {
		end++
	}
	if n := inner.len(); n > 0 && bits < x.bits {
		inner.to[n-1] = r.to[end-1]
	}
	return inner
}

func below(limit, value int) int {
	if value < limit {
		return value
	}
	return -1
}

// base64Value knows both alphabets of RFC 4648 at once.
func base64Value(b byte) int {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	switch b {
	case '-':
		b = '+'
	case '_':
		b = '/'
	}
	return strings.IndexByte(alphabet, b)
}

// lineEnd is where base64 is wrapped, with the indent of the next line.
func lineEnd(rest, _ []byte) int {
	trimmed := bytes.TrimLeft(rest, "\r\n")
	if len(trimmed) == len(rest) {
		return 0
	}
	return len(rest) - len(bytes.TrimLeft(trimmed, " \t"))
}

// byteSeparator is what may stand between two bytes in hexadecimal: 70:26, 70 26, 0x70, 0x26.
func byteSeparator(rest, before []byte) int {
	n := len(rest) - len(bytes.TrimLeft(rest, " :,-\r\n"))
	if n == 0 && len(before) > 0 && digit(rune(before[len(before)-1])) < 36 {
		return 0
	}
	if bytes.HasPrefix(rest[n:], []byte("0x")) {
		n += len("0x")
	}
	return n
}

// eachDecimal decodes lists of bytes as Go and Python print them: [112 38], [112, 38].
func (r *reading) eachDecimal(found func(*reading) bool) {
	inner := &reading{}
	for at := 0; at <= r.len(); {
		value, end := r.decimal(at)
		if end == at {
			if inner.len() >= Shortest && !found(inner) {
				return
			}
			inner = &reading{}
			at++
			continue
		}
		inner.add(byte(value), r.from[at], r.to[end-1]) //nolint:gosec // decimal reads up to 255
		at = len(r.bytes) - len(bytes.TrimLeft(r.bytes[end:], " ,\r\n"))
		if at == end {
			at++
			if inner.len() >= Shortest && !found(inner) {
				return
			}
			inner = &reading{}
		}
	}
}

// decimal reads a byte; end is at when there is none.
func (r *reading) decimal(at int) (value, end int) {
	for end = at; end < r.len() && end < at+3 && r.bytes[end] >= '0' && r.bytes[end] <= '9'; end++ {
		value = value*10 + int(r.bytes[end]-'0')
	}
	if value > 0xff {
		return 0, at
	}
	return value, end
}
