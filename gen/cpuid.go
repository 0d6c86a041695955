package gen

import "github.com/upconv/upconv/asm"

// CPUIDSource is where the header of the CPUID file says it comes from.
const CPUIDSource = "asm/cpuid.go"

// CPUID returns the file of package runtime/cpu that asks the processor about itself.
func CPUID() ([]File, error) {
	out, err := asm.CPUID()
	if err != nil {
		return nil, err
	}
	return []File{{Name: "cpuid_amd64.s", Data: assemblyFile(CPUIDSource, "cpuid", out.Text)}}, nil
}
