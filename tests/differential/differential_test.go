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
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/upconv/upconv/gen"
	"github.com/upconv/upconv/internal/differential"
	"github.com/upconv/upconv/runtime/kerneltest"
	"github.com/upconv/upconv/specs"
	"github.com/upconv/upconv/specs/specfile"
)

var (
	layers = flag.Int("layers", 160, "random transposed convolutions")
	ops    = flag.Int("ops", 40, "random layers of all ops, and as many of the ops with kernels of their own")
	seed   = flag.Uint64("seed", 1, "seed of the random layers")
)

// everyLayer draws the layers: mostly those that kernels are generated for, and some
// of every op, and of the other ops that have kernels.
func everyLayer() []specs.Layer {
	list := differential.RandomLayers(*seed, *layers)
	for i, l := range differential.RandomOps(*seed, *ops, specs.Ops()...) {
		l.Name = fmt.Sprintf("op%d", i)
		list = append(list, l)
	}
	return append(list, differential.RandomFilters(*seed, *ops, specs.Conv, specs.ResizeConv)...)
}

// TestRandomLayers runs the chain oracle == phases == nest == Go == AVX2 ==
// generic.
func TestRandomLayers(t *testing.T) {
	list := everyLayer()
	out := runChain(t, list)
	require.Equal(t, len(list), printed(t, out, "layers, "))
	require.Greater(t, printed(t, out, "outputs compared"), 100_000)
	paths, maps, guarded := printed(t, out, "paths of layers"), printed(t, out, "of linear maps"), printed(t, out, "runs and calls between guards")
	require.GreaterOrEqual(t, paths, leastPaths*len(list)/defaultLayers)
	require.GreaterOrEqual(t, maps, leastMaps*len(list)/defaultLayers)
	require.GreaterOrEqual(t, guarded, leastGuarded*len(list)/defaultLayers)
}

// What the random layers of an ordinary run are, and what is compared of them at least:
// layers on paths, linear maps on paths, and runs of layers and calls of kernels
// between guards.
const (
	defaultLayers = 240
	leastPaths    = 1500
	leastMaps     = 1000
	leastGuarded  = 60000
)

// printed is the number that stands before some words of a test's output.
func printed(t *testing.T, out, words string) int {
	t.Helper()
	found := regexp.MustCompile(`(\d+) ` + words).FindStringSubmatch(out)
	require.NotNil(t, found, words)
	n, err := strconv.Atoi(found[1])
	require.NoError(t, err)
	return n
}

// TestRegressionsOnEveryPath runs the chain on the bugs that others have had.
func TestRegressionsOnEveryPath(t *testing.T) {
	var list []specs.Layer
	for _, row := range kerneltest.Regressions() {
		for i, c := range row.Cases {
			l := c.Layer
			l.Name = fmt.Sprintf("%s_%d", strings.ToLower(row.ID), i)
			for axis := range l.Rank {
				l.Axes[axis].Input = c.Shape.Input[axis]
			}
			require.Empty(t, l.Validate(), l.Canonical())
			list = append(list, l)
		}
	}
	out := runChain(t, list)
	require.Equal(t, len(list), printed(t, out, "layers, "))
	require.Greater(t, printed(t, out, "outputs compared"), 100_000)
}

// runChain generates kernels for layers, compiles them, runs the chain and returns
// what it printed. The kernels do not stay: they live in an overlay over this folder.
func runChain(t *testing.T, layers []specs.Layer) string {
	spec := &specfile.File{Path: "random.yaml", Version: 1, Package: "random", Layers: layers}
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

	args := append([]string{"test", "-overlay", config, "-count=1", "-v", "-vet=off", "-timeout=" + timeLeft(t).String()}, buildFlags...)
	cmd := exec.Command("go", append(args, "./random")...)
	out, err := cmd.CombinedOutput()
	summary := regexp.MustCompile(`(?m)^.*outputs compared.*$|^.*between guards.*$|^.*--- FAIL.*$|^.*panic:.*$`).FindAllString(string(out), 40)
	for _, line := range summary {
		t.Log(line)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(out))
	}
	return string(out)
}

// timeLeft is what this test has before it runs out of time; 0 is any time.
func timeLeft(t *testing.T) time.Duration {
	deadline, limited := t.Deadline()
	if !limited {
		return 0
	}
	return max(time.Second, time.Until(deadline))
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
