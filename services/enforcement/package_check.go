package enforcement

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/big"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/ledger"
)

// sealedWords are words of the case exactly as their digest in the ledger was made.
type sealedWords struct {
	Entry string `json:"entry"` // id of the ledger's entry
	Salt  string `json:"salt"`
	Text  string `json:"text"`
}

// acts checks words of the case against their salted digests in the ledger.
func (v *packageCheck) acts() error {
	for id, l := range v.fieldv {
		if !strings.HasPrefix(id, "words.") || l.Commitment != "" {
			continue
		}
		var w sealedWords
		if err := json.Unmarshal(l.Value, &w); err != nil {
			return broken(fileRecord, "the field %s cannot be read: %v", id, err)
		}
		e, there := v.byID[w.Entry]
		if !there {
			return broken(fileRecord, "the field %s names an entry of the ledger that is not here", id)
		}
		if e.Digest != "" {
			continue
		}
		var body struct {
			Words string `json:"words"`
		}
		sum := sha256.Sum256([]byte(w.Salt + w.Text))
		if err := json.Unmarshal([]byte(e.Body), &body); err != nil || body.Words != "sha256:"+hex.EncodeToString(sum[:]) {
			return broken(fileRecord, "the words of %s do not give the digest in entry %d of the ledger", id, e.Index)
		}
		v.report.Acts++
	}
	return nil
}

// chunks checks the readings: each chunk is in its seal, each seal is in the ledger, and
// the tables of readings are what the chunks say.
func (v *packageCheck) chunks() error {
	lines, err := parseLines[chunkLine](fileChunks, v.kept[fileChunks])
	if err != nil {
		return err
	}
	seals := map[string]string{} // root by number
	for _, e := range v.byID {
		var body struct {
			Seal int64  `json:"seal"`
			Root string `json:"root"`
		}
		if e.Kind == "readings.sealed" && e.Digest == "" && json.Unmarshal([]byte(e.Body), &body) == nil {
			seals[e.SubjectID] = body.Root
		}
	}
	next := map[string]int64{}
	var current *csvCheck
	for _, l := range lines {
		if current == nil || current.file != l.File {
			if err := current.end(v); err != nil {
				return err
			}
			if current, err = v.newCSVCheck(l.File); err != nil {
				return err
			}
		}
		at, there := v.at[l.File]
		if !there || l.Offset != next[l.File] || l.Bytes < 1 || l.Bytes > maxChunkBytes || l.Offset+l.Bytes > at.size {
			return broken(fileChunks, "the chunk of %s in %s is not where it should stand", l.Start, l.File)
		}
		next[l.File] += l.Bytes
		body := make([]byte, l.Bytes)
		if _, err := v.zip.r.ReadAt(body, at.from+l.Offset); err != nil {
			return err
		}
		if err := v.chunk(l, body, seals); err != nil {
			return err
		}
		readings, err := v.readings(l, body)
		if err != nil {
			return err
		}
		n, err := current.add(l, readings)
		if err != nil {
			return err
		}
		v.report.Readings += n
		v.report.Chunks++
	}
	if err := current.end(v); err != nil {
		return err
	}
	for path, at := range v.at {
		if strings.HasSuffix(path, ".chunks") && next[path] != at.size {
			return broken(path, "%d bytes of it belong to no chunk", at.size-next[path])
		}
	}
	return v.registersNamed()
}

const maxChunkBytes = 16 << 20

func (v *packageCheck) chunk(l chunkLine, body []byte, seals map[string]string) error {
	path, err := parseHashes(l.Path)
	if err != nil {
		return broken(fileChunks, "the chunk of %s: %v", l.Start, err)
	}
	root, err := hex.DecodeString(l.Root)
	if err != nil || len(root) != sha256.Size {
		return broken(fileChunks, "the chunk of %s has no root", l.Start)
	}
	digest := sha256.Sum256(body)
	branch := ledger.Branch{Size: l.Size, Index: l.Index, Path: path, Root: ledger.Hash(root)}
	if err := branch.Check(digest[:]); err != nil {
		return broken(l.File, "the chunk of %s is not the one that was sealed: %v", l.Start, err)
	}
	if want, there := seals[itoa(l.Seal)]; !there || want != l.Root {
		return broken(fileChunks, "the chunk of %s names seal %d, whose root in the ledger is not the same", l.Start, l.Seal)
	}
	return nil
}

// csvCheck makes the tables of readings and of registers again.
type csvCheck struct {
	file      string
	code      string // of the meter
	sum       *summer
	registers registersCheck
	tally     registersTally
}

func (v *packageCheck) newCSVCheck(file string) (*csvCheck, error) {
	code, m, err := v.meterOf(strings.TrimSuffix(file, ".chunks"))
	if err != nil {
		return nil, err
	}
	c := &csvCheck{file: file, code: code, sum: newSummer(), registers: newRegistersCheck(), tally: newRegistersTally(m)}
	_, _ = io.WriteString(c.sum, readingsHeading) // a hash takes everything
	return c, nil
}

