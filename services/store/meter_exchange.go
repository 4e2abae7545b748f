package store

import (
	"rigistry/models"
)

type exchangeRow struct {
	ID           string `gorm:"column:id"`
	N            int64  `gorm:"column:n"`
	Meter        string `gorm:"column:meter_id"`
	Kind         string `gorm:"column:kind"`
	At           int64  `gorm:"column:at"`
	OldSerial    string `gorm:"column:old_serial"`
	NewSerial    string `gorm:"column:new_serial"`
	OldProfile   string `gorm:"column:old_profile"`
	NewProfile   string `gorm:"column:new_profile"`
	OldRatio     string `gorm:"column:old_ratio"`
	NewRatio     string `gorm:"column:new_ratio"`
	Final        int64  `gorm:"column:final_wh"`
	First        int64  `gorm:"column:first_wh"`
	FinalExport  int64  `gorm:"column:final_export_wh"`
	FirstExport  int64  `gorm:"column:first_export_wh"`
	OldSeals     string `gorm:"column:old_seals"`
	NewSeals     string `gorm:"column:new_seals"`
	Act          string `gorm:"column:act"`
	Actor        string `gorm:"column:actor_id"`
	MeterVersion int64  `gorm:"column:meter_version"`
	Recorded     int64  `gorm:"column:recorded_at"`
}

func (r exchangeRow) exchange() models.MeterExchange {
	return models.MeterExchange{ID: r.ID, N: r.N, Meter: r.Meter, Kind: models.ExchangeKind(r.Kind), At: instant(r.At), OldSerial: r.OldSerial,
		NewSerial: r.NewSerial, OldProfile: r.OldProfile, NewProfile: r.NewProfile, OldRatio: r.OldRatio, NewRatio: r.NewRatio,
		Final: models.WattHours(r.Final), First: models.WattHours(r.First), FinalExport: models.WattHours(r.FinalExport), FirstExport: models.WattHours(r.FirstExport),
		OldSeals: r.OldSeals, NewSeals: r.NewSeals, Act: r.Act, Actor: r.Actor, MeterVersion: r.MeterVersion, Recorded: instant(r.Recorded)}
}

// InsertMeterExchange adds an exchange as the next one, recorded now, and gives it with
// its number. Two of a meter at one instant are a conflict.
func (tx *Tx) InsertMeterExchange(x models.MeterExchange) (models.MeterExchange, error) {
	n, err := one[int64](tx, "sequence", "meter_exchanges", "SELECT COALESCE(MAX(n), 0) + 1 FROM meter_exchanges")
	if err != nil {
		return x, err
	}
	x.N, x.Recorded = n, tx.Now
	return x, insert(tx, "meter_exchanges", &exchangeRow{ID: x.ID, N: x.N, Meter: x.Meter, Kind: string(x.Kind), At: micros(x.At), OldSerial: x.OldSerial,
		NewSerial: x.NewSerial, OldProfile: x.OldProfile, NewProfile: x.NewProfile, OldRatio: x.OldRatio, NewRatio: x.NewRatio, Final: int64(x.Final), First: int64(x.First),
		FinalExport: int64(x.FinalExport), FirstExport: int64(x.FirstExport), OldSeals: x.OldSeals, NewSeals: x.NewSeals, Act: x.Act, Actor: x.Actor,
		MeterVersion: x.MeterVersion, Recorded: micros(x.Recorded)})
}

func exchangesOf(rows []exchangeRow, err error) ([]models.MeterExchange, error) {
	out := make([]models.MeterExchange, len(rows))
	for i, r := range rows {
		out[i] = r.exchange()
	}
	return out, err
}

// MeterExchanges gives what was done to a meter, the newest first.
func (tx *Tx) MeterExchanges(meter string) ([]models.MeterExchange, error) {
	return exchangesOf(many[exchangeRow](tx, "SELECT * FROM meter_exchanges WHERE meter_id = ? ORDER BY at DESC, n DESC", meter))
}

// ExchangesFrom gives exchanges from a number on, in order.
func (tx *Tx) ExchangesFrom(n int64, limit int) ([]models.MeterExchange, error) {
	return exchangesOf(many[exchangeRow](tx, "SELECT * FROM meter_exchanges WHERE n >= ? ORDER BY n LIMIT ?", n, limit))
}
