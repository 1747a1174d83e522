package collector

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"stocktake/collector/deliver"
	"stocktake/collector/kube"
	"stocktake/collector/kubeconfig"
	"stocktake/collector/settings"
	"stocktake/collector/terminal"
)

// newLogger writes to stderr, by way of out: JSON in a pod, readable lines on a
// terminal or while debugging, nothing but errors when quiet. A log file takes
// everything but errors away from stderr, unless debugging. The logger works even when
// there is an error.
func newLogger(stderr, out io.Writer, o LogOptions) (zerolog.Logger, error) {
	level, err := zerolog.ParseLevel(strings.TrimSuffix(o.Level, "ing")) // "warning" of KAI
	if err != nil || o.Level == "" {
		level = zerolog.InfoLevel
	}
	if o.Quiet {
		level = zerolog.ErrorLevel
	}
	w := formatted(out, terminal.Is(stderr), o)
	file, err := openLog(o.File)
	if file != nil {
		if level > zerolog.DebugLevel {
			w = &zerolog.FilteredLevelWriter{Writer: zerolog.LevelWriterAdapter{Writer: w}, Level: zerolog.ErrorLevel}
		}
		w = zerolog.MultiLevelWriter(formatted(file, false, o), w)
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger(), err
}

// RedirectLibraryLogs keeps standard error in one format: what libraries would
// write there by themselves becomes a line of our log. It is called once, when
// the program starts and no settings are known yet.
func RedirectLibraryLogs(stderr io.Writer) {
	log, _ := newLogger(stderr, stderr, LogOptions{}) // without a log file there is no error
	kubeconfig.RedirectLog(zerolog.NewSlogHandler(log))
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

func formatted(w io.Writer, tty bool, o LogOptions) io.Writer {
	if !readable(tty, o) {
		return w
	}
	return zerolog.ConsoleWriter{Out: w, NoColor: !tty || os.Getenv("NO_COLOR") != "", TimeFormat: time.TimeOnly}
}

// readable reports whether lines of the log are for people.
func readable(tty bool, o LogOptions) bool {
	if o.Structured != "" {
		return o.Structured == "false"
	}
	return o.Level == "debug" || tty
}

// logKube logs what happens while the cluster is read, and shows it to a watcher:
// producers do not log.
func logKube(log zerolog.Logger, watcher Watcher) func(kube.Event) {
	return func(e kube.Event) {
		switch e.Kind {
		case kube.PageRead:
			watcher.Page(e)
			log.Debug().Str("source", e.Source).Int("page", e.Page).Int("items", e.Items).Int64("remaining", e.Remaining).Msg("page read")
		case kube.Retry:
			event := log.Warn().Str("source", e.Source).Int("page", e.Page).Int("attempt", e.Attempt).Int("page_size", e.Limit)
			waiting(event, e.Wait).Err(e.Err).Msg("the API server did not deliver a page, asking again")
		case kube.Resume:
			log.Warn().Str("source", e.Source).Int("page", e.Page).Msg("the API server does not have the moment that was being read, or not any more: the rest is of a later one")
		}
	}
}

// LogDelivery logs what happens on the way to a receiver.
func LogDelivery(log zerolog.Logger) func(deliver.Event) {
	return func(e deliver.Event) {
		event := log.Info()
		if e.Warning {
			event = log.Warn()
		}
		waiting(event, e.Wait).Str("receiver", e.Receiver).AnErr("error", e.Err).Msg(e.Message)
	}
}

func waiting(event *zerolog.Event, wait time.Duration) *zerolog.Event {
	if wait == 0 {
		return event
	}
	return event.Str("wait", wait.Round(time.Millisecond).String())
}