func (c *csvCheck) add(l chunkLine, readings []models.Reading) (int64, error) {
	if stampOf(readings[0].At.Truncate(models.IntervalLength)) != l.Start {
		return 0, broken(fileChunks, "the chunk at %s begins at %s", l.Start, stampOf(readings[0].At))
	}
	if err := c.registers.add(l.Version, readings); err != nil {
		return 0, err
	}
	c.tally.add(readings)
	return int64(len(readings)), writeReadings(c.sum, l.Version, readings)
}

func (c *csvCheck) end(v *packageCheck) error {
	if c == nil {
		return nil
	}
	name := strings.TrimSuffix(c.file, ".chunks")
	if at, there := v.at[name+".csv"]; !there || at.sum != c.sum.hex() {
		return broken(name+".csv", "it is not what the sealed readings say")
	}
	if err := c.registers.end(v, name); err != nil {
		return err
	}
	return c.tally.end(v, name, c.code)
}

// events checks what the inspectors' devices signed, and the pictures that they name.
func (v *packageCheck) events() error {
	devices, err := parseLines[deviceLine](fileDevices, v.kept[fileDevices])
	if err != nil {
		return err
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, d := range devices {
		if keys[d.ID], err = devicePublic(d.PublicKey); err != nil {
			return broken(fileDevices, "the key of device %s is no P-256 key", d.ID)
		}
	}
	lines, err := parseLines[eventLine](fileEvents, v.kept[fileEvents])
	if err != nil {
		return err
	}
	last := map[string]signedPayload{}
	pictures := map[string]bool{}
	for i, l := range lines {
		p, err := v.event(i+1, l, keys)
		if err != nil {
			return err
		}
		if l.Payload == "" {
			continue
		}
		before, known := last[p.Device]
		if known && p.Seq == before.Seq+1 && p.Prev != before.hash {
			return broken(fileEvents, "event %s does not follow from the one before it on its device: the chain is broken", p.ID)
		}
		last[p.Device] = p
		for _, sum := range []string{p.Body.SHA256, p.Body.Image} {
			if sum != "" {
				pictures[sum] = true
			}
		}
		v.report.Events++
	}
	return v.pictures(pictures)
}

// signedPayload is what of an event's payload is checked.
type signedPayload struct {
	ID     string `json:"id"`
	Device string `json:"device"`
	Seq    int64  `json:"seq"`
	Prev   string `json:"prev"`
	Body   struct {
		SHA256 string `json:"sha256"`
		Image  string `json:"image_sha256"`
	} `json:"body"`
	hash string
}

func (v *packageCheck) event(n int, l eventLine, keys map[string]*ecdsa.PublicKey) (p signedPayload, err error) {
	if l.Payload == "" {
		return p, v.gone(fileEvents, "event:"+l.Hash, l.Hash)
	}
	sum := sha256.Sum256([]byte(l.Payload))
	p.hash = hex.EncodeToString(sum[:])
	if err := json.Unmarshal([]byte(l.Payload), &p); err != nil {
		return p, broken(fileEvents, "event %d cannot be read: %v", n, err)
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(l.Signature)
	key := keys[p.Device]
	if err != nil || len(signature) != 64 || key == nil {
		return p, broken(fileEvents, "event %s has no signature of a device that is named here", p.ID)
	}
	if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return p, broken(fileEvents, "the signature of event %s by its device does not hold", p.ID)
	}
	if e, there := v.byID[l.Entry]; l.Entry != "" && (!there || e.Digest == "" && !strings.Contains(e.Body, p.hash)) {
		return p, broken(fileEvents, "the ledger's entry of event %s is missing or does not name its hash", p.ID)
	}
	return p, v.present(fileEvents, "event:"+p.hash, p.hash)
}

// pictures checks that each original is named by its digest, and counts those that a
// device signed for.
func (v *packageCheck) pictures(named map[string]bool) error {
	for path, at := range v.at {
		name, original := strings.CutPrefix(path, folderOriginal)
		if !original {
			continue
		}
		if sum, _, _ := strings.Cut(name, "."); sum != at.sum {
			return broken(path, "its bytes have another SHA-256 than its name")
		}
		if named[at.sum] {
			v.report.Pictures++
		}
	}
	var missing []string
	for sum := range named {
		item := ""
		for i := range v.items {
			if strings.HasPrefix(i, "file:"+folderOriginal+sum) {
				item = i
			}
		}
		if item == "" && !bytes.Contains(v.fieldv["gaps"].Value, []byte(sum)) {
			missing = append(missing, sum)
		}
	}
	if slices.Sort(missing); len(missing) > 0 {
		return broken(fileEvents, "the picture %s was signed for and is neither here nor named as a gap", missing[0])
	}
	return nil
}

func devicePublic(text string) (*ecdsa.PublicKey, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, err
	}
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
}
