import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';
import { verifyInclusion } from '@shared/merkle';

export type Event = Schemas['EventWire'];
export type Proof = Schemas['ProofWire'];

export const checkpointQuery = queryOptions({
  queryKey: ['ledger', 'checkpoint'],
  queryFn: () => ask(api.GET('/v1/ledger/checkpoint')),
  refetchInterval: 5_000,
});

export const PAGE = 50;

/** Entries from an index on. */
export const entriesQuery = (from: number) =>
  queryOptions({
    queryKey: ['ledger', 'entries', from],
    queryFn: () => ask(api.GET('/v1/ledger/entries', { params: { query: { limit: PAGE, ...(from > 0 ? { after: String(from - 1) } : {}) } } })),
    placeholderData: keepPreviousData,
  });

/** An entry with its proof, checked here. */
export const proofQuery = (index: string) =>
  queryOptions({
    queryKey: ['ledger', 'proof', index],
    queryFn: async () => {
      const proof = await ask(api.GET('/v1/ledger/proofs/{index}', { params: { path: { index: Number(index) } } }));
      return { proof, verdict: await verifyInclusion(proof) };
    },
  });
