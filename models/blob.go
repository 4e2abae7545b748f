package models

import "time"

// MaxEvidenceBytes bounds one file of evidence.
const MaxEvidenceBytes = 20 << 20

// EvidenceBlob is one original that the registry keeps byte for byte, and what was read
// from it when it came in.
type EvidenceBlob struct {
	SHA256     string // hex
	Bytes      int64
	MediaType  string
	Width      int64 // pixels, 0 when it is no picture that can be read
	Height     int64
	Exif       Exif
	Print      PicturePrint
	Received   time.Time
	ReceivedBy string // user id
	Entry      string // id of the ledger entry of the receipt
}

// What can happen to evidence.
const (
	CustodyReceived      = "received"
	CustodyReceivedAgain = "received_again"
	CustodyViewed        = "viewed"
	CustodyExported      = "exported"
	CustodyErased        = "erased"
)

// Custody is one time that somebody had an original in hands.
type Custody struct {
	ID      string
	SHA256  string
	Act     string
	Purpose string
	At      time.Time
	By      string // user id
	Entry   string // id of its ledger entry
}

// PictureMatch says that a picture looks like one that was there before.
type PictureMatch struct {
	SHA256  string
	Earlier string
	Score   int64  // correlation in thousandths
	How     string // whole, crop, mirror
	Found   time.Time
}
