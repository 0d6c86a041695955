package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/upconv/upconv/internal/schema"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of spec files, for editors",
		Long: `Schema prints the JSON Schema of a spec file, from which editors complete keys and
mark faults while a file is written. A first line such as

	# yaml-language-server: $schema=upconv.schema.json

in the spec file tells most of them where it is. What relates keys to each other,
such as sizes and groups, only generate checks.`,
		Example: "  upconv schema > upconv.schema.json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(context.Context, []string) error {
			text, err := schema.Document()
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(text)
			return err
		}),
	}
}
