// Rigistry is the registry that licenses crypto-mining and keeps unlicensed rigs
// off the grid. This package only wires: it parses arguments, builds what a
// command needs, and maps its error to an exit code.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"rigistry/models"
	"rigistry/services/store"
)

// Exit codes, the same for every command.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// App is what commands are given instead of globals.
type App struct {
	Ctx    context.Context //nolint:containedctx // an App lives as long as one command
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Now    func() time.Time
	Config *Config
	Log    *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, time.Now)
	stop()
	os.Exit(code)
}

// run is the program without the process: arguments in, exit code out.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, now func() time.Time) (code int) {
	var commands Commands
	exited := -1
	parser, err := kong.New(&commands,
		kong.Name("rigistry"),
		kong.Description("The registry that licenses crypto-mining and keeps unlicensed rigs off the grid."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(c int) { exited = c; panic(exitNow{}) }),
		kong.Configuration(loadConfigFile),
		kong.Vars{"data": defaultData, "addr": defaultAddr},
		kong.DefaultEnvars("RIGISTRY"),
		kong.WithHyphenPrefixedParameters(true),
	)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "rigistry:", err)
		return exitUsage
	}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(exitNow); !ok {
				panic(r)
			}
			code = exited
			if code != exitDone {
				code = exitUsage
			}
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "rigistry: %v\nTry: rigistry --help\n", err)
		return exitUsage
	}
	app := &App{Ctx: ctx, Stdin: stdin, Stdout: stdout, Stderr: stderr, Now: now, Config: &commands.Config,
		Log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: commands.LogLevel}))}
	if err := parsed.Run(app); err != nil {
		if said := exitSaid(0); errors.As(err, &said) {
			return int(said)
		}
		_, _ = fmt.Fprintln(stderr, "rigistry:", err)
		return exitCode(err)
	}
	return exitDone
}

type exitNow struct{}

// exitCode maps an error: what the caller can mend in the command line or the
// configuration is 2, everything else 1.
func exitCode(err error) int {
	if models.CodeOf(err) == models.CodeInvalid || errors.Is(err, store.ErrPending) {
		return exitUsage
	}
	return exitFailed
}
