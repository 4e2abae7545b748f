import { present, text, type RawSearch } from '@shared/search';

/** Which place's days the page of the weather shows. */
export interface WeatherSearch {
  place?: string;
}

export const weatherSearch = (raw: RawSearch): WeatherSearch => present({ place: text(raw, 'place') });
