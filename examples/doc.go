// Package examples shows one use of the module in each file, as an example that
// go test runs:
//
//   - dcgan_test.go: a layer of a published network from its prebuilt package
//   - channels_test.go: a prebuilt geometry with channel counts of one's own
//   - anylayer_test.go: a layer for which nothing was generated
//   - path_test.go: forcing an instruction set
//   - kerneltest_test.go: proving an implementation of one's own
package examples
