// Package differential generates kernels for random layers, compiles them in an
// overlay of the module and holds every path against the oracle.
package differential

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

var (
	layers = flag.Int("layers", 160, "random layers")
	seed   = flag.Uint64("seed", 1, "seed of the random layers")
)

// everyLayer draws the layers: mostly those that kernels are generated for, and some
// of every op, and of the other ops that have kernels.
func everyLayer() []specs.Layer {
	list := differential.RandomLayers(*seed, *layers)
	for i, l := range differential.RandomOps(*seed, *layers/4, specs.Ops()...) {
		l.Name = fmt.Sprintf("op%d", i)
		list = append(list, l)
	}
	return append(list, differential.RandomFilters(*seed, *layers/4, specs.Conv, specs.ResizeConv)...)
}

// TestRandomLayers runs the chain oracle == phases == nest == Go == AVX2 ==
// generic. The kernels do not stay: they live in an overlay over this folder.
func TestRandomLayers(t *testing.T) {
	spec := &specfile.File{Path: "random.yaml", Version: 1, Package: "random", Layers: everyLayer()}
	files, err := gen.Package(spec)
	require.NoError(t, err)
	here, err := os.Getwd()
	require.NoError(t, err)
	dir, overlay := t.TempDir(), map[string]string{}
	add := func(name string, data []byte) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o666))
		overlay[filepath.Join(here, "random", name)] = path
	}
	for _, f := range files {
		add(f.Name, f.Data)
	}
	add("kernels_test.go", []byte(chain))
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	config := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(config, list, 0o666))

	args := append([]string{"test", "-overlay", config, "-count=1", "-v", "-vet=off"}, buildFlags...)
	cmd := exec.Command("go", append(args, "./random")...)
	out, err := cmd.CombinedOutput()
	summary := regexp.MustCompile(`(?m)^.*outputs compared.*$|^.*--- FAIL.*$|^.*panic:.*$`).FindAllString(string(out), 40)
	for _, line := range summary {
		t.Log(line)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(out))
	}
	require.Regexp(t, `\d{3,} layers, \d{5,} outputs compared`, string(out))
}

// tail is the end of a long output.
func tail(out []byte) []byte { return out[max(0, len(out)-8000):] }

// chain is the overlay's only test.
const chain = `package random

import (
	"testing"

	"github.com/upconv/upconv/internal/differential"
)

func TestChain(t *testing.T) { differential.Run(t, Kernels(), Layers()) }
`
