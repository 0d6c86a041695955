package main

import (
	"context"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
	"github.com/upconv/upconv/internal/outdir"
)

func (a *app) diffCommand() *cobra.Command {
	g := &generation{app: a}
	cmd := &cobra.Command{
		Use:   "diff [spec.yaml...]",
		Short: "Show what generate would change",
		Long: `Diff writes nothing. It prints what generate would change in files that are there,
as a unified diff that patch -p1 applies, and lists stale, missing and orphaned
files on stderr. It takes the spec files and the folder that generate takes.

Exit status: 0 when all is up to date, else 1.`,
		Example: "  upconv diff\n  upconv diff -f 'specs/*.yaml' -o generated",
		RunE: a.do(func(ctx context.Context, args []string) error {
			targets, err := g.prepare(ctx, args)
			if err != nil {
				return err
			}
			return g.diff(targets)
		}),
	}
	g.fileFlags(cmd)
	return cmd
}

// diff prints the differences of stale files and returns all as findings.
func (g *generation) diff(targets []outdir.Target) error {
	list, err := outdir.Differences(targets...)
	if err != nil || len(list) == 0 {
		return err
	}
	var changes findings
	for _, d := range list {
		changes = append(changes, d.Change)
		if d.Kind != outdir.Stale {
			continue
		}
		path := filepath.ToSlash(d.Path)
		if _, err := g.stdout.Write(diff.Diff("a/"+path, d.Old, "b/"+path, d.New)); err != nil {
			return err
		}
	}
	return changes
}
