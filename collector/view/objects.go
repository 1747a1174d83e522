package view

// ObjectOptions says how whole objects are shown.
type ObjectOptions struct {
	By        string // one of ObjectGroupings; empty: type
	Format    string // one of ObjectFormats; empty: table
	NoHeaders bool   // tables without titles and total
}
