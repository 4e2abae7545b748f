import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';

export type Notice = Schemas['NoticeWire'];

/** What the registry told the party of whoever is signed in, the newest first. */
export const noticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: () => ask(api.GET('/v1/notices', { params: { query: { limit: 200 } } })),
  refetchInterval: 30_000,
});
