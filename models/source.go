package models

// Source says where a reading comes from. The numbers are stored: new ones go to the end,
// and there is room for eight.
type Source uint8

// The sources.
const (
	SourceUnknown   Source = iota // from before sources were kept
	SourceModbus                  // read from the meter's registers
	SourceFile                    // from a file of a metering system
	SourcePushed                  // sent by a system that reads meters its own way
	SourceEntered                 // written down by a person, as at an exchange of meters
	SourceCorrected               // put in the place of what was measured, by two people
	SourceSimulated               // made up for a demonstration
	sourceCount
)

var sourceNames = [sourceCount]string{"unknown", "modbus", "file", "pushed", "entered", "corrected", "simulated"}

// String is the source's word on every interface.
func (s Source) String() string {
	if s < sourceCount {
		return sourceNames[s]
	}
	return sourceNames[SourceUnknown]
}

// ParseSource finds a source by its word; "" is unknown.
func ParseSource(word string) (Source, bool) {
	if word == "" {
		return SourceUnknown, true
	}
	for s, name := range sourceNames {
		if name == word {
			return Source(s), true //nolint:gosec // less than eight
		}
	}
	return SourceUnknown, false
}

// Set is the set of this source alone; an unknown source is in no set.
func (s Source) Set() SourceSet {
	if s == SourceUnknown {
		return 0
	}
	return 1 << s
}

// SourceSet is where the readings of an interval come from.
type SourceSet uint16

// Has tells whether the source is among them.
func (s SourceSet) Has(one Source) bool { return s&one.Set() != 0 }

// Names gives the words of the sources, in order.
func (s SourceSet) Names() []string {
	out := []string{}
	for one := SourceModbus; one < sourceCount; one++ {
		if s.Has(one) {
			out = append(out, one.String())
		}
	}
	return out
}

// sourced tells whether any reading has a source.
func sourced(readings []Reading) bool {
	for i := range readings {
		if readings[i].Source != SourceUnknown {
			return true
		}
	}
	return false
}

// mark is the quality of the reading and its source in one byte.
func (r *Reading) mark() byte { return byte(r.Quality) | byte(r.Source)<<5 }

// setMark sets both; false when there are no such.
func (r *Reading) setMark(b byte) bool {
	r.Quality, r.Source = Quality(b&31), Source(b>>5)
	return r.Quality < qualityCount && r.Source < sourceCount
}
