import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';

export type Document = Schemas['DocumentWire'];
export type DocumentInput = Schemas['DocumentInput'];
export type Kind = Document['kind'];

const PAGE = 100;

/** What was issued, part by part. */
export const documentPages = () => ({
  queryKey: ['documents', 'pages'],
  read: (after: string | undefined) => ask(api.GET('/v1/documents', { params: { query: { limit: PAGE, ...(after ? { after } : {}) } } })),
  keyOf: (row: Document) => row.id,
});

/** The address of the signed PDF. */
export const fileAddress = (id: string) => `/v1/documents/${encodeURIComponent(id)}/file`;

/** Issues a document; every list of documents is read again. */
export function useIssue(after?: (document: Document) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: DocumentInput) => ask(api.POST('/v1/documents', { params: { header: { 'Idempotency-Key': newKey() } }, body })),
    onSuccess: async (document) => {
      await client.invalidateQueries({ queryKey: ['documents'] });
      after?.(document);
    },
  });
}
