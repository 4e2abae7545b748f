package web

import "io/fs"

// VerifierPage gives the page that checks an evidence package in a browser, with no
// network; nil where it was not built.
func VerifierPage() []byte {
	page, err := fs.ReadFile(dist, "dist/verify/verify.html")
	if err != nil {
		return nil
	}
	return page
}
