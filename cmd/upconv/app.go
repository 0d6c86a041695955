package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/upconv/upconv/internal/prebuilt"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Exit codes.
const (
	exitOK       = 0
	exitFindings = 1 // generated files are not up to date, layers overlap unevenly, or a kernel failed
	exitFailure  = 2 // wrong usage, a faulty spec, or input and output failed
)

// app is what the commands share.
type app struct {
	stdout *output
	stderr io.Writer
	format errorFormat
	limits specs.Limits
	began  bool // a command ran: an error is not one of the command line

	kernels []runtime.Kernel // that verify looks up
}

// Main runs the command line and returns the exit code. Results go to stdout,
// problems to stderr.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return mainWith(prebuilt.Kernels(), args, stdin, stdout, stderr)
}

// mainWith is Main with other kernels to verify.
func mainWith(kernels []runtime.Kernel, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	a := &app{stdout: &output{w: stdout}, stderr: stderr, format: formatText, limits: specs.DefaultLimits(), kernels: kernels}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(a.stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = a.stdout.err
	}
	if err == nil {
		return exitOK
	}
	if !a.began {
		err = usageError{err, cmd.CommandPath()}
	}
	report(stderr, a.format, problemsOf(err))
	var finds found
	if errors.As(err, &finds) {
		return exitFindings
	}
	return exitFailure
}

func (a *app) root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "upconv",
		Short: "Generate, explain and run upsampling layers",
		Long: `Upconv generates Go and assembly for the upsampling layers of a network from a
spec file, explains how they work, and runs them on arrays and pictures.

Exit status: 0; 1 when generated files are not up to date, vet has findings or a
kernel failed; 2 when the command line or a spec is wrong, or reading or writing
failed. Problems go to stderr, one a line, as file:line:col: message.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.PersistentFlags().Var(&a.format, "error-format", "how problems are printed: text, json (one object a line) or github-actions")
	cmd.PersistentFlags().Var((*caps)(&a.limits), "cap", "what layers of specs may cost, 0 for any cost: elements of a tensor, of a kernel, phases")
	cmd.AddCommand(a.initCommand(), a.generateCommand(), a.diffCommand(), a.schemaCommand(), a.vetCommand(), a.explainCommand(), a.listCommand(), a.runCommand(), a.verifyCommand(), a.benchCommand(), a.demoCommand(), a.envCommand(), a.versionCommand())
	return cmd
}

// do marks the point from which errors are not about the command line.
func (a *app) do(run func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.began = true
		return run(cmd.Context(), args)
	}
}

// interruptible runs f, which cannot be stopped, but does not wait for it when
// the user interrupts the command.
func interruptible(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errors.New("interrupted")
	}
}

// output is stdout with a memory: a result that could not be printed is a
// failure, whatever printed it.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}
