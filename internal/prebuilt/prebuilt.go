// Package prebuilt gathers the kernels of the packages under generated/.
package prebuilt

import (
	"slices"

	"github.com/upconv/upconv/generated/common"
	"github.com/upconv/upconv/generated/dcgan"
	"github.com/upconv/upconv/generated/fcn"
	"github.com/upconv/upconv/generated/fsrcnn"
	"github.com/upconv/upconv/generated/hifigan"
	"github.com/upconv/upconv/generated/maskrcnn"
	"github.com/upconv/upconv/generated/odd"
	"github.com/upconv/upconv/generated/pose"
	"github.com/upconv/upconv/generated/resample"
	"github.com/upconv/upconv/generated/sam2"
	"github.com/upconv/upconv/generated/unet"
	"github.com/upconv/upconv/runtime"
	"github.com/upconv/upconv/specs"
)

// Package is one prebuilt package.
type Package struct {
	Name    string
	Kernels []runtime.Kernel
	Layers  []specs.Layer
}

// Packages lists the prebuilt packages by name.
func Packages() []Package {
	return []Package{
		{"common", common.Kernels(), common.Layers()},
		{"dcgan", dcgan.Kernels(), dcgan.Layers()},
		{"fcn", fcn.Kernels(), fcn.Layers()},
		{"fsrcnn", fsrcnn.Kernels(), fsrcnn.Layers()},
		{"hifigan", hifigan.Kernels(), hifigan.Layers()},
		{"maskrcnn", maskrcnn.Kernels(), maskrcnn.Layers()},
		{"odd", odd.Kernels(), odd.Layers()},
		{"pose", pose.Kernels(), pose.Layers()},
		{"resample", resample.Kernels(), resample.Layers()},
		{"sam2", sam2.Kernels(), sam2.Layers()},
		{"unet", unet.Kernels(), unet.Layers()},
	}
}

// Kernels lists the kernels of all packages; those of common come last, so that
// of equally specific kernels a network's own is preferred.
func Kernels() []runtime.Kernel {
	var tables [][]runtime.Kernel
	packages := Packages()
	for _, p := range append(packages[1:], packages[0]) {
		tables = append(tables, p.Kernels)
	}
	return slices.Concat(tables...)
}
