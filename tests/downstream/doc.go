// Package downstream holds the test of the promise to other modules: that the
// command, taken as a tool of a published version, writes a package which builds,
// passes its own tests, fuzzes and computes what the README says.
//
// The version is this working tree, served from a folder in the layout of the
// module proxy protocol. Nothing is downloaded: other modules come from the
// machine's module cache, which is such a folder too.
package downstream
