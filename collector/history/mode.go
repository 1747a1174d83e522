package history

// Mode is what a store is opened for.
type Mode int

// The modes. Only Writing makes a file, and brings its schema up to date.
const (
	Reading Mode = iota
	Writing
)
