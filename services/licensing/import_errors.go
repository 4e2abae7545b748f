package licensing

import (
	"encoding/json"
	"errors"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// importErrors are the errors of a chunk as they are stored, in the order of the file.
func importErrors(j store.ImportJob, rows []rigRow, failed []RowError, columns []ImportColumn) []store.ImportError {
	why := map[int]error{}
	for _, f := range failed {
		why[f.Line] = f.Err
	}
	var out []store.ImportError
	for _, r := range rows {
		err := r.bad
		if err == nil {
			err = why[r.line]
		}
		if err == nil {
			continue
		}
		cells, _ := json.Marshal(r.cells) // strings always marshal
		base := store.ImportError{Job: j.ID, Phase: phaseOf(j), Line: int64(r.line), Cells: string(cells)}
		var e *models.Error
		if !errors.As(err, &e) || len(e.Fields) == 0 {
			base.Code, base.Detail = "invalid", err.Error()
			out = append(out, base)
			continue
		}
		for i, f := range e.Fields {
			one := base
			one.N, one.Field, one.Code, one.Detail = int64(i), strings.TrimPrefix(f.Pointer, "/"), f.Code, f.Detail
			one.Value = cellOf(r.cells, columns, one.Field)
			out = append(out, one)
		}
	}
	return out
}

const maxShownCell = 200 // runes

func cellOf(cells []string, columns []ImportColumn, field string) string {
	for i, c := range columns {
		if i < len(cells) && c.Field != "" && (c.Field == field || field == "nameplate_kw" && c.Field == "nameplate_w") {
			r := []rune(cells[i])
			return string(r[:min(len(r), maxShownCell)])
		}
	}
	return ""
}
