package enforcement

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"maps"
	"slices"
)

// Reseal gives a package again with some of its files changed, and everything that
// follows from them made anew and signed: what somebody with the document key could do.
func Reseal(content []byte, key ed25519.PrivateKey, change func(path string, b []byte) []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		if f.Name != fileManifest && f.Name != fileSignature {
			b = change(f.Name, b)
		}
		files[f.Name] = b
	}
	return ResealFiles(files, key)
}

// ResealFiles makes a package of files, under the manifest among them made anew.
func ResealFiles(content map[string][]byte, key ed25519.PrivateKey) ([]byte, error) {
	var m Manifest
	if err := json.Unmarshal(content[fileManifest], &m); err != nil {
		return nil, err
	}
	files := []madeFile{{path: fileKeys, content: plain(content[fileKeys])}}
	for _, path := range slices.Sorted(maps.Keys(content)) {
		if path != fileManifest && path != fileSignature && path != fileKeys {
			files = append(files, madeFile{path: path, content: plain(content[path])})
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

// PutWith makes the service write the bytes of originals in another way.
func (s *Service) PutWith(put func(f io.Writer, content []byte) error) { s.put = put }

// PutAll writes them as ever.
func (s *Service) PutAll() { s.put = putAll }
