package documents

import (
	"bytes"
	"fmt"

	"rsc.io/qr"

	"rigistry/models"
)

// maxPermitQR is the longest permit that fits a QR code of 177 modules at level L. A
// permit with its proof has about 1,200 bytes: 109 to 125 modules, a fifth of a
// millimetre and more each on a side of 80 mm.
const maxPermitQR = 2900

// PermitSVG draws a signed permit as a QR code of level L (7 % may be damaged): one
// path on a white ground with its quiet zone, to be given a size of at least 70 mm
// where it is printed. CodeInvalid when the text is empty or too long.
func (s *Service) PermitSVG(permit string) ([]byte, error) {
	if permit == "" || len(permit) > maxPermitQR {
		return nil, models.Errorf(models.CodeInvalid, "A permit as a QR code has 1 to %d bytes; this has %d.", maxPermitQR, len(permit))
	}
	code, err := qr.Encode(permit, qr.L)
	if err != nil {
		return nil, fmt.Errorf("encode a permit as a QR code: %w", err)
	}
	full := code.Size + 2*quiet
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, full, full, full, full)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			start := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > start {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", start+quiet, y+quiet, x-start, x-start)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes(), nil
}
