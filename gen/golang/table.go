package golang

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/upconv/upconv/runtime/cpu"
	"github.com/upconv/upconv/runtime/pack"
	"github.com/upconv/upconv/specs"
)

// Table is what the files around the kernels list.
type Table struct {
	Package, Header, Source string
	Layers                  []specs.Layer
	Kernels                 []Entry
}

// Entry is one kernel of the table.
type Entry struct {
	Name, ISA, Layer string // Layer is the spec's name of the layer it serves
	Stamp            string // constant that the kernel's file asks for
	Finished         bool   // that layer has a residual or an activation
	Needs            cpu.Features
	Pack             pack.Layout
	Lanes, Columns   int
	Slack, Fused     bool
	Masked           bool
	Row              int
	Shifted, Fold    int
	Pass             int
	Once             bool
	Field            string // the field of runtime.Kernel that has it; those other than Run have no Pack
	Assembly         bool
	Params           []string // slices first
	Slices           int
}

// TableFiles are the files of a package that are not kernels.
var TableFiles = []struct {
	Name  string
	Spell func(Table) ([]byte, error)
}{
	{"kernels.go", kernelsFile},
	{"kernels_amd64.go", assemblyFile},
	{"kernels_noasm.go", noAssemblyFile},
	{"layers.go", layersFile},
	{"kernels_test.go", testFile},
}

// kernelsFile lists the portable kernels and joins them with the assembly.
func kernelsFile(t Table) ([]byte, error) {
	f := newFile(t.Package, t.Header)
	f.PackageComment(fmt.Sprintf("Package %s holds kernels generated from %s. Each layer of the spec has a", t.Package, t.Source))
	f.PackageComment("constructor; Kernels lists the kernels for a registry of one's own.")
	f.Comment("Kernels lists the package's kernels that this build contains, best first.")
	f.Func().Id("Kernels").Params().Index().Qual(runtimePath, "Kernel").Block(
		jen.Return(jen.Append(jen.Id("assembly").Call(), jen.Id("portable").Call().Op("..."))),
	)
	f.Comment("portable lists the kernels for any processor.")
	entries := t.entries(false)
	f.Add(listFunc("portable", entries))
	return declaring(f, entries)
}

// declaring renders a table, with the constants that the files of its kernels ask for.
func declaring(f *jen.File, entries []Entry) ([]byte, error) {
	data, err := render(f)
	var stamps []string
	for _, e := range entries {
		stamps = append(stamps, e.Stamp)
	}
	return Declare(data, stamps...), err
}

func (t Table) entries(assembly bool) []Entry {
	var es []Entry
	for _, e := range t.Kernels {
		if e.Assembly == assembly {
			es = append(es, e)
		}
	}
	return es
}

// listFunc prints one kernel a line.
func listFunc(name string, entries []Entry) *jen.Statement {
	return jen.Func().Id(name).Params().Index().Qual(runtimePath, "Kernel").Block(
		jen.Return(jen.Index().Qual(runtimePath, "Kernel").ValuesFunc(func(g *jen.Group) {
			for _, e := range entries {
				g.Line().Values(e.fields()...)
			}
			if len(entries) > 0 {
				g.Line()
			}
		})),
	)
}

// fields are the fields of a runtime.Kernel literal.
func (e Entry) fields() []jen.Code {
	layer := jen.Id(layerFunc(e.Layer)).Call()
	if e.Finished {
		layer.Dot("Sums").Call()
	}
	fields := []jen.Code{
		jen.Id("Name").Op(":").Lit(e.Name),
		jen.Id("ISA").Op(":").Lit(e.ISA),
		jen.Id("Layer").Op(":").Add(layer),
	}
	if e.Needs != 0 {
		fields = append(fields, jen.Id("Needs").Op(":").Add(features(e.Needs)))
	}
	if e.Field == "Run" {
		fields = append(fields, jen.Id("Pack").Op(":").Qual(packPath, "Layout").Values(layout(e.Pack)...))
	}
	return append(fields,
		jen.Id("Tile").Op(":").Qual(runtimePath, "Tile").Values(e.tile()...),
		jen.Id(e.Field).Op(":").Id(e.Name),
	)
}

