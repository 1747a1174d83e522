package inventory

import "time"

// Outcome is what is known of an inventory only once its last pod was read.
type Outcome struct {
	// Complete says that every namespace was listed: one of which no pod was seen
	// is then reported as empty.
	Complete bool
	// Listed says that the pods of all namespaces were listed to the end, whatever
	// else is missing: a namespace that left no gap and no pod is empty then too.
	Listed bool
	// Gaps are what should have been read and was not.
	Gaps []Gap
	// Listing tells how the pods were read.
	Listing Listing
	// Finished is when the last pod had been read.
	Finished time.Time
}
