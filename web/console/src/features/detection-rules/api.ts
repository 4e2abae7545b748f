import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';

export type Parameter = Schemas['ParameterWire'];
export type Parameters = Schemas['ParametersWire'];
export type Change = Schemas['ParameterChangeWire'];
export type ChangeInput = Schemas['ParameterChangeInput'];
export type WhatIf = Schemas['WhatIfWire'];
export type WeatherPlace = Schemas['WeatherPlaceWire'];
export type Found = Schemas['WhatIfFindingWire'];

const PAGE = 50;
const part = (after: string | undefined) => ({ params: { query: { limit: PAGE, ...(after ? { after } : {}) } } });

/** The table on a legal date; today when none is given. */
export const parametersQuery = (on?: string) =>
  queryOptions({ queryKey: ['detection', 'parameters', on ?? ''], queryFn: () => ask(api.GET('/v1/detection/parameters', { params: { query: on ? { on } : {} } })) });

export const changePages = {
  queryKey: ['detection', 'changes'],
  read: (after: string | undefined) => ask(api.GET('/v1/detection/parameter-changes', part(after))),
  keyOf: (row: Change) => row.id,
};

export const changeQuery = (id: string) =>
  queryOptions({ queryKey: ['detection', 'change', id], queryFn: () => ask(api.GET('/v1/detection/parameter-changes/{id}', { params: { path: { id } } })) });

export const whatIfsQuery = queryOptions({
  queryKey: ['detection', 'what-ifs'],
  queryFn: () => ask(api.GET('/v1/detection/what-ifs', { params: { query: { limit: 5 } } })),
});

/** A what-if; one that runs is read again and again. */
export const whatIfQuery = (id: string) =>
  queryOptions({
    queryKey: ['detection', 'what-if', id],
    queryFn: () => ask(api.GET('/v1/detection/what-ifs/{id}', { params: { path: { id } } })),
    refetchInterval: (query) => (query.state.data?.state === 'running' ? 1500 : false),
  });

export const weatherPlacesQuery = queryOptions({ queryKey: ['detection', 'weather', 'places'], queryFn: () => ask(api.GET('/v1/weather/places')) });

/** The temperatures of a place in the last week. */
export const weatherQuery = (place: string) =>
  queryOptions({ queryKey: ['detection', 'weather', place], queryFn: () => ask(api.GET('/v1/weather', { params: { query: { place } } })) });

const WEATHER_BATCH = 5000;

/** Sends temperatures in parts; a part that was sent before changes nothing, so that a broken sending is begun again. */
async function tellWeather({ source, readings }: Schemas['WeatherInput']): Promise<Schemas['WeatherAnswer']> {
  const sum = { new: 0, corrected: 0, same: 0 };
  for (let i = 0; i < readings.length; i += WEATHER_BATCH) {
    const part = await ask(api.POST('/v1/weather', { body: { source, readings: readings.slice(i, i + WEATHER_BATCH) } }));
    sum.new += part.new;
    sum.corrected += part.corrected;
    sum.same += part.same;
  }
  return sum;
}

const header = () => ({ 'Idempotency-Key': newKey() });
const changed = (change: Change) => ({ path: { id: change.id }, header: { ...header(), 'If-Match': `"${change.version}"` } });

/** Everything that a person does with the numbers. */
export const commands = {
  tellWeather,
  tryNumbers: (body: Schemas['WhatIfInput']) => ask(api.POST('/v1/detection/what-ifs', { params: { header: header() }, body })),
  cancel: (id: string) => ask(api.POST('/v1/detection/what-ifs/{id}/cancellation', { params: { path: { id }, header: header() } })),
  propose: (body: ChangeInput) => ask(api.POST('/v1/detection/parameter-changes', { params: { header: header() }, body })),
  confirm: ({ change, reason }: { change: Change; reason: string }) =>
    ask(api.POST('/v1/detection/parameter-changes/{id}/confirmation', { params: changed(change), body: { reason } })),
  reject: ({ change, reason }: { change: Change; reason: string }) =>
    ask(api.POST('/v1/detection/parameter-changes/{id}/rejection', { params: changed(change), body: { reason } })),
};

/** Runs a command; the numbers and what follows from them are read again. */
export function useCommand<A, R>(run: (argument: A) => Promise<R>, after?: (result: R) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (result) => {
      await client.invalidateQueries({ queryKey: ['detection'] });
      after?.(result);
    },
  });
}
