package api

import (
	"encoding/base64"
	"fmt"

	"rigistry/models"
	"rigistry/services/metering"
)

// RegistersWire is the words of the registers that a meter answered with.
type RegistersWire struct {
	Layout string `json:"layout" maxLength:"64" doc:"SHA-256 of the layout's text, in hex"`
	Words  string `json:"words" maxLength:"400000" doc:"Base64: which blocks came, and by how much each number differs from what the values say; models.Registers.AppendBinary"`
}

// maxLayoutText bounds the text of a layout, in bytes.
const maxLayoutText = 64 << 10

// registersOnWire adds the sources and the words of registers to a batch on the wire.
func registersOnWire(b *metering.Batch, out *ReadingBatchInput) {
	for _, l := range b.Layouts() {
		out.Layouts = append(out.Layouts, l.Text())
	}
	for i := range b.Readings {
		if r := &b.Readings[i]; r.Source != models.SourceUnknown {
			out.Readings[i].Source = r.Source.String()
		}
		if r := &b.Readings[i]; r.Registers != nil {
			out.Readings[i].Registers = &RegistersWire{Layout: r.Registers.Layout.Digest().String(),
				Words: base64.StdEncoding.EncodeToString(r.Registers.AppendBinary(nil, &r.Values))}
		}
	}
}

// registersOffWire reads the sources and the words of registers of a batch, beside its values.
func registersOffWire(in *ReadingBatchInput, out *metering.Batch, bad *models.Invalid) {
	known := make(map[string]*models.RegisterLayout, len(in.Layouts))
	for i, text := range in.Layouts {
		l, err := models.ParseRegisterLayout(text)
		if err != nil || len(text) > maxLayoutText {
			bad.Add(fmt.Sprintf("/layouts/%d", i), "format", "Send the text of a layout of registers as the collector wrote it.")
			continue
		}
		known[l.Digest().String()] = l
	}
	for i := range in.Readings {
		w := in.Readings[i].Registers
		var ok bool
		if out.Readings[i].Source, ok = models.ParseSource(in.Readings[i].Source); !ok || out.Readings[i].Source == models.SourceCorrected {
			bad.Add(fmt.Sprintf("/readings/%d/source", i), "unknown", "%q is no source of readings.", in.Readings[i].Source)
		}
		if in.Readings[i].Source == "" {
			out.Readings[i].Source = models.SourcePushed
			if w != nil {
				out.Readings[i].Source = models.SourceModbus
			}
		}
		if w == nil {
			continue
		}
		l := known[w.Layout]
		if l == nil {
			bad.Add(fmt.Sprintf("/readings/%d/registers/layout", i), "unknown", "Send the layout with the batch, in layouts.")
			continue
		}
		packed, err := base64.StdEncoding.DecodeString(w.Words)
		if err == nil {
			out.Readings[i].Registers, err = models.ParseRegisters(l, packed, &out.Readings[i].Values)
		}
		if err != nil {
			bad.Add(fmt.Sprintf("/readings/%d/registers/words", i), "format", "These are no words of the registers of this layout.")
		}
	}
}
