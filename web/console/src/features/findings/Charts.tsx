import { useMemo } from 'react';
import { kw } from '@shared/format';
import { useTexts } from '@shared/i18n';
import type { Point } from '@shared/series';
import { Chart, type Band, type ChartRange, type Flag } from '@ui/Chart';

export interface Row {
  /** Seconds since the epoch. */
  at: number;
  measured?: number | undefined;
  low?: number | undefined;
  high?: number | undefined;
  residual?: number | undefined;
}

interface Props {
  /** The charts of a page share their crosshair by it. */
  name: string;
  title: string;
  residualTitle: string;
  rows: readonly Row[];
  limit?: number | undefined;
  /** Half width of the 95 % interval of the residual, kW. */
  u95?: number | undefined;
  flags: readonly Flag[];
  shade?: ChartRange | undefined;
  range: ChartRange | undefined;
  onRange: (range: ChartRange | undefined) => void;
}

const pointsOf = (rows: readonly Row[], pick: (row: Row) => number | undefined): Point[] => rows.map((row) => ({ at: row.at, value: pick(row) ?? null, good: true }));

/** Measured against expected with its band, and below it on the same time axis what is left. */
export function Charts({ name, title, residualTitle, rows, limit, u95, flags, shade, range, onRange }: Props) {
  const { t, language } = useTexts();
  const measured = useMemo(() => pointsOf(rows, (row) => row.measured), [rows]);
  const residual = useMemo(() => pointsOf(rows, (row) => row.residual), [rows]);
  const band = useMemo<Band | undefined>(() => {
    const known = rows.filter((row) => row.low !== undefined && row.high !== undefined);
    return known.length > 0 ? { at: known.map((row) => row.at), low: known.map((row) => row.low ?? null), high: known.map((row) => row.high ?? null) } : undefined;
  }, [rows]);
  const doubt = useMemo<Band | undefined>(() => (u95 === undefined ? undefined : { at: rows.map((row) => row.at), low: rows.map(() => -u95), high: rows.map(() => u95) }), [rows, u95]);
  const drawn = useMemo(() => (limit === undefined ? undefined : { value: limit, label: t('finding.limitLabel', { kw: kw(limit, language) }) }), [limit, t, language]);
  const shared = { flags, shade, range, onRange, sync: name, ...(range ? { onReset: () => onRange(undefined) } : {}) };
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <Chart label={title} points={measured} band={band} limit={drawn} height={300} {...shared} />
      <Chart label={residualTitle} points={residual} band={doubt} height={160} {...shared} />
    </div>
  );
}
