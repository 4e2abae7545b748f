package main

import (
	"fmt"

	"rigistry/models"
)

const (
	demoKato = "551010000" // Pavlodar
	mrpTiyn  = 100         // tiyn in a tenge
)

// Keys of parties that the story needs by name.
const (
	newcomer      = "newcomer"
	farmHolder    = "farm"
	overHolder    = "over"
	stoppedHolder = "stopped"
	tenantHolder  = "tenant"
	strandedOne   = "stranded"
	retiredHolder = "retired"
	revokedHolder = "revoked"
	endedHolder   = "ended"
	secondTry     = "second"
	thirdTry      = "third"
	readyHolder   = "ready"
)

// demoParty is a party of the story, with the connection point where it is the
// consumer.
type demoParty struct {
	key, point, bin, kk, ru string
	size                    models.BusinessSize
}

// demoParties lists them. The newcomer's number is the one in the documentation
// of the gate.
func demoParties() []demoParty {
	large, medium, small := models.SizeLarge, models.SizeMedium, models.SizeSmall
	return []demoParty{
		{newcomer, freePoint, "210440038887", "«Байқоңыр Дата» ЖШС", "ТОО «Байконур Дата»", medium},
		{farmHolder, "PS12-F03-CP001", demoBin("190640", 101), "«Жарқын Дата» ЖШС", "ТОО «Жаркын Дата»", large},
		{overHolder, "PS12-F03-CP002", demoBin("200240", 102), "«Береке Есептеу» ЖШС", "ТОО «Береке Вычисления»", medium},
		{stoppedHolder, "PS12-F04-CP001", demoBin("180940", 103), "«Сарыарқа Майнинг» ЖШС", "ТОО «Сарыарка Майнинг»", medium},
		{tenantHolder, "", demoBin("211140", 104), "«Алтай Хэш» ЖШС", "ТОО «Алтай Хэш»", medium},
		{strandedOne, "", demoBin("220340", 105), "«Ертіс Блок» ЖШС", "ТОО «Иртыш Блок»", medium},
		{retiredHolder, retiredPoint, demoBin("170540", 106), "«Екібастұз Диджитал» ЖШС", "ТОО «Экибастуз Диджитал»", large},
		{revokedHolder, otherPoint(1), demoBin("191240", 107), "«Кварц Есептеу» ЖШС", "ТОО «Кварц Вычисления»", medium},
		{endedHolder, otherPoint(2), demoBin("200740", 108), "«Нұр Дата» АҚ", "АО «Нур Дата»", large},
		{secondTry, secondFree, demoBin("230140", 109), "«Көкшетау Хостинг» ЖШС", "ТОО «Кокшетау Хостинг»", medium},
		{thirdTry, thirdFree, demoBin("230540", 110), "«Жетісу Энерго Дата» ЖШС", "ТОО «Жетысу Энерго Дата»", large},
		{readyHolder, readyPoint, demoBin("210340", 115), "«Қарқаралы Дата» ЖШС", "ТОО «Каркаралы Дата»", medium},
		{"queue1", otherPoint(3), demoBin("220840", 111), "«Баянауыл Дата» ЖШС", "ТОО «Баянаул Дата»", medium},
		{"queue2", otherPoint(4), demoBin("210940", 112), "«Тобыл Есептеу» ЖШС", "ТОО «Тобол Вычисления»", medium},
		{"queue3", otherPoint(5), demoBin("240240", 113), "«Ақсу Майнинг» ЖШС", "ТОО «Аксу Майнинг»", medium},
		{"queue4", otherPoint(6), demoBin("231040", 114), "«Шідерті Дата» ЖШС", "ТОО «Шидерты Дата»", medium},
		{"bakery1", "PS12-F01-CP003", demoBin("100340", 201), "«Нан» наубайханасы ЖШС", "ТОО «Пекарня Нан»", small},
		{"telecom1", "PS12-F01-CP004", demoBin("940640", 202), "«Дала Телеком» АҚ", "АО «Дала Телеком»", large},
		{"school", "PS12-F01-CP005", demoBin("950940", 203), "№ 7 мектеп КММ", "КГУ «Школа № 7»", medium},
		{"joinery", "PS12-F02-CP001", demoBin("120240", 204), "«Ағаш» шеберханасы ЖШС", "ТОО «Столярная Агаш»", small},
		{"workshop", "PS12-F02-CP002", demoBin("160440", 205), "«Темір» шеберханасы ЖШС", "ТОО «Мастерская Темир»", small},
		{"water", "PS12-F02-CP004", demoBin("970140", 206), "«Павлодар Су» МКК", "ГКП «Павлодар-Водоканал»", large},
		{"bank", "PS12-F03-CP004", demoBin("930840", 207), "«Ертіс Банк» АҚ", "АО «Иртыш Банк»", large},
		{"bakery2", "PS12-F04-CP003", demoBin("140740", 208), "«Бауырсақ» ЖШС", "ТОО «Пекарня Баурсак»", small},
		{"clinic", "PS12-F04-CP005", demoBin("960540", 209), "№ 2 емхана КМК", "КГП «Поликлиника № 2»", medium},
	}
}

