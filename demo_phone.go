package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"time"

	"rigistry/models"
)

// demoPhone is an inspector's device of the demonstration: it signs what it records with
// a key of its own and chains each event to the one before it, as the field app does.
type demoPhone struct {
	id, prev string // of the registry, and the hash of the last event
	seq      int64
	key      *ecdsa.PrivateKey
}

// signedEvent is an event as it is sent.
type signedEvent struct {
	Payload   string `json:"payload"`
	Signature string `json:"signature"`
}

// newDemoPhone makes the key of a device that the registry does not know yet.
func newDemoPhone() (*demoPhone, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &demoPhone{prev: models.NoEvent, key: key}, err
}

// public is the device's key as it registers it.
func (p *demoPhone) public() (string, error) {
	raw, err := p.key.PublicKey.Bytes()
	return base64.StdEncoding.EncodeToString(raw), err
}

// record signs the next event of a visit.
func (p *demoPhone) record(inspection, kind string, at time.Time, body map[string]any) (signedEvent, error) {
	p.seq++
	payload, err := json.Marshal(map[string]any{"v": 1, "id": fmt.Sprintf("%s-%d", p.id, p.seq), "device": p.id, "inspection": inspection, "seq": p.seq, "prev": p.prev,
		"kind": kind, "at": at.UTC().Format("2006-01-02T15:04:05.000Z"), "body": body})
	if err != nil {
		return signedEvent{}, err
	}
	sum := sha256.Sum256(payload)
	r, s, err := ecdsa.Sign(rand.Reader, p.key, sum[:])
	if err != nil {
		return signedEvent{}, err
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	p.prev = hex.EncodeToString(sum[:])
	return signedEvent{string(payload), base64.StdEncoding.EncodeToString(raw)}, nil
}

// demoPicture draws what a camera would have seen: racks of machines in a hall, another
// picture for each number. It is a real JPEG.
func demoPicture(n int) ([]byte, error) {
	const wide, high = 640, 480
	m := image.NewRGBA(image.Rect(0, 0, wide, high))
	fill := func(r image.Rectangle, c color.RGBA) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				m.SetRGBA(x, y, c)
			}
		}
	}
	shade := uint8(40 * (n % 5))
	fill(m.Rect, color.RGBA{40 + shade/2, 44, 52, 255})
	fill(image.Rect(0, 360+10*n, wide, high), color.RGBA{90, 84 + shade/4, 76, 255})
	for rack := range 4 + n%3 {
		left := 30 + rack*(90+7*n)
		fill(image.Rect(left, 60+9*n, left+70, 380), color.RGBA{120, 124, 130 + shade/3, 255})
		for row := range 8 {
			top := 70 + 9*n + row*36
			fill(image.Rect(left+6, top, left+64, top+26), color.RGBA{24, 26, 30, 255})
			if (rack+row+n)%3 != 0 {
				fill(image.Rect(left+54, top+4, left+60, top+10), color.RGBA{60, 220, 90, 255})
			}
		}
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 85})
	return out.Bytes(), err
}
