package specfile

import (
	"strings"

	"github.com/upconv/upconv/specs"
)

// fileDecoder turns the root of a file into a File.
type fileDecoder struct {
	values
	limits specs.Limits
	file   File
}

// fileKeys are the keys of a file.
var fileKeys = []string{"version", "package", "output", "layers"}

func (d *fileDecoder) decode(root *node) {
	if root.kind == plain && root.value == "" {
		d.faults.add(root.at, "the file is empty")
		return
	}
	if root.kind != mapping {
		d.faults.add(root.at, "a spec file must be a mapping, not %s", root.describe())
		return
	}
	if !d.version(root) {
		return
	}
	d.known(root, fileKeys)
	d.packageName(root)
	d.output(root.get("output"))
	d.layers(root)
}

// version reports whether the file has the version that this package reads;
// all else depends on that.
func (d *fileDecoder) version(root *node) bool {
	n := root.get("version")
	if n == nil {
		d.faults.add(root.at, "version is missing; write version: %d", Version)
		return true
	}
	v, ok := d.integer("version", n)
	if ok && v != Version {
		d.faults.add(n.at, "version %d is not supported; supported: %d", v, Version)
		return false
	}
	d.file.Version = v
	return true
}

func (d *fileDecoder) packageName(root *node) {
	n := root.get("package")
	if n == nil {
		d.faults.add(root.at, "package is missing; it names the generated Go package")
		return
	}
	name, ok := d.text("package", n)
	if !ok {
		return
	}
	if err := specs.CheckPackageName(name); err != nil {
		d.faults.add(n.at, "%v", err)
	}
	d.file.Package = name
}

// output checks that the folder lies below the file's own.
func (d *fileDecoder) output(n *node) {
	if n == nil {
		return
	}
	folder, ok := d.text("output", n)
	if !ok {
		return
	}
	if reason := badFolder(folder); reason != "" {
		d.faults.add(n.at, "output %s %s", specs.Quote(folder), reason)
		return
	}
	d.file.Output = folder
}

// badFolder says what is wrong with a relative, slash-separated path, if anything.
func badFolder(folder string) string {
	if folder == "." {
		return ""
	}
	if strings.HasPrefix(folder, "/") {
		return "is absolute; write a path relative to the spec file's folder"
	}
	for element := range strings.SplitSeq(folder, "/") {
		switch {
		case element == "..":
			return "leaves the spec file's folder"
		case !plainElement(element):
			return "must be names of letters, digits, _, - and . between slashes, each starting with a letter or digit"
		case specs.WindowsReserved(element):
			return "has a name that is reserved on Windows"
		}
	}
	return ""
}

// plainElement reports a file name that every system and the go tool take.
func plainElement(s string) bool {
	const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return s != "" && strings.Contains(alphanumeric, s[:1]) && strings.Trim(s, alphanumeric+"_-.") == "" && !strings.HasSuffix(s, ".")
}

func (d *fileDecoder) layers(root *node) {
	n := root.get("layers")
	switch {
	case n == nil:
		d.faults.add(root.at, "layers is missing; it lists the layers")
		return
	case n.kind == unusable:
		return
	case n.kind != list:
		d.faults.add(n.at, "layers must be a list, not %s", n.describe())
		return
	case len(n.items) == 0:
		d.faults.add(n.at, "layers is empty; a package has at least one layer")
		return
	}
	for _, item := range n.items {
		d.layer(item)
	}
	d.clashes(n.items)
}

func (d *fileDecoder) layer(n *node) {
	if n.kind != mapping {
		if n.kind != unusable {
			d.faults.add(n.at, "a layer must be a mapping, not %s", n.describe())
		}
		return
	}
	l := newLayerDecoder(n, d.faults)
	l.decode(d.limits)
	d.file.Layers = append(d.file.Layers, l.layer)
	d.file.Positions = append(d.file.Positions, l.place("name", -1))
}
