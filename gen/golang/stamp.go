package golang

import "fmt"

// Declare appends the constants that other files ask for.
func Declare(file []byte, constants ...string) []byte {
	if len(constants) == 0 {
		return file
	}
	file = append(file, "\n// Other files ask for these: files of different runs do not build together.\n"...)
	for _, c := range constants {
		file = fmt.Appendf(file, "const %s = 1\n", c)
	}
	return file
}

// Ask appends what compiles only beside the file that declares the constant.
func Ask(file []byte, declaring, constant string) []byte {
	return fmt.Appendf(file, "\n// %s has this constant: files of different runs do not build together.\nconst _ = %s\n", declaring, constant)
}
