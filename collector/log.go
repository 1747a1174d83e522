package collector

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"stocktake/collector/kube"
	"stocktake/collector/settings"
)

// newLogger writes to stderr: JSON in a pod, readable lines on a terminal or
// while debugging, nothing but errors when quiet. A log file takes everything
// but errors away from stderr, unless debugging. The logger works even when
// there is an error.
func newLogger(stderr io.Writer, o RunOptions) (zerolog.Logger, error) {
	level, err := zerolog.ParseLevel(strings.TrimSuffix(o.LogLevel, "ing")) // "warning" of KAI
	if err != nil || o.LogLevel == "" {
		level = zerolog.InfoLevel
	}
	if o.Quiet {
		level = zerolog.ErrorLevel
	}
	w := formatted(stderr, o)
	file, err := openLog(o.LogFile)
	if file != nil {
		if level > zerolog.DebugLevel {
			w = &zerolog.FilteredLevelWriter{Writer: zerolog.LevelWriterAdapter{Writer: w}, Level: zerolog.ErrorLevel}
		}
		w = zerolog.MultiLevelWriter(formatted(file, o), w)
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger(), err
}

// RedirectLibraryLogs keeps standard error in one format: what libraries would
// write there by themselves becomes a line of our log. It is called once, when
// the program starts and no settings are known yet.
func RedirectLibraryLogs(stderr io.Writer) {
	log, _ := newLogger(stderr, RunOptions{}) // without a log file there is no error
	kube.RedirectLog(zerolog.NewSlogHandler(log))
}

// openLog opens the log file, which stays open until the process ends. It is nil
// when there is none.
func openLog(path string) (*os.File, error) {
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

func formatted(w io.Writer, o RunOptions) io.Writer {
	if !readable(w, o) {
		return w
	}
	return zerolog.ConsoleWriter{Out: w, NoColor: !isTerminal(w) || os.Getenv("NO_COLOR") != "", TimeFormat: time.TimeOnly}
}

func readable(w io.Writer, o RunOptions) bool {
	if o.LogStructured != "" {
		return o.LogStructured == "false"
	}
	return o.LogLevel == "debug" || isTerminal(w)
}

// isTerminal looks at a reader or a writer.
func isTerminal(stream any) bool {
	if p, ok := stream.(*progress); ok {
		stream = p.out
	}
	if w, ok := stream.(io.Writer); ok {
		stream = underneath(w)
	}
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
