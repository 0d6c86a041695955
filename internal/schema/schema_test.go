package schema_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/internal/schema"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
	"github.com/upconv/upconv/specs/specfile/specfiletest"
)

// printed is the schema as editors read it.
func printed(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	text, err := schema.Document()
	require.NoError(t, err)
	var s jsonschema.Schema
	require.NoError(t, json.Unmarshal(text, &s))
	r, err := s.Resolve(nil)
	require.NoError(t, err)
	return r
}

// validate checks a spec file; it must be YAML.
func validate(t *testing.T, s *jsonschema.Resolved, data []byte) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		return err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var plain any
	require.NoError(t, json.Unmarshal(text, &plain))
	return s.Validate(plain)
}

// TestAcceptsWhatTheGeneratorAccepts: our own files, and random layers of every op.
func TestAcceptsWhatTheGeneratorAccepts(t *testing.T) {
	s := printed(t)
	paths, err := filepath.Glob("../../specs/*.yaml")
	require.NoError(t, err)
	require.Greater(t, len(paths), 20)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, validate(t, s, data), path)
	}
	layers := append(differential.RandomOps(31, 400, specs.Ops()...), differential.RandomLayers(32, 200)...)
	for _, l := range layers {
		text := "version: 1\npackage: p\nlayers:\n" + specfile.Spell(l)
		require.NoError(t, validate(t, s, []byte(text)), text)
	}
	for _, text := range []string{
		"{name: a, op: linear, scale: [2]}", "{name: a, op: trilinear, output_size: [2, 2, 2]}",
		"{name: a, op: conv, kernel: [3], activation: 'clamp(-1, 1)', padding: {begin: 1}}",
		"{name: a, op: conv, kernel: [3], activation: leaky_relu(0.2), padding: same_lower, add: true}",
	} {
		require.NoError(t, validate(t, s, []byte("version: 1\npackage: p\nlayers: ["+text+"]")), text)
	}
}

// TestRefusesFaults: of the files that the generator refuses, those whose fault is in one
// key alone. The others relate keys to each other, or are about how YAML is written.
func TestRefusesFaults(t *testing.T) {
	s := printed(t)
	cases, err := specfiletest.Read("../../specs/specfile/testdata/bad")
	require.NoError(t, err)
	refused := map[string]bool{}
	for _, c := range cases {
		refused[c.Name] = validate(t, s, c.Data) != nil
	}
	for _, name := range []string{
		"activation", "activation_of_nearest", "add_of_pool", "add_string", "bias_number", "bilinear_coordinate",
		"bilinear_rounding", "border_of_conv", "border_unknown", "conv_scale", "dilation_zero", "file_unknown_key",
		"groups_zero", "indices_unknown", "input_negative", "kernel_bare_number", "kernel_four_axes", "kernel_missing",
		"layers_empty", "layers_missing", "layout_unknown", "name_dash", "name_missing", "nearest_both_sizes",
		"nearest_no_size", "nearest_scale_number", "op_deconv", "op_missing", "op_near_miss", "order_unknown",
	} {
		require.Contains(t, refused, name)
		require.True(t, refused[name], name)
	}
	n := 0
	for _, r := range refused {
		if r {
			n++
		}
	}
	require.Greater(t, n, 150)
}

// TestEveryKeyIsDescribed, for every op that takes it.
func TestEveryKeyIsDescribed(t *testing.T) {
	keys := 0
	for _, row := range schema.File().Properties["layers"].Items.AllOf {
		op := specs.Op(row.If.Properties["op"].Enum[0].(string))
		for _, key := range op.Keys() {
			require.NotNil(t, row.Then.Properties[key], "%s of %s", key, op)
			require.True(t, key == "op" || row.Then.Properties[key].Description != "", key)
			keys++
		}
		require.Len(t, row.Then.Properties, len(op.Keys()), op)
	}
	require.Greater(t, keys, 100)
}

// TestPublishedSchema: the file that specs point to is what the command prints.
func TestPublishedSchema(t *testing.T) {
	want, err := schema.Document()
	require.NoError(t, err)
	got, err := os.ReadFile("../../docs/upconv.schema.json")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run: go run ./cmd/upconv schema > docs/upconv.schema.json")
}
