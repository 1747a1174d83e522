// Package logging writes the log of a run: JSON where programs read it, readable lines
// where people do, to stderr or to a file.
package logging

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"stocktake/collector/kubeconfig"
	"stocktake/collector/settings"
	"stocktake/collector/terminal"
)

// Options say where the log goes and what is in it.
type Options struct {
	Quiet       bool   `setting:"quiet" envDefault:"false" doc:"log nothing but errors" flag:"-quiet"`
	Level       string `setting:"log.level" choices:"error,warn,warning,info,debug,trace" envDefault:"info" doc:"error, warn, info or debug" flag:"-debug"`
	Structured  string `setting:"log.structured" choices:"true,false" doc:"true: JSON logs, false: readable ones; by default JSON unless stderr is a terminal or the level is debug"`
	File        string `setting:"log.file" doc:"file to append the log to; stderr then gets errors only, unless log.level is debug"`
	Termination string `setting:"termination-message-path" envDefault:"/dev/termination-log" doc:"file that takes the summary inside a pod"`
}

// New returns a log that is written to stderr, by way of out: JSON in a pod, readable lines on a
// terminal or while debugging, nothing but errors when quiet. A log file takes
// everything but errors away from stderr, unless debugging. The logger works even when
// there is an error.
func New(stderr, out io.Writer, o Options) (zerolog.Logger, error) {
	level, err := zerolog.ParseLevel(strings.TrimSuffix(o.Level, "ing")) // "warning" of KAI
	if err != nil || o.Level == "" {
		level = zerolog.InfoLevel
	}
	if o.Quiet {
		level = zerolog.ErrorLevel
	}
	w := formatted(out, terminal.Is(stderr), o)
	file, err := openFile(o.File)
	if file != nil {
		if level > zerolog.DebugLevel {
			w = &zerolog.FilteredLevelWriter{Writer: zerolog.LevelWriterAdapter{Writer: w}, Level: zerolog.ErrorLevel}
		}
		w = zerolog.MultiLevelWriter(formatted(file, false, o), w)
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger(), err
}

// RedirectLibraries keeps standard error in one format: what libraries would
// write there by themselves becomes a line of our log. It is called once, when
// the program starts and no settings are known yet.
func RedirectLibraries(stderr io.Writer) {
	log, _ := New(stderr, stderr, Options{}) // without a log file there is no error
	kubeconfig.RedirectLog(zerolog.NewSlogHandler(log))
}

// openFile opens the log file, which stays open until the process ends. It is nil
// when there is none.
func openFile(path string) (*os.File, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // no log file is not a mistake
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, settings.Invalid("log.file", "%s is not a regular file", path)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, settings.Invalid("log.file", "%v: leave it empty to log to stderr", err)
	}
	return file, nil
}

func formatted(w io.Writer, tty bool, o Options) io.Writer {
	if !Readable(tty, o) {
		return w
	}
	return zerolog.ConsoleWriter{Out: w, NoColor: !tty || os.Getenv("NO_COLOR") != "", TimeFormat: time.TimeOnly}
}

// Readable reports whether lines of the log are for people.
func Readable(tty bool, o Options) bool {
	if o.Structured != "" {
		return o.Structured == "false"
	}
	return o.Level == "debug" || tty
}
