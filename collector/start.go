package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"stocktake/collector/kube"
	"stocktake/collector/logging"
	"stocktake/collector/plaintext"
	"stocktake/collector/report"
	"stocktake/collector/settings"
	"stocktake/collector/terminal"
)

// Session is what every command begins with: the process around it, the settings, and
// a log as they want it.
type Session struct {
	Invocation
	Settings Settings
	Given    settings.Given // where the settings came from
	Err      error          // what of the settings could not be understood
	Log      zerolog.Logger
	Began    time.Time
	watcher  Watcher
	out      io.Writer // stderr, by way of the watcher
}

// Command is what differs between commands.
type Command struct {
	// LogAs changes what the settings say of the log. Nil leaves it.
	LogAs func(logging.Options, settings.Given) logging.Options
	// Anyway says that Do is for wrong settings too.
	Anyway bool
	// Do does what the command is for, within the deadline.
	Do func(context.Context, *Session) error
	// End says what came of it, a panic included, and in which code that ends.
	End func(context.Context, *Session, error) Code
}

// usualDeadline is the default, for commands that go on with a wrong one.
const usualDeadline = 10 * time.Minute

// Start begins every command, and ends it.
func Start(ctx context.Context, inv Invocation, c Command) Code {
	limitMemory(os.DirFS(Cgroups), inv.Environ)
	s := &Session{Invocation: inv, Began: time.Now(), watcher: nobody{}, out: inv.Stderr}
	s.Log, _ = logging.New(inv.Stderr, inv.Stderr, logging.Options{}) // until the settings say what it is like
	err := kube.Caught(func() error { return s.load(c) })
	deadline := s.Settings.Run.Deadline
	if deadline <= 0 {
		deadline = usualDeadline
	}
	ctx, cancel := context.WithTimeoutCause(ctx, deadline, errDeadline)
	defer cancel()
	s.Stdout = terminal.WhileRunning(ctx, s.Stdout)
	terminal.EndWith(ctx, s.Stderr)
	if err == nil {
		err = kube.Caught(func() error { return c.Do(ctx, s) })
	}
	if caught, ok := errors.AsType[*kube.Panic](err); ok {
		s.Log.Debug().Bytes("trace", caught.Stack).Msg("a mistake in the program")
	}
	return c.End(ctx, s, s.Given.Locate(err))
}

// load reads the settings and sets up the log as they and the command want it.
func (s *Session) load(c Command) error {
	s.Settings, s.Given, s.Err = Load(s.Invocation)
	o := s.Settings.Log
	if c.LogAs != nil {
		o = c.LogAs(o, s.Given)
	}
	if s.Watch != nil {
		s.watcher, s.out = s.Watch(s.Invocation, o)
	}
	log, err := logging.New(s.Stderr, s.out, o)
	s.Log, s.Err = log, errors.Join(s.Err, err)
	if c.Anyway {
		return nil
	}
	return cmp.Or(s.Err, s.Settings.Run.Check()) // what was not understood has no value to judge
}

// warn logs what the sources of the settings gave reason to.
func (s *Session) warn() {
	for _, warning := range s.Given.Warnings {
		s.Log.Warn().Msg(warning)
	}
}

// Variable returns an environment variable.
func (s *Session) Variable(name string) string { return settings.Environment(s.Environ)[name] }

// Screen is what tables are written for: the terminal that stdout is, or a file.
func (s *Session) Screen(noHeader bool) report.Screen {
	screen := report.Screen{NoHeader: noHeader}
	if !terminal.Is(s.Stdout) {
		return screen
	}
	screen.Width = terminal.Width(s.Stdout, s.Variable("COLUMNS"))
	screen.Colour = s.Variable("NO_COLOR") == "" && s.Variable("TERM") != "dumb"
	return screen
}

// started is when the command began, as bodies and summaries tell it.
func (s *Session) started() time.Time { return s.Began.UTC().Truncate(time.Second) }

// Agent is how receivers and API servers know this program.
func (s *Session) Agent() string { return userAgent(s.Build) }

