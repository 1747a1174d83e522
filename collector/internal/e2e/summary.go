//go:build linux

package main

// The exit codes, as the README gives them. They are not taken from the program:
// they are its interface.
const (
	delivered           = 0
	kubernetesRefused   = 3
	receiverRefused     = 4
	receiverUnavailable = 5
	terminated          = 143
)

// summary is what these steps read of the termination message.
type summary struct {
	Code       int32  `json:"exit_code"`
	Cluster    string `json:"cluster"`
	Complete   bool   `json:"complete"`
	Deliveries []struct {
		Status int `json:"status"`
	} `json:"deliveries"`
}
