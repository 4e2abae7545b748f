package enforcement

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// A package is a ZIP in one written form: files one after the other from the first byte,
// stored and not compressed, with no dates, comments, extra fields or descriptors; then
// the directory in the same order; then its end. What the headers say follows from the
// names and bytes of the files, so there is no byte in it that could say something else.
const (
	zipLocal     = 0x04034b50
	zipCentral   = 0x02014b50
	zipEnd       = 0x06054b50
	zipVersion   = 10
	zipUTF8      = 0x0800
	zipDate      = 0x0021 // 1980-01-01, the first that there is
	zipLocalSize = 30
	zipEndSize   = 22

	maxPackageFiles = 60_000
	maxPackageBytes = 4_000_000_000
	maxPackagePath  = 200
)

// zipFile is what the headers say of a file.
type zipFile struct {
	path string
	size int64
	crc  uint32
}

func (f zipFile) local() []byte {
	b := binary.LittleEndian.AppendUint32(nil, zipLocal)
	return f.common(b, nil)
}

// common appends what both headers of a file have, with what the central one has more.
func (f zipFile) common(b, tail []byte) []byte {
	for _, v := range []uint16{zipVersion, zipUTF8, 0, 0, zipDate} {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = binary.LittleEndian.AppendUint32(b, f.crc)
	b = binary.LittleEndian.AppendUint32(b, uint32(f.size))      //nolint:gosec // bounded by maxPackageBytes
	b = binary.LittleEndian.AppendUint32(b, uint32(f.size))      //nolint:gosec // the same
	b = binary.LittleEndian.AppendUint16(b, uint16(len(f.path))) //nolint:gosec // bounded by maxPackagePath
	b = binary.LittleEndian.AppendUint16(b, 0)
	return append(append(b, tail...), f.path...)
}

func (f zipFile) central(offset int64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, zipCentral)
	b = binary.LittleEndian.AppendUint16(b, zipVersion)
	tail := make([]byte, 10, 14)                                               // no comment, first disk, no attributes
	return f.common(b, binary.LittleEndian.AppendUint32(tail, uint32(offset))) //nolint:gosec // bounded
}

func zipTrailer(files int, start, length int64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, zipEnd)
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(files))  //nolint:gosec // bounded by maxPackageFiles
	b = binary.LittleEndian.AppendUint16(b, uint16(files))  //nolint:gosec // the same
	b = binary.LittleEndian.AppendUint32(b, uint32(length)) //nolint:gosec // bounded
	b = binary.LittleEndian.AppendUint32(b, uint32(start))  //nolint:gosec // bounded
	return append(b, 0, 0)
}

// content writes a file's bytes; it is called more than once and writes the same each time.
type content func(w io.Writer) error

func plain(b []byte) content {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}