// partyBin gives the BIN of a party of the story.
func partyBin(key string) string {
	for _, p := range demoParties() {
		if p.key == key {
			return p.bin
		}
	}
	return ""
}

// demoCast is who and what the story has, with the ids of the registry.
type demoCast struct {
	utilities []models.Utility
	parties   map[string]models.Party // by key
	sites     map[string]models.Site  // by key of the owner
	actors    map[string]models.Actor // by login
	licenses  map[string]string       // numbers by key of the holder
}

func newCast() *demoCast {
	return &demoCast{parties: map[string]models.Party{}, sites: map[string]models.Site{}, actors: map[string]models.Actor{}, licenses: map[string]string{}}
}

func (c *demoCast) party(key string) string { return c.parties[key].ID }

// consumerBin gives the BIN of the consumer at a connection point, "" for a block
// of homes.
func (c *demoCast) consumerBin(point string) string {
	for _, p := range demoParties() {
		if p.point == point {
			return p.bin
		}
	}
	return ""
}

// parties registers everybody, and a site for those who want a license.
func (d *demo) parties(cast *demoCast) error {
	for i, p := range demoParties() {
		saved, err := d.registry.svc.Licensing.RegisterParty(d.app.Ctx, models.System(), models.Party{BinOrIin: p.bin, Kind: models.PartyLegalEntity,
			NameKk: p.kk, NameRu: p.ru, Size: p.size, Resident: true, Kato: demoKato,
			Address: fmt.Sprintf("Павлодар, ул. Торайгырова, %d", 10+i), Email: fmt.Sprintf("office%d@example.kz", i), Phone: "+7 718 200 0000"})
		if err != nil {
			return fmt.Errorf("register party %s: %w", p.key, err)
		}
		cast.parties[p.key] = saved
	}
	return d.partyPersons(cast)
}

// siteOf registers the site of a party at its connection point.
func (d *demo) siteOf(cast *demoCast, key string, capacity models.Watts) (models.Site, error) {
	if site, ok := cast.sites[key]; ok {
		return site, nil
	}
	p := cast.parties[key]
	var points []string
	for _, q := range demoParties() {
		if q.key == key && q.point != "" {
			points = append(points, q.point)
		}
	}
	site, err := d.registry.svc.Licensing.RegisterSite(d.app.Ctx, models.System(), models.Site{Owner: p.ID, NameKk: "Деректерді өңдеу орталығы, " + p.NameKk,
		NameRu: "Центр обработки данных, " + p.NameRu, Address: p.Address, Kato: demoKato, GridZone: "north", HostCapacity: capacity, ConnectionCode: points})
	if err == nil {
		cast.sites[key] = site
	}
	return site, err
}
