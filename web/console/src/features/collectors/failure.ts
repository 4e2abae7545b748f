/** What kind of failure the last error of a meter was, from the sentence the collector wrote into its log. */
export interface Failure {
  kind: 'timeout' | 'refused' | 'unreachable' | 'closed' | 'exception' | 'stopped' | 'protocol';
  /** The Modbus exception code, where it is one. */
  code?: number;
}

const exceptions: readonly [RegExp, number][] = [
  [/illegal function/i, 1],
  [/illegal data address/i, 2],
  [/illegal data value/i, 3],
  [/server device failure/i, 4],
  [/acknowledge/i, 5],
  [/server device busy/i, 6],
  [/memory parity/i, 8],
  [/path unavailable/i, 10],
  [/failed to respond/i, 11],
];

const kinds: readonly [RegExp, Failure['kind']][] = [
  [/no answer within|timed? ?out/i, 'timeout'],
  [/connection refused/i, 'refused'],
  [/no connection|no route|unreachable/i, 'unreachable'],
  [/closed the connection|reset by peer|EOF/, 'closed'],
  [/device refused|exception/i, 'exception'],
  [/stopped before/i, 'stopped'],
];

/** The kind of a failure; what is not recognised came as something that is no answer of the protocol. */
export function failureOf(error: string): Failure {
  const kind = kinds.find(([pattern]) => pattern.test(error))?.[1] ?? 'protocol';
  if (kind !== 'exception') return { kind };
  const code = exceptions.find(([pattern]) => pattern.test(error))?.[1] ?? Number(/code:? (?:0x)?(\d+)/i.exec(error)?.[1] ?? NaN);
  return Number.isNaN(code) ? { kind } : { kind, code };
}
