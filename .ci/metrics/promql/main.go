// Command promql reads PromQL expressions from stdin, one in each line as a JSON
// string, and says which are none.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	failed := false
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var expr string
		if err := json.Unmarshal(lines.Bytes(), &expr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if _, err := parser.ParseExpr(expr); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", expr, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}
