package api

import (
	"context"
	"math"
	"time"

	"rigistry/models"
	"rigistry/services/detection"
)

func (s *Server) weatherRoutes() []route {
	const tag = "Detection"
	return []route{
		handle("POST", "/v1/weather", models.ActWeatherWrite, tag, "Tell outdoor temperatures that a station measured; the same again changes nothing, another value of an instant takes the place of the first", s.postWeather).upTo(4 << 20),
		handle("GET", "/v1/weather", models.ActFindingRead, tag, "Outdoor temperatures of a place, by time", s.getWeather),
		handle("GET", "/v1/weather/places", models.ActFindingRead, tag, "Places of which temperatures are known, and the substations of which none came in the last day", s.getWeatherPlaces),
	}
}

// WeatherReading is one outdoor temperature.
type WeatherReading struct {
	Place   string    `json:"place" minLength:"1" maxLength:"64" doc:"KATO code of a region, a district or a village, or code of a substation; the closest one that a substation has on a day counts" example:"55"`
	At      time.Time `json:"at"`
	Celsius float64   `json:"celsius" minimum:"-90" maximum:"60" doc:"Rounded to thousandths"`
}

// WeatherInput is a batch of temperatures.
type WeatherInput struct {
	Source   string           `json:"source" minLength:"1" maxLength:"64" doc:"Station or service that measured" example:"Kazhydromet 36003"`
	Readings []WeatherReading `json:"readings" minItems:"1" maxItems:"10000" nullable:"false"`
}

// WeatherAnswer says what became of a batch.
type WeatherAnswer struct {
	New       int `json:"new"`
	Corrected int `json:"corrected" doc:"Of instants that were known to be another temperature"`
	Same      int `json:"same" doc:"Known already"`
}

type weatherPost struct {
	Body WeatherInput
}

func (s *Server) postWeather(ctx context.Context, actor models.Actor, in *weatherPost) (*output[WeatherAnswer], error) {
	readings := make([]models.Temperature, len(in.Body.Readings))
	for i, r := range in.Body.Readings {
		readings[i] = models.Temperature{Place: r.Place, At: r.At, MilliC: int64(math.Round(1000 * r.Celsius))}
	}
	kept, err := s.svc.Detection.RecordWeather(ctx, actor, in.Body.Source, readings)
	if err != nil {
		return nil, err
	}
	return &output[WeatherAnswer]{Body: WeatherAnswer(kept)}, nil
}

type weatherQuery struct {
	Place string `query:"place" required:"true" minLength:"1" maxLength:"64" doc:"KATO code or code of a substation"`
	From  string `query:"from" format:"date-time" doc:"Default: a week before to"`
	To    string `query:"to" format:"date-time" doc:"Default: now; 100 days at most"`
}

// WeatherPointWire is one temperature of a place.
type WeatherPointWire struct {
	At         time.Time `json:"at"`
	Celsius    float64   `json:"celsius"`
	Source     string    `json:"source"`
	ReceivedAt time.Time `json:"received_at"`
}

func (s *Server) getWeather(ctx context.Context, actor models.Actor, in *weatherQuery) (*listOutput[WeatherPointWire], error) {
	from, err := instantOf("?from", in.From)
	if err != nil {
		return nil, err
	}
	until, err := instantOf("?to", in.To)
	if err != nil {
		return nil, err
	}
	found, err := s.svc.Detection.Weather(ctx, actor, in.Place, from, until)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", func(t models.Temperature) WeatherPointWire {
		return WeatherPointWire{At: t.At, Celsius: t.Celsius(), Source: t.Source, ReceivedAt: t.Received}
	}), nil
}

// WeatherPlaceWire is a place of which temperatures are known.
type WeatherPlaceWire struct {
	Place       string    `json:"place"`
	Region      string    `json:"region,omitempty" doc:"First two digits of its KATO code; absent for a substation"`
	First       time.Time `json:"first"`
	Last        time.Time `json:"last"`
	Readings    int64     `json:"readings"`
	Source      string    `json:"source" doc:"Of the newest reading"`
	Substations []string  `json:"substations" nullable:"false" doc:"Codes of those whose weather it is now"`
}

// WeatherPlacesWire is what is known of the weather.
type WeatherPlacesWire struct {
	Items   []WeatherPlaceWire `json:"items" nullable:"false"`
	Without []string           `json:"without" nullable:"false" doc:"Codes of substations of which no temperature came in the last day: findings about homes stay at C there in the heated season"`
	Allowed []string           `json:"allowed" nullable:"false" doc:"What the caller may do: tell"`
}

func (s *Server) getWeatherPlaces(ctx context.Context, actor models.Actor, _ *struct{}) (*output[WeatherPlacesWire], error) {
	places, without, err := s.svc.Detection.WeatherPlaces(ctx, actor)
	if err != nil {
		return nil, err
	}
	w := WeatherPlacesWire{Items: make([]WeatherPlaceWire, len(places)), Without: append([]string{}, without...), Allowed: []string{}}
	for i, p := range places {
		w.Items[i] = weatherPlaceWire(p)
	}
	if models.Can(actor, models.ActWeatherWrite, models.Scope{}) == nil {
		w.Allowed = append(w.Allowed, "tell")
	}
	return &output[WeatherPlacesWire]{Body: w}, nil
}

func weatherPlaceWire(p detection.WeatherPlace) WeatherPlaceWire {
	w := WeatherPlaceWire{Place: p.Place, First: p.First, Last: p.Last, Readings: p.Count, Source: p.Source, Substations: append([]string{}, p.Substations...)}
	if models.KatoPlace(p.Place) {
		w.Region = p.Place[:2]
	}
	return w
}
