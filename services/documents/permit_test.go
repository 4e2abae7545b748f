package documents

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var svgRun = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`)

// paint draws the runs of a picture, a few pixels for each module.
func paint(t *testing.T, svg string, pixels int) image.Image {
	t.Helper()
	var full int
	if m := regexp.MustCompile(`viewBox="0 0 (\d+) `).FindStringSubmatch(svg); m != nil {
		full, _ = strconv.Atoi(m[1])
	}
	img := image.NewGray(image.Rect(0, 0, full*pixels, full*pixels))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, m := range svgRun.FindAllStringSubmatch(svg, -1) {
		x, _ := strconv.Atoi(m[1])
		y, _ := strconv.Atoi(m[2])
		w, _ := strconv.Atoi(m[3])
		for py := y * pixels; py < (y+1)*pixels; py++ {
			for px := x * pixels; px < (x+w)*pixels; px++ {
				img.SetGray(px, py, color.Gray{})
			}
		}
	}
	return img
}

func TestPermitSVG_IsReadBackByAScannerLetterByLetter(t *testing.T) {
	scanner, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Fatal("zbarimg is missing: apt-get install zbar-tools")
	}
	permit := "eyJhbGciOiJFZERTQSJ9." + strings.Repeat("aZ09-_xQ", 140) + ".c2lnbmF0dXJl"
	svg, err := New(nil).PermitSVG(permit)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "permit.png")
	out, err := os.Create(file)
	if err == nil {
		err = png.Encode(out, paint(t, string(svg), 4))
	}
	if err != nil || out.Close() != nil {
		t.Fatal(err)
	}
	got, err := exec.Command(scanner, "--raw", "-q", file).Output()
	if err != nil || strings.TrimSpace(string(got)) != permit {
		t.Errorf("the scanner read %q (%v), want the permit of %d bytes", got, err, len(permit))
	}
	for _, wrong := range []string{"", strings.Repeat("x", maxPermitQR+1)} {
		if _, err := New(nil).PermitSVG(wrong); err == nil {
			t.Errorf("a permit of %d bytes was drawn", len(wrong))
		}
	}
}
