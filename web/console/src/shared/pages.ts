import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';

/** A part of a list as the API gives it, with where the next part begins. */
export interface Part<T, C = string> {
  items: readonly T[];
  next?: C | undefined;
}

/** What was read of a list so far. */
export interface Read<T> {
  items: readonly T[];
  /** How many parts were read. */
  parts: number;
  /** There is more than was read. */
  cut: boolean;
}

/** Puts the parts together; a row that moved from one part into the next while they were read counts once. */
export function joinParts<T, C>(parts: readonly Part<T, C>[], keyOf: (row: T) => string): Read<T> {
  const rows = new Map<string, T>();
  for (const part of parts) for (const row of part.items) if (!rows.has(keyOf(row))) rows.set(keyOf(row), row);
  return { items: [...rows.values()], parts: parts.length, cut: parts.at(-1)?.next !== undefined };
}

/** Where each of several lists goes on; a list that is at its end is absent. */
export type Cursors = Readonly<Record<string, string>>;

/** One part of several lists read side by side, such as one list for each state: those that have more go on. */
export async function sideBySide<T>(names: readonly string[], after: Cursors | undefined, read: (name: string, after: string | undefined) => Promise<Part<T>>): Promise<Part<T, Cursors>> {
  const open = after === undefined ? names : names.filter((name) => after[name] !== undefined);
  const parts = await Promise.all(open.map(async (name) => ({ name, part: await read(name, after?.[name]) })));
  const next: Record<string, string> = {};
  for (const { name, part } of parts) if (part.next) next[name] = part.next;
  return { items: parts.flatMap(({ part }) => part.items), next: Object.keys(next).length > 0 ? next : undefined };
}

interface Options<T, C> {
  queryKey: QueryKey;
  read: (after: C | undefined) => Promise<Part<T, C>>;
  keyOf: (row: T) => string;
  /** Milliseconds between refreshes. */
  every?: number;
}

/** A list read part by part with the API's cursor. */
export function usePages<T, C = string>({ queryKey, read, keyOf, every }: Options<T, C>) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam as C | undefined),
    initialPageParam: undefined as C | undefined,
    getNextPageParam: (last: Part<T, C>) => last.next,
    select: (data) => joinParts(data.pages, keyOf),
    ...(every ? { refetchInterval: every } : {}),
  });
  return {
    query,
    /** Reads the next part, where there is one. */
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    busy: query.isFetchingNextPage ? ('busy' as const) : undefined,
  };
}