// layout are the fields of a pack.Layout literal.
func layout(l pack.Layout) []jen.Code {
	fields := []jen.Code{
		jen.Id("Order").Op(":").Qual(packPath, orderNames[l.Order]),
		jen.Id("Channels").Op(":").Lit(l.Channels),
		jen.Id("Section").Op(":").Lit(l.Section),
	}
	if l.Rows > 0 {
		fields = append(fields, jen.Id("Rows").Op(":").Lit(l.Rows))
	}
	return fields
}

var orderNames = map[pack.Order]string{pack.Planar: "Planar", pack.Phases: "Phases", pack.Channels: "Channels"}

func (e Entry) tile() []jen.Code {
	fields := []jen.Code{jen.Id("Lanes").Op(":").Lit(e.Lanes), jen.Id("Columns").Op(":").Lit(e.Columns)}
	if e.Slack {
		fields = append(fields, jen.Id("Slack").Op(":").True())
	}
	if e.Row > 0 {
		fields = append(fields, jen.Id("Row").Op(":").Lit(e.Row))
	}
	if e.Masked {
		fields = append(fields, jen.Id("Masked").Op(":").True())
	}
	if e.Shifted > 0 {
		fields = append(fields, jen.Id("Shifted").Op(":").Lit(e.Shifted))
	}
	if e.Fold > 0 {
		fields = append(fields, jen.Id("Fold").Op(":").Lit(e.Fold))
	}
	if e.Fused {
		fields = append(fields, jen.Id("Fused").Op(":").True())
	}
	if e.Pass > 0 {
		fields = append(fields, jen.Id("Pass").Op(":").Lit(e.Pass))
	}
	if e.Once {
		fields = append(fields, jen.Id("Once").Op(":").True())
	}
	return fields
}

// features prints cpu.AVX | cpu.FMA3.
func features(f cpu.Features) *jen.Statement {
	s := jen.Empty()
	for i, n := range f.Names() {
		if i > 0 {
			s.Op("|")
		}
		s.Qual(cpuPath, n)
	}
	return s
}

// assemblyFile declares the assembly kernels and lists them.
func assemblyFile(t Table) ([]byte, error) {
	f := newFile(t.Package, t.Header)
	f.HeaderComment("//go:build !purego")
	entries := t.entries(true)
	for _, e := range entries {
		f.Comment(fmt.Sprintf("%s is in %s_amd64.s.", e.Name, e.Name))
		f.Comment("")
		f.Comment("//go:noescape")
		f.Func().Id(e.Name).Params(
			names(e.Params[:e.Slices]).Index().Float32(),
			names(e.Params[e.Slices:]).Int(),
		)
	}
	f.Comment("assembly lists the kernels in assembly.")
	f.Add(listFunc("assembly", entries))
	return declaring(f, entries)
}

func noAssemblyFile(t Table) ([]byte, error) {
	f := newFile(t.Package, t.Header)
	f.HeaderComment("//go:build !amd64 || purego")
	f.Comment("assembly is empty in this build: it has no kernels in assembly.")
	f.Func().Id("assembly").Params().Index().Qual(runtimePath, "Kernel").Block(jen.Return(jen.Nil()))
	return render(f)
}

// testFile verifies and fuzzes the package's own kernels.
func testFile(t Table) ([]byte, error) {
	f := newFile(t.Package, t.Header)
	f.Comment("TestKernels holds every kernel against the oracle.")
	f.Func().Id("TestKernels").Params(jen.Id("t").Op("*").Qual("testing", "T")).Block(
		jen.Qual(kerneltestPath, "Verify").Call(jen.Id("t"), jen.Id("Kernels").Call(), jen.Id("Layers").Call()),
	)
	f.Comment("FuzzKernels runs random shapes and data: go test -fuzz FuzzKernels")
	f.Func().Id("FuzzKernels").Params(jen.Id("f").Op("*").Qual("testing", "F")).Block(
		jen.Id("check").Op(":=").Qual(kerneltestPath, "Fuzz").Call(jen.Id("f"), jen.Id("Kernels").Call(), jen.Id("Layers").Call()),
		jen.Id("f").Dot("Fuzz").Call(
			jen.Func().Params(jen.Id("t").Op("*").Qual("testing", "T"), jen.Id("data").Index().Byte()).Block(
				jen.Id("check").Call(jen.Id("t"), jen.Id("data")),
			),
		),
	)
	return render(f)
}

// layerFunc is the unexported function that returns the layer.
func layerFunc(name string) string { return "layer" + specs.GoName(name) }
