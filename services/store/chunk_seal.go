package store

import (
	"fmt"
	"slices"
	"time"

	"rigistry/models"
)

// RipeKey names a quarter of an hour of a meter that has parts to be sealed.
type RipeKey struct {
	Place int64 `gorm:"column:place"`
	Meter int64 `gorm:"column:meter"`
	Start int64 `gorm:"column:start"`
}

// Ripe is a quarter of an hour of a meter with parts to be sealed.
type Ripe struct {
	Meter   string // id
	Start   time.Time
	Version int64 // of the newest chunk, 0 when there is none
	// Readings are those of the newest chunk and of the parts, by time.
	Readings []models.Reading

	place place
	parts int64
}

// RipeKeys gives at most limit quarters that were over at the instant and got nothing
// since, oldest first. It looks at every part there is: ask for many, and seal them by
// and by.
func (tx *Tx) RipeKeys(quiet time.Time, limit int) ([]RipeKey, error) {
	keys, err := many[RipeKey](tx, `SELECT place, meter, start
		FROM (SELECT place, meter, first_at - first_at % 900000000 AS start, received_at FROM reading_parts WHERE first_at < ?) x
		GROUP BY place, meter, start HAVING MAX(received_at) <= ? AND start <= ? ORDER BY start, place, meter LIMIT ?`,
		micros(quiet), micros(quiet), micros(quiet)-quarterUs, limit)
	if err != nil {
		return nil, fmt.Errorf("look for readings to seal: %w", err)
	}
	return keys, nil
}

// ripeState is what is there of a quarter.
type ripeState struct {
	Parts    int64 `gorm:"column:parts"`
	Received int64 `gorm:"column:received"`
	Version  int64 `gorm:"column:version"`
}

