// The peers' side of the comparison is a module of its own, so that it is no part
// of the product. Its path lies below the product's, so it may import internal/.
module github.com/upconv/upconv/peers/ours

go 1.26.0

require github.com/upconv/upconv v0.0.0

require golang.org/x/sys v0.49.0 // indirect

replace github.com/upconv/upconv => ../..
