package main

import (
	"encoding/json"
	"net/http"
	"time"

	"stocktake/collector/internal/anchoretest"
)

// accepted is what /_accepted tells of one report.
type accepted struct {
	Time         time.Time `json:"time"`
	Path         string    `json:"path"`
	Account      string    `json:"account"`
	User         string    `json:"user"`
	Status       int       `json:"status"`
	Encoding     string    `json:"encoding"`
	RawBytes     int64     `json:"raw_bytes"`
	RawSHA256    string    `json:"raw_sha256"`
	DecodedBytes int64     `json:"decoded_bytes"`
	anchoretest.Counts
}

// withSummary adds /_accepted to the receiver. A ServeMux would do, but it redirects paths like //version, which the
// service answers with 404.
func withSummary(receiver *anchoretest.Receiver) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != "/_accepted" {
			receiver.ServeHTTP(w, req)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		_ = encoder.Encode(summary(receiver))
	})
}

// summary is {"requests": n, "accepted": [...]}.
func summary(receiver *anchoretest.Receiver) map[string]any {
	reports := []accepted{}
	for _, q := range receiver.Accepted() {
		reports = append(reports, accepted{
			Time: q.Time.UTC(), Path: q.Path, Account: q.Account, User: q.User, Status: q.Status, Encoding: q.Encoding,
			RawBytes: q.RawBytes, RawSHA256: q.RawSHA256, DecodedBytes: q.DecodedBytes, Counts: q.Counts,
		})
	}
	return map[string]any{"requests": len(receiver.Requests()), "accepted": reports}
}
