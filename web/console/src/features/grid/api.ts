import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';

export type TreeNode = Schemas['TreeNodeWire'];

export const treeQuery = queryOptions({
  queryKey: ['grid'],
  queryFn: () => ask(api.GET('/v1/grid/tree')),
  refetchInterval: 10_000,
});
