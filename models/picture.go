package models

import (
	"image"
	"math"
	"math/bits"
	"slices"
)

// PicturePrint is what a picture looks like, small enough to compare with every earlier
// one: a thumbnail in grey, and difference hashes of the whole and of windows of it, so
// that a cut-out is still found. It survives another encoding, another size and another
// brightness.
type PicturePrint struct {
	Hashes []uint64 // of the whole first, then of each window
	Thumb  []byte   // printSide x printSide, grey
}

const (
	printSide  = 48
	verifySide = 24
	// looseBits is how many of the 64 bits of two hashes may differ for a closer look.
	looseBits = 20
	// hopeless is the correlation below which a window is not moved about.
	hopeless = 0.15
	// SamePicture is the correlation, in thousandths, from which on two pictures are
	// taken to be the same.
	SamePicture = 800
)

// printWindow is a part of a picture, in shares of its sides.
type printWindow struct{ x, y, w, h float64 }

// printWindows are the whole and the cut-outs that are hashed.
var printWindows = func() []printWindow {
	out := []printWindow{{0, 0, 1, 1}}
	for _, s := range []struct {
		size  float64
		steps int
	}{{0.9, 3}, {0.8, 4}, {0.7, 5}, {0.6, 6}} {
		for y := range s.steps {
			for x := range s.steps {
				step := (1 - s.size) / float64(s.steps-1)
				out = append(out, printWindow{float64(x) * step, float64(y) * step, s.size, s.size})
			}
		}
	}
	return out
}()

// PrintOf takes the print of a picture.
func PrintOf(img image.Image) PicturePrint {
	p := PicturePrint{Thumb: greyThumb(img)}
	for _, w := range printWindows {
		p.Hashes = append(p.Hashes, p.hash(w))
	}
	return p
}

// greyThumb is the picture in grey, each pixel the mean of its part of the picture.
func greyThumb(img image.Image) []byte {
	b := img.Bounds()
	var sum, count [printSide * printSide]uint64
	grey := greyOf(img)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		row := (y - b.Min.Y) * printSide / b.Dy() * printSide
		for x := b.Min.X; x < b.Max.X; x++ {
			at := row + (x-b.Min.X)*printSide/b.Dx()
			sum[at] += uint64(grey(x, y))
			count[at]++
		}
	}
	out := make([]byte, printSide*printSide)
	for i := range out {
		if count[i] == 0 { // a picture smaller than the thumbnail
			x, y := i%printSide*b.Dx()/printSide, i/printSide*b.Dy()/printSide
			out[i] = grey(b.Min.X+x, b.Min.Y+y)
			continue
		}
		out[i] = byte(sum[i] / count[i])
	}
	return out
}

func greyOf(img image.Image) func(x, y int) byte {
	switch p := img.(type) {
	case *image.YCbCr:
		return func(x, y int) byte { return p.Y[p.YOffset(x, y)] }
	case *image.Gray:
		return func(x, y int) byte { return p.Pix[p.PixOffset(x, y)] }
	}
	return func(x, y int) byte {
		r, g, b, _ := img.At(x, y).RGBA()
		return byte((299*r + 587*g + 114*b) / 1000 >> 8)
	}
}

// region samples a window of the thumbnail into w x h means.
func (p PicturePrint) region(win printWindow, w, h int) []float64 {
	out := make([]float64, w*h)
	for y := range h {
		y0, y1 := (win.y+win.h*float64(y)/float64(h))*printSide, (win.y+win.h*float64(y+1)/float64(h))*printSide
		for x := range w {
			x0, x1 := (win.x+win.w*float64(x)/float64(w))*printSide, (win.x+win.w*float64(x+1)/float64(w))*printSide
			out[y*w+x] = p.mean(x0, y0, x1, y1)
		}
	}
	return out
}

// mean is the mean grey of a part of the thumbnail, edges by their share.
func (p PicturePrint) mean(x0, y0, x1, y1 float64) float64 {
	var sum, weight float64
	for y := int(y0); y < printSide && float64(y) < y1; y++ {
		wy := math.Min(y1, float64(y+1)) - math.Max(y0, float64(y))
		for x := int(x0); x < printSide && float64(x) < x1; x++ {
			w := wy * (math.Min(x1, float64(x+1)) - math.Max(x0, float64(x)))
			sum += w * float64(p.Thumb[y*printSide+x])
			weight += w
		}
	}
	if weight == 0 {
		return 0
	}
	return sum / weight
}

// hash is the difference hash of a window: for each of 8 x 8 places whether it gets
// lighter to the right.
func (p PicturePrint) hash(w printWindow) (h uint64) {
	g := p.region(w, 9, 8)
	for y := range 8 {
		for x := range 8 {
			h <<= 1
			if g[y*9+x+1] > g[y*9+x] {
				h |= 1
			}
		}
	}
	return h
}