// measure gives the size, SHA-256 and check sum of a content.
func measure(c content) (size int64, sum string, crc uint32, err error) {
	digest, check := sha256.New(), crc32.NewIEEE()
	n := &counter{w: io.MultiWriter(digest, check)}
	if err := c(n); err != nil {
		return 0, "", 0, err
	}
	return n.n, hex.EncodeToString(digest.Sum(nil)), check.Sum32(), nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// packed is a file to be written, measured.
type packed struct {
	zipFile
	content content
}

// writeZip writes the files in the one form.
func writeZip(w io.Writer, files []packed) error {
	if len(files) > maxPackageFiles {
		return fmt.Errorf("a package of %d files is more than %d", len(files), maxPackageFiles)
	}
	out := &counter{w: w}
	var directory []byte
	for _, f := range files {
		if out.n+f.size > maxPackageBytes {
			return fmt.Errorf("a package of more than %d bytes", int64(maxPackageBytes))
		}
		directory = append(directory, f.central(out.n)...)
		if _, err := out.Write(f.local()); err != nil {
			return err
		}
		before := out.n
		if err := f.content(out); err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
		if out.n-before != f.size {
			return fmt.Errorf("%s has %d bytes now and had %d", f.path, out.n-before, f.size)
		}
	}
	start := out.n
	if _, err := out.Write(directory); err != nil {
		return err
	}
	_, err := out.Write(zipTrailer(len(files), start, int64(len(directory))))
	return err
}

// Broken says what of a package does not hold.
type Broken struct {
	Part string // path of the file, or "the directory of the ZIP", "the end of the ZIP"
	What string
}

// Error says it in one sentence.
func (b *Broken) Error() string { return b.Part + ": " + b.What }

func broken(part, format string, args ...any) error {
	return &Broken{Part: part, What: fmt.Sprintf(format, args...)}
}

// zipReader walks a package from its first byte to its last.
type zipReader struct {
	r         io.ReaderAt
	size      int64
	at        int64
	files     int
	directory []byte
}

// next checks the headers and the check sum of the next file, which must have the path
// and, where known (not negative), the size, and hands its bytes to the writer.
func (z *zipReader) next(path string, size, limit int64, to io.Writer) error {
	head := make([]byte, zipLocalSize+len(path))
	if _, err := z.r.ReadAt(head, z.at); err != nil {
		return broken(path, "the package ends before it")
	}
	if z.at == 0 && binary.LittleEndian.Uint32(head) != zipLocal {
		return broken(path, "the file is no package: it does not begin as a ZIP does. Was an error of the server saved under its name?")
	}
	if size < 0 {
		size = int64(binary.LittleEndian.Uint32(head[18:]))
		if size > limit {
			return broken(path, "its header says that it has %d bytes, and no more than %d are read", size, limit)
		}
	}
	from := z.at + int64(len(head))
	if size > z.size-from {
		return broken(path, "it has %d bytes, and the package has no more than %d from there on", size, max(z.size-from, 0))
	}
	check := crc32.NewIEEE()
	if _, err := io.Copy(io.MultiWriter(to, check), io.NewSectionReader(z.r, from, size)); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	f := zipFile{path: path, size: size, crc: check.Sum32()}
	if want := f.local(); !bytes.Equal(head, want) {
		if at := firstDifference(head, want); at < 14 || at >= 18 {
			return broken(path, "its header in the ZIP is not as it was written, from byte %d of the package on", z.at+int64(at))
		}
		return broken(path, "its bytes do not give the check sum in its header")
	}
	z.directory = append(z.directory, f.central(z.at)...)
	z.at, z.files = from+size, z.files+1
	return nil
}

func firstDifference(a, b []byte) int {
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return len(a)
}

const (
	partDirectory = "the directory of the ZIP"
	partEnd       = "the end of the ZIP"
)

// end checks that nothing but the directory of the files follows.
func (z *zipReader) end() error {
	tail := zipTrailer(z.files, z.at, int64(len(z.directory)))
	for _, part := range []struct {
		name string
		want []byte
	}{{partDirectory, z.directory}, {partEnd, tail}} {
		got := make([]byte, len(part.want))
		if n, err := z.r.ReadAt(got, z.at); n < len(got) && (err == nil || errors.Is(err, io.EOF)) {
			return broken(part.name, "it is cut off")
		} else if n < len(got) {
			return fmt.Errorf("read %s: %w", part.name, err)
		}
		if !bytes.Equal(got, part.want) {
			return broken(part.name, "it is not as it was written, from byte %d of the package on", z.at+int64(firstDifference(got, part.want)))
		}
		z.at += int64(len(got))
	}
	if z.at != z.size {
		return broken(partEnd, "%d bytes follow it", z.size-z.at)
	}
	return nil
}

// goodPath tells whether a path can stand in a package: relative, plain, and the same
// file on every system.
func goodPath(path string) bool {
	if path == "" || len(path) > min(maxPackagePath, math.MaxUint16) || !utf8.ValidString(path) || strings.ContainsAny(path, "\\:*?\"<>|") {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.HasPrefix(part, ".") || strings.TrimSpace(part) != part {
			return false
		}
	}
	return !strings.ContainsFunc(path, func(r rune) bool { return r < 0x20 || r == 0x7f })
}
