package documents

import (
	"bytes"
	"fmt"

	"rsc.io/qr"

	"rigistry/models"
)

const (
	// maxQR keeps the modules large enough to be scanned from 25 mm of paper.
	maxQR = 300
	// quiet is the white margin that ISO/IEC 18004 asks for, in modules.
	quiet = 4
)

// bar is a horizontal run of black modules, in modules from the top left corner
// of the symbol.
type bar struct{ x, y, width int }

// bars encodes the text at level M (15 % may be damaged) and gives the size in
// modules and the black runs.
func bars(text string) (size int, out []bar, err error) {
	if text == "" || len(text) > maxQR {
		return 0, nil, models.Errorf(models.CodeInvalid, "A QR code takes 1 to %d bytes; this text has %d.", maxQR, len(text))
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return 0, nil, fmt.Errorf("encode a QR code: %w", err)
	}
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			start := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > start {
				out = append(out, bar{start, y, x - start})
			}
		}
	}
	return code.Size, out, nil
}

// QRSVG draws the text as a QR code of level M: one path on a white ground with
// its quiet zone, in modules, to be given a size where it is shown. CodeInvalid
// when the text is empty or longer than 300 bytes.
func (s *Service) QRSVG(text string) ([]byte, error) {
	size, runs, err := bars(text)
	if err != nil {
		return nil, err
	}
	full := size + 2*quiet
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, full, full, full, full)
	for _, r := range runs {
		fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", r.x+quiet, r.y+quiet, r.width, r.width)
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes(), nil
}
