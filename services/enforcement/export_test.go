package enforcement

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"io"
)

// Reseal gives a package again with some of its files changed, and everything that
// follows from them made anew and signed: what somebody with the document key could do.
func Reseal(content []byte, key ed25519.PrivateKey, change func(path string, b []byte) []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	var (
		m     Manifest
		files []madeFile
	)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		switch f.Name {
		case fileManifest:
			if err := json.Unmarshal(b, &m); err != nil {
				return nil, err
			}
		case fileSignature:
		default:
			files = append(files, madeFile{path: f.Name, content: plain(change(f.Name, b))})
		}
	}
	m.Files = nil
	p, err := pack(m, files, PackageSources{Key: key})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	_, err = p.WriteTo(&out)
	return out.Bytes(), err
}
