package kube

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// Panic is a mistake in the program that was caught: one line for people, and where it
// happened for those who mend it.
type Panic struct {
	Value any
	Stack []byte // as debug.Stack has it
}

// Error is one line of bounded length.
func (p *Panic) Error() string {
	const most = 300
	text := strings.Join(strings.Fields(fmt.Sprint(p.Value)), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return "a mistake in the program (panic): " + text
}

// Caught does something and returns a panic in it as an error. Only the goroutine that
// panics can catch it, so each that is started here runs in one of these: else the
// process ends by the Go runtime, with the 2 that means wrong settings.
func Caught(do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Panic{Value: value, Stack: debug.Stack()}
		}
	}()
	return do()
}
