package models

import (
	"math"
	"strings"
	"time"
)

// PhotoFlag is something about a photo that a reader should look at. None of them says
// by itself that a photo is worth nothing.
type PhotoFlag struct {
	Code   string // the screens have a sentence for each
	Other  string // hash of the other picture, or number of the other inspection
	Amount int64  // metres, seconds or thousandths; the sentence says which
	How    string // whole, crop, mirror; name of a program
}

// Codes of what is found about photos.
const (
	PhotoNotReceived = "not_received"      // the file has not come in
	PhotoUnreadable  = "unreadable"        // the file is no JPEG or PNG that can be looked at; nothing was compared
	PhotoReused      = "reused"            // looks like an earlier picture; Amount is the correlation in thousandths
	PhotoSameFile    = "same_file"         // the very file was named before
	PhotoGallery     = "gallery"           // chosen from the gallery and not taken in the app
	PhotoNoPlace     = "no_place"          // the device gave no position
	PhotoFar         = "far_from_site"     // Amount is metres
	PhotoTravel      = "impossible_travel" // Amount is metres in a second since the photo before
	PhotoExifTime    = "exif_time"         // the file's time differs by Amount seconds from the device's
	PhotoBeforeVisit = "before_visit"      // made before the visit began
	PhotoExifPlace   = "exif_place"        // the file's place lies Amount metres from the device's
	PhotoEdited      = "edited"            // How names the program that wrote the file
)

const (
	farMetres       = 500
	fastestMetres   = 70 // in a second: 250 km/h
	photoClockSlack = 10 * time.Minute
)

// editors are the programs whose name in a file says that it was worked on.
var editors = []string{"photoshop", "lightroom", "gimp", "snapseed", "picsart", "canva", "pixelmator", "affinity", "paint", "facetune", "vsco", "imagemagick", "meitu"}

// PhotoFacts is what is known about one photo of a visit.
type PhotoFacts struct {
	Photo   ProtocolPhoto
	Blob    *EvidenceBlob  // nil when the file has not come in
	Before  *ProtocolPhoto // the photo before it, nil for the first
	Started time.Time      // of the visit, clock of the device, zero when unknown
	SiteLat int64          // E7; with SiteLon 0 for unknown
	SiteLon int64
	Matches []PictureMatch
	NamedBy string // number of another inspection, or id of another event, that named the very file before; ""
}

// CheckPhoto gives what a reader should look at, in a fixed order.
func CheckPhoto(f PhotoFacts) []PhotoFlag {
	out := []PhotoFlag{}
	add := func(yes bool, flag PhotoFlag) {
		if yes {
			out = append(out, flag)
		}
	}
	p := f.Photo
	add(f.Blob == nil, PhotoFlag{Code: PhotoNotReceived})
	add(f.NamedBy != "", PhotoFlag{Code: PhotoSameFile, Other: f.NamedBy})
	for _, m := range f.Matches {
		add(true, PhotoFlag{Code: PhotoReused, Other: m.Earlier, Amount: m.Score, How: m.How})
	}
	add(p.Source == "gallery", PhotoFlag{Code: PhotoGallery})
	add(!p.HasPlace, PhotoFlag{Code: PhotoNoPlace})
	if p.HasPlace && (f.SiteLat != 0 || f.SiteLon != 0) {
		away := Metres(p.LatE7, p.LonE7, f.SiteLat, f.SiteLon)
		add(away > farMetres+p.Accuracy, PhotoFlag{Code: PhotoFar, Amount: int64(away)})
	}
	if b := f.Before; b != nil && b.HasPlace && p.HasPlace {
		away := Metres(p.LatE7, p.LonE7, b.LatE7, b.LonE7) - p.Accuracy - b.Accuracy
		speed := away / math.Max(1, p.At.Sub(b.At).Abs().Seconds())
		add(speed > fastestMetres, PhotoFlag{Code: PhotoTravel, Amount: int64(speed)})
	}
	if f.Blob != nil {
		out = append(out, f.checkFile()...)
	}
	return out
}

// checkFile looks at what the file says about itself.
func (f PhotoFacts) checkFile() (out []PhotoFlag) {
	p, b := f.Photo, *f.Blob
	if b.Width == 0 {
		out = append(out, PhotoFlag{Code: PhotoUnreadable})
	}
	x := b.Exif
	if !x.Made.IsZero() {
		made := x.Made
		if !x.HasZone { // the camera's local time; the country has one
			made = made.Add(-LegalOffset)
		}
		if d := made.Sub(p.At); d.Abs() > photoClockSlack {
			out = append(out, PhotoFlag{Code: PhotoExifTime, Amount: int64(d.Seconds())})
		}
		if !f.Started.IsZero() && made.Before(f.Started.Add(-photoClockSlack)) {
			out = append(out, PhotoFlag{Code: PhotoBeforeVisit, Amount: int64(f.Started.Sub(made).Seconds())})
		}
	}
	if x.HasPlace && p.HasPlace {
		if away := Metres(x.LatE7, x.LonE7, p.LatE7, p.LonE7); away > farMetres+p.Accuracy {
			out = append(out, PhotoFlag{Code: PhotoExifPlace, Amount: int64(away)})
		}
	}
	for _, name := range editors {
		if strings.Contains(strings.ToLower(x.Software), name) {
			out = append(out, PhotoFlag{Code: PhotoEdited, How: x.Software})
			break
		}
	}
	return out
}

// Metres is the distance of two places on the globe, each in degrees times ten million.
func Metres(lat1, lon1, lat2, lon2 int64) float64 {
	const radius = 6371008.8
	rad := func(e7 int64) float64 { return float64(e7) / 1e7 * math.Pi / 180 }
	dLat, dLon := rad(lat2-lat1), rad(lon2-lon1)
	a := math.Sin(dLat/2)*math.Sin(dLat/2) + math.Cos(rad(lat1))*math.Cos(rad(lat2))*math.Sin(dLon/2)*math.Sin(dLon/2)
	return 2 * radius * math.Asin(math.Min(1, math.Sqrt(a)))
}
