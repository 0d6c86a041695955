package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// completeLayers completes the names of the layers of the spec file: that of -f, or the
// one that is found. most is how many the command takes.
func (a *app) completeLayers(most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		path, err := cmd.Flags().GetString("file")
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		f, err := a.loadSpec(path)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var names []cobra.Completion
		for _, l := range f.Layers {
			if strings.HasPrefix(l.Name, begun) && !slices.Contains(args, l.Name) {
				names = append(names, cobra.CompletionWithDesc(l.Name, l.Canonical()))
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
