// Package prebuilt gathers the kernels of the packages under generated/.
package prebuilt

import (
	"slices"

	"github.com/upconv/upconv/generated/centernet"
	"github.com/upconv/upconv/generated/common"
	"github.com/upconv/upconv/generated/dcgan"
	"github.com/upconv/upconv/generated/deconvnet"
	"github.com/upconv/upconv/generated/deeplab"
	"github.com/upconv/upconv/generated/encodec"
	"github.com/upconv/upconv/generated/encoder"
	"github.com/upconv/upconv/generated/espcn"
	"github.com/upconv/upconv/generated/fcn"
	"github.com/upconv/upconv/generated/fsrcnn"
	"github.com/upconv/upconv/generated/hifigan"
	"github.com/upconv/upconv/generated/maskrcnn"
	"github.com/upconv/upconv/generated/melgan"
	"github.com/upconv/upconv/generated/odd"
	"github.com/upconv/upconv/generated/pose"
	"github.com/upconv/upconv/generated/resample"
	"github.com/upconv/upconv/generated/resize"
	"github.com/upconv/upconv/generated/sam2"
	"github.com/upconv/upconv/generated/segnet"
	"github.com/upconv/upconv/generated/stablediffusion"
	"github.com/upconv/upconv/generated/stylegan2"
	"github.com/upconv/upconv/generated/unet"
	"github.com/upconv/upconv/generated/volume"
	"github.com/upconv/upconv/generated/yolo"
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
		{"centernet", centernet.Kernels(), centernet.Layers()},
		{"common", common.Kernels(), common.Layers()},
		{"dcgan", dcgan.Kernels(), dcgan.Layers()},
		{"deconvnet", deconvnet.Kernels(), deconvnet.Layers()},
		{"deeplab", deeplab.Kernels(), deeplab.Layers()},
		{"encodec", encodec.Kernels(), encodec.Layers()},
		{"encoder", encoder.Kernels(), encoder.Layers()},
		{"espcn", espcn.Kernels(), espcn.Layers()},
		{"fcn", fcn.Kernels(), fcn.Layers()},
		{"fsrcnn", fsrcnn.Kernels(), fsrcnn.Layers()},
		{"hifigan", hifigan.Kernels(), hifigan.Layers()},
		{"maskrcnn", maskrcnn.Kernels(), maskrcnn.Layers()},
		{"melgan", melgan.Kernels(), melgan.Layers()},
		{"odd", odd.Kernels(), odd.Layers()},
		{"pose", pose.Kernels(), pose.Layers()},
		{"resample", resample.Kernels(), resample.Layers()},
		{"resize", resize.Kernels(), resize.Layers()},
		{"sam2", sam2.Kernels(), sam2.Layers()},
		{"segnet", segnet.Kernels(), segnet.Layers()},
		{"stablediffusion", stablediffusion.Kernels(), stablediffusion.Layers()},
		{"stylegan2", stylegan2.Kernels(), stylegan2.Layers()},
		{"unet", unet.Kernels(), unet.Layers()},
		{"volume", volume.Kernels(), volume.Layers()},
		{"yolo", yolo.Kernels(), yolo.Layers()},
	}
}

// Kernels lists the kernels of all packages; those of common come last, so that
// of equally specific kernels a network's own is preferred.
func Kernels() []runtime.Kernel {
	var tables [][]runtime.Kernel
	packages := Packages()
	common := slices.IndexFunc(packages, func(p Package) bool { return p.Name == "common" })
	own := slices.Delete(slices.Clone(packages), common, common+1)
	for _, p := range append(own, packages[common]) {
		tables = append(tables, p.Kernels)
	}
	return slices.Concat(tables...)
}