// mirrored is the print of the picture seen in a mirror; its windows are left out.
func (p PicturePrint) mirrored() PicturePrint {
	m := PicturePrint{Thumb: make([]byte, len(p.Thumb))}
	for y := range printSide {
		for x := range printSide {
			m.Thumb[y*printSide+x] = p.Thumb[y*printSide+printSide-1-x]
		}
	}
	m.Hashes = []uint64{m.hash(printWindows[0])}
	return m
}

// Empty tells whether there is no print: the file is no picture that can be read, or it
// is of one colour.
func (p PicturePrint) Empty() bool {
	if len(p.Thumb) != printSide*printSide || len(p.Hashes) != len(printWindows) {
		return true
	}
	return flat(p.region(printWindows[0], verifySide, verifySide))
}

func flat(g []float64) bool {
	var sum, square float64
	for _, v := range g {
		sum, square = sum+v, square+v*v
	}
	n := float64(len(g))
	return square/n-(sum/n)*(sum/n) < 9 // a deviation of 3 of 255
}

// Resembles compares two pictures: the score in thousandths of the correlation of their
// details, and whether it is the whole, a cut-out or a mirror image. 0 when they differ.
func (p PicturePrint) Resembles(earlier PicturePrint) (score int64, how string) {
	if p.Empty() || earlier.Empty() {
		return 0, ""
	}
	try := func(a, b PicturePrint, w printWindow, as string) {
		if s := int64(1000 * a.alike(b, w)); s > score {
			score, how = s, as
		}
	}
	for _, c := range p.nearest(earlier) {
		as := "crop"
		if c.window == 0 {
			as = "whole"
		}
		if c.reversed {
			try(earlier, p, printWindows[c.window], as)
		} else {
			try(p, earlier, printWindows[c.window], as)
		}
	}
	if m := p.mirrored(); score < SamePicture && apart(m.Hashes[0], earlier.Hashes[0]) <= looseBits {
		try(m, earlier, printWindows[0], "mirror")
	}
	if score < SamePicture {
		return 0, ""
	}
	return score, how
}

// candidate is a window of one picture that may show the whole of the other.
type candidate struct {
	window   int
	bits     int  // how far the hashes are apart
	reversed bool // the window is of the newer picture
}

// closerLooks is how many candidates of a pair are looked at closely.
const closerLooks = 10

// nearest gives the windows whose hashes are nearest, at most closerLooks of them.
func (p PicturePrint) nearest(earlier PicturePrint) []candidate {
	out := make([]candidate, 0, 16)
	for i := range printWindows {
		if d := apart(p.Hashes[0], earlier.Hashes[i]); d <= looseBits {
			out = append(out, candidate{i, d, false})
		}
		if d := apart(p.Hashes[i], earlier.Hashes[0]); i > 0 && d <= looseBits {
			out = append(out, candidate{i, d, true})
		}
	}
	slices.SortFunc(out, func(a, b candidate) int { return a.bits - b.bits })
	return out[:min(len(out), closerLooks)]
}

func apart(a, b uint64) int { return bits.OnesCount64(a ^ b) }

// alike is the best correlation of the details of the whole of p with the window of
// other, moved and sized a little.
func (p PicturePrint) alike(other PicturePrint, w printWindow) (best float64) {
	mine := details(p.region(printWindows[0], verifySide, verifySide))
	best = correlation(mine, details(other.region(w, verifySide, verifySide)))
	if best < hopeless {
		return best
	}
	const move = 0.03
	for _, size := range []float64{1, 0.96, 1.04} {
		for dy := -1.0; dy <= 1; dy++ {
			for dx := -1.0; dx <= 1; dx++ {
				v := printWindow{w.x + dx*move, w.y + dy*move, w.w * size, w.h * size}
				if v.x < 0 || v.y < 0 || v.x+v.w > 1.0001 || v.y+v.h > 1.0001 {
					continue
				}
				if c := correlation(mine, details(other.region(v, verifySide, verifySide))); c > best {
					best = c
				}
			}
		}
	}
	return best
}

// details takes away from each place the mean of the places around it: light and dark
// halves that many pictures share count no more.
func details(g []float64) []float64 {
	const r = 3
	out := make([]float64, len(g))
	for y := range verifySide {
		for x := range verifySide {
			var sum, n float64
			for v := max(0, y-r); v <= min(verifySide-1, y+r); v++ {
				for u := max(0, x-r); u <= min(verifySide-1, x+r); u++ {
					sum, n = sum+g[v*verifySide+u], n+1
				}
			}
			out[y*verifySide+x] = g[y*verifySide+x] - sum/n
		}
	}
	return out
}

// correlation is Pearson's, 0 where one of them has no details.
func correlation(a, b []float64) float64 {
	var sa, sb, saa, sbb, sab float64
	for i := range a {
		sa, sb = sa+a[i], sb+b[i]
		saa, sbb, sab = saa+a[i]*a[i], sbb+b[i]*b[i], sab+a[i]*b[i]
	}
	n := float64(len(a))
	va, vb := saa-sa*sa/n, sbb-sb*sb/n
	if va < n/4 || vb < n/4 {
		return 0
	}
	return (sab - sa*sb/n) / math.Sqrt(va*vb)
}
