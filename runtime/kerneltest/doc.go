// Package kerneltest proves the kernels of a generated package on the machine
// that runs the test, the way net/http/httptest helps to test a server.
//
// A generated package calls Verify and Fuzz with its own table of kernels.
// Four things see what a tolerance does not:
//
//   - the oracle ([Oracle]) is the definition by scatter, in float64; it shares
//     no arithmetic with the code under test, which gathers;
//   - non-zero integers are compared exactly, so that one dropped or doubled
//     term always shows;
//   - other data is held to the running error bound of every single output
//     ([Expect.Bound]) and to the bits of the documented order ([Reference]):
//     there is no tolerance to tune;
//   - guarded buffers ([Buffer]) turn a read or write one element outside a
//     slice into an error.
//
// The summation order that is documented and tested: one accumulator for each
// output, which starts with the bias (or +0); then input channels ascending,
// outermost; then taps by ascending input position in z, y and x.
package kerneltest