// RipeOf gives the quarters with their readings; it leaves out those that were sealed
// meanwhile, or got something after the instant.
func (tx *Tx) RipeOf(keys []RipeKey, quiet time.Time) ([]Ripe, error) {
	numbers := make([]int64, len(keys))
	for i, k := range keys {
		numbers[i] = k.Meter
	}
	meters, err := tx.metersAt(numbers)
	if err != nil {
		return nil, err
	}
	out := make([]Ripe, 0, len(keys))
	for _, k := range keys {
		now, err := one[ripeState](tx, "quarter", "asked for", `SELECT COUNT(*) AS parts, COALESCE(MAX(received_at), 0) AS received,
			(SELECT COALESCE(MAX(version), 0) FROM reading_chunks WHERE place = ? AND meter = ? AND start_at = ?) AS version
			FROM reading_parts WHERE place = ? AND meter = ? AND first_at >= ? AND first_at < ?`,
			k.Place, k.Meter, k.Start, k.Place, k.Meter, k.Start, k.Start+quarterUs)
		if err != nil {
			return nil, err
		}
		if now.Parts == 0 || now.Received > micros(quiet) {
			continue
		}
		r := Ripe{Meter: meters[k.Meter], Start: instant(k.Start), place: place{k.Meter, k.Place}, parts: now.Parts, Version: now.Version}
		if r.Readings, err = tx.ReadingsWhole(r.Meter, r.Start, r.Start.Add(models.IntervalLength)); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (tx *Tx) chunkVersion(at place, start int64) (int64, error) {
	return one[int64](tx, "chunk", "asked for", "SELECT COALESCE(MAX(version), 0) FROM reading_chunks WHERE place = ? AND meter = ? AND start_at = ?",
		at.place, at.number, start)
}

// Seal is one run of sealing: the digests of its chunks in order, and the root over
// them.
type Seal struct {
	Number   int64
	SealedAt time.Time
	Readings int64
	Root     string // hex
	Digests  []byte // 32 bytes a chunk
}

// InsertSeal keeps chunks of quarters that RipeOf gave, as the next version of each,
// takes their parts away, and adds up the hours and days that are over with them. A
// quarter that got more readings in between gives CodeVersionConflict: nothing is
// sealed. The number of the seal is given back.
func (tx *Tx) InsertSeal(s Seal, ripe []Ripe, bodies [][]byte) (int64, error) {
	number, err := one[int64](tx, "seal", "next", "SELECT COALESCE(MAX(number), 0) + 1 FROM reading_seals")
	if err != nil {
		return 0, err
	}
	if _, err := exec(tx, "INSERT INTO reading_seals (number, sealed_at, chunks, readings, root, digests) VALUES (?, ?, ?, ?, ?, ?)",
		number, micros(tx.Now), len(ripe), s.Readings, s.Root, s.Digests); err != nil {
		return 0, fmt.Errorf("keep a seal: %w", err)
	}
	var ints [6][]int64
	for i := range ripe {
		r := &ripe[i]
		n, err := exec(tx, "DELETE FROM reading_parts WHERE place = ? AND meter = ? AND first_at >= ? AND first_at < ?",
			r.place.place, r.place.number, micros(r.Start), micros(r.Start)+quarterUs)
		if err != nil {
			return 0, fmt.Errorf("take sealed parts away: %w", err)
		}
		version, err := tx.chunkVersion(r.place, micros(r.Start))
		if err != nil {
			return 0, err
		}
		if n != r.parts || version != r.Version {
			return 0, errStale
		}
		for k, v := range [6]int64{r.place.place, r.place.number, micros(r.Start), r.Version + 1, number, int64(len(r.Readings))} {
			ints[k] = append(ints[k], v)
		}
	}
	if err := copyBulk(tx, bulk{"reading_chunks", len(bodies), []bulkColumn{{name: "place", ints: ints[0]}, {name: "meter", ints: ints[1]},
		{name: "start_at", ints: ints[2]}, {name: "version", ints: ints[3]}, {name: "seal", ints: ints[4]}, {name: "readings", ints: ints[5]},
		{name: "body", bodies: bodies}}}); err != nil {
		return 0, fmt.Errorf("keep chunks: %w", err)
	}
	return number, tx.rollUpAll(ripe)
}

// rollUpAll adds up each hour and day of sealed quarters once.
func (tx *Tx) rollUpAll(ripe []Ripe) error {
	type step struct {
		meter string
		start int64
	}
	done := map[step]bool{}
	for i := range ripe {
		at := step{ripe[i].Meter, micros(rolledHours.start(ripe[i].Start))}
		if done[at] {
			continue
		}
		done[at] = true
		if err := tx.rollUp(ripe[i].Meter, ripe[i].Start); err != nil {
			return err
		}
	}
	return nil
}

// Chunk is a sealed quarter of an hour of a meter, in one of its versions.
type Chunk struct {
	Start    int64  `gorm:"column:start_at"`
	Version  int64  `gorm:"column:version"`
	Seal     int64  `gorm:"column:seal"`
	Readings int64  `gorm:"column:readings"`
	Body     []byte `gorm:"column:body"` // models.ParseChunk reads it
}

// Chunks gives every version of a meter's chunks that start in [from, until).
func (tx *Tx) Chunks(meter string, from, until time.Time, limit int) ([]Chunk, error) {
	at, ok, err := tx.placeOf(meter)
	if err != nil || !ok {
		return nil, err
	}
	return many[Chunk](tx, `SELECT start_at, version, seal, readings, body FROM reading_chunks
		WHERE place = ? AND meter = ? AND start_at >= ? AND start_at < ? ORDER BY start_at, version LIMIT ?`,
		at.place, at.number, micros(from), micros(until), limit)
}

// SealOf gives a seal by its number, or CodeNotFound.
func (tx *Tx) SealOf(number int64) (Seal, error) {
	row, err := one[struct {
		Number   int64  `gorm:"column:number"`
		SealedAt int64  `gorm:"column:sealed_at"`
		Readings int64  `gorm:"column:readings"`
		Root     string `gorm:"column:root"`
		Digests  []byte `gorm:"column:digests"`
	}](tx, "seal", fmt.Sprint(number), "SELECT number, sealed_at, readings, root, digests FROM reading_seals WHERE number = ?", number)
	return Seal{row.Number, instant(row.SealedAt), row.Readings, row.Root, row.Digests}, err
}

// SealHead is a seal without the digests of its chunks, and where its entry is.
type SealHead struct {
	SealedAt time.Time
	Root     string
	Entry    int64 // place in the ledger, -1 while it is in none
}

// SealHeads gives seals by their numbers.
func (tx *Tx) SealHeads(numbers []int64) (map[int64]SealHead, error) {
	type row struct {
		Number   int64  `gorm:"column:number"`
		SealedAt int64  `gorm:"column:sealed_at"`
		Root     string `gorm:"column:root"`
		Entry    int64  `gorm:"column:entry"`
	}
	out := make(map[int64]SealHead, len(numbers))
	for part := range chunks(slices.Compact(slices.Sorted(slices.Values(numbers))), maxRows) {
		rows, err := many[row](tx, `SELECT s.number, s.sealed_at, s.root, COALESCE((SELECT MAX(e.leaf_index) FROM ledger_entries e
			WHERE e.subject_kind = 'reading_seal' AND e.subject_id = CAST(s.number AS TEXT)), -1) AS entry
			FROM reading_seals s WHERE s.number IN ?`, part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Number] = SealHead{instant(r.SealedAt), r.Root, r.Entry}
		}
	}
	return out, nil
}
