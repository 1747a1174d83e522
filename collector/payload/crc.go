package payload

import "hash/crc32"

// A CRC-32 is the remainder of a polynomial over GF(2), in which the most
// significant bit stands for x^0 and each next one for one power more. These are
// the polynomials 1 and x^8 in that notation.
const (
	polyOne = uint32(1) << 31
	polyX8  = uint32(1) << 23
)

// combineCRC returns the CRC-32 (IEEE) of a text A followed by a text B, given
// the CRC of each and the length of B in bytes. To append a byte to a text is to
// multiply its polynomial by x^8, so A moves up by x^(8·length) and B is added.
// The inversions at both ends of a CRC cancel out.
func combineCRC(a, b uint32, lengthB int64) uint32 {
	return multiply(a, powerX8(lengthB)) ^ b
}

// powerX8 returns (x^8)^n modulo the CRC polynomial, by repeated squaring.
func powerX8(n int64) uint32 {
	power := polyOne
	for square := polyX8; n > 0; n >>= 1 {
		if n&1 == 1 {
			power = multiply(power, square)
		}
		square = multiply(square, square)
	}
	return power
}

// multiply returns a·b modulo the CRC polynomial.
func multiply(a, b uint32) uint32 {
	var product uint32
	for ; a != 0; a <<= 1 {
		if a&polyOne != 0 {
			product ^= b
		}
		overflow := b & 1
		b >>= 1
		if overflow == 1 {
			b ^= crc32.IEEE
		}
	}
	return product
}
