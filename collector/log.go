package collector

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
)

// newLogger writes to stderr: JSON in a pod, readable lines on a terminal or
// while debugging, nothing but errors when quiet.
func newLogger(w io.Writer, o RunOptions) zerolog.Logger {
	level, err := zerolog.ParseLevel(strings.TrimSuffix(o.LogLevel, "ing")) // "warning" of KAI
	if err != nil || o.LogLevel == "" {
		level = zerolog.InfoLevel
	}
	if o.Quiet {
		level = zerolog.ErrorLevel
	}
	if readable(w, o) {
		w = zerolog.ConsoleWriter{Out: w, NoColor: !isTerminal(w) || os.Getenv("NO_COLOR") != "", TimeFormat: time.TimeOnly}
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

func readable(w io.Writer, o RunOptions) bool {
	if o.LogStructured != "" {
		return o.LogStructured == "false"
	}
	return o.LogLevel == "debug" || isTerminal(w)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