func userAgent(b Build) string { return "stocktake/" + b.Version }

// nobody is a Watcher that shows nothing.
type nobody struct{}

func (nobody) Begin(int) func() { return func() {} }
func (nobody) Page(kube.Event)  {}

// Guard does what a command line asks for. A panic in it ends in one line and in the
// code of an unexpected error, never in the 2 of the Go runtime, which means wrong
// settings and keeps Kubernetes from trying again. The trace follows where the command
// line or a variable asks for the level debug.
//
// It cannot catch what ends the process without asking it: memory that the system does
// not give, a stack that overflows, a map that two goroutines write at once, and a
// panic in a goroutine of a library.
func Guard(stderr io.Writer, words, environ []string, do func() Code) (code Code) {
	err := kube.Caught(func() error {
		code = do()
		return nil
	})
	var caught *kube.Panic
	if !errors.As(err, &caught) {
		return code
	}
	_ = kube.Caught(func() error { // the panic may be that of stderr
		fmt.Fprintf(stderr, "stocktake: %s\n", plaintext.Escape(caught.Error()))
		if debugging(words, environ) {
			fmt.Fprintf(stderr, "%s\n", plaintext.Escape(string(caught.Stack)))
		}
		return nil
	})
	return Unexpected
}

// debugging looks for the level debug without the settings, in which the mistake may be.
func debugging(words, environ []string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		flag := strings.TrimLeft(word, "-")
		return flag != word && flag == "debug" || strings.EqualFold(word, "log.level=debug")
	}) || slices.ContainsFunc(environ, func(kv string) bool {
		return strings.EqualFold(kv, "STOCKTAKE_LOG_LEVEL=debug")
	})
}

// Cgroups is where Linux shows a process the limits of its container.
const Cgroups = "/sys/fs/cgroup"

// memoryLimits are the files that hold the limit, below Cgroups: of version 2, of
// which a container sees its own group as the root, and of version 1.
var memoryLimits = []string{"memory.max", "memory/memory.limit_in_bytes"}

// memoryShare, in percent of the limit, is what Go's runtime may use of it. The
// rest is for what the kernel counts as well and the runtime does not know: the
// program itself, socket buffers, and the pages of a temporary file.
const memoryShare = 90

// limitMemory tells the garbage collector how much memory there is, which it does
// not find out by itself (it does for CPUs): near the limit it collects more
// often, instead of being killed at half of what is in use plus as much in
// garbage. GOMEMLIMIT, which the runtime reads by itself, is left as it is.
//
// No other setting of the collector is touched for an inventory. Over 50,000 pods GOGC=200 saved
// 2 % of the CPU time and took 1 MB more, GOGC=50 took 1 % more and saved 2 MB:
// nearly nothing is garbage.
func limitMemory(root fs.FS, environ []string) {
	if settings.Environment(environ)["GOMEMLIMIT"] != "" {
		return
	}
	if limit, ok := MemoryLimit(root); ok {
		debug.SetMemoryLimit(limit / 100 * memoryShare)
	}
}

// collectOften keeps what is garbage small while whole objects are read, and returns what ends that. The
// bodies of 120,000 pods fill the memory of the spool, to which the usual GOGC adds as
// much in garbage: the peak was 81 MB, and 67 with GOGC=50, for no CPU time that could be told from noise. With 30, 70,000
// pods, which fill it too, take 63 MB. GOGC, which the runtime reads by itself, is left as it is.
func collectOften(environ []string) (end func()) {
	if settings.Environment(environ)["GOGC"] != "" {
		return func() {}
	}
	before := debug.SetGCPercent(often)
	return func() { debug.SetGCPercent(before) }
}

// often is how much garbage there may be, in percent of what is in use.
const often = 30

// MemoryLimit returns the limit in bytes, if there is one.
func MemoryLimit(root fs.FS) (int64, bool) {
	for _, name := range memoryLimits {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		// No limit is the word max in version 2, in version 1 the largest number
		// of whole pages.
		return limit, err == nil && limit > 0 && limit < math.MaxInt64>>16<<16
	}
	return 0, false
}
