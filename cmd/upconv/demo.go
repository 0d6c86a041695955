package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/upconv/upconv/internal/demo"
)

func (a *app) demoCommand() *cobra.Command {
	var o demo.Options
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Enlarge a picture and show what transposed convolutions do to it",
		Long: `Demo enlarges a picture with several transposed convolutions, writes the
results and a contact sheet as PNG files, and prints the worked example of a
transposed convolution.`,
		Args: cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			return demo.Run(ctx, o, a.stdout, a.stderr)
		}),
	}
	cmd.Flags().StringVar(&o.In, "in", "", "picture to enlarge, PNG or JPEG (default: one that comes with the command)")
	cmd.Flags().StringVar(&o.Out, "out", demo.DefaultOut, "folder to write to")
	return cmd
}
