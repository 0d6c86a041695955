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
		Short: "Enlarge a picture in five ways, and show the checkerboard and its cure",
		Long: `Demo enlarges a picture by nearest, bilinear, bed of nails, max-unpooling and
transposed convolution, and by the transposed convolution that draws a
checkerboard and the layer that takes its place. It writes the results and a
contact sheet as PNG files, and prints worked examples in numbers.`,
		Args: cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			return demo.Run(ctx, o, a.stdout, a.stderr)
		}),
	}
	cmd.Flags().StringVar(&o.In, "in", "", "picture to enlarge, PNG or JPEG (default: one that comes with the command)")
	cmd.Flags().StringVar(&o.Out, "out", demo.DefaultOut, "folder to write to")
	return cmd
}
