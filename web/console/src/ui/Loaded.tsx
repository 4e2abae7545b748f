import { ProblemNotice } from './ProblemNotice';
import { Loading } from './states';

interface ProblemLike {
  status: number;
  code: string;
  detail: string;
  original?: string;
  requestId: string;
  fields: readonly { detail?: string | undefined }[];
}

function isProblem(error: Error): error is Error & ProblemLike {
  return 'status' in error && 'fields' in error;
}

interface QueryLike<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

/** A query's data, or its skeleton, or what went wrong. Stale data stays on the screen. */
export function Loaded<T>({ query, children, rows }: { query: QueryLike<T>; children: (data: T) => React.ReactNode; rows?: number }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) {
    const problem: ProblemLike = isProblem(query.error) ? query.error : { status: 0, code: 'unreachable', detail: query.error.message, requestId: '', fields: [] };
    return <ProblemNotice problem={problem} onRetry={() => void query.refetch()} />;
  }
  return <Loading {...(rows ? { rows } : {})} />;
}
