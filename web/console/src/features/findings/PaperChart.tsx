import { useId } from 'react';
import { kwNumber, kwUnit } from '@shared/format';
import { useTexts } from '@shared/i18n';
import type { Row } from './Charts';
import classes from './Paper.module.css';

const WIDTH = 720;
const LEFT = 44;
const BOTTOM = 18;

/** Drawn lines, of which paper needs no more than one a point of its width. */
function thinned(rows: readonly Row[]): readonly Row[] {
  const every = Math.max(1, Math.floor(rows.length / 700));
  return rows.filter((_, i) => i % every === 0);
}

function lineOf(points: readonly { x: number; y: number | undefined }[]): string {
  let pen = 'M';
  return points
    .map(({ x, y }) => {
      if (y === undefined) {
        pen = 'M';
        return '';
      }
      const part = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = 'L';
      return part;
    })
    .join('');
}

/** A chart that paper keeps: lines and no canvas, so that it is sharp in any size and black in any theme. */
export function PaperChart({ title, rows: all, line, height, limit, marks, band }: { title: string; rows: readonly Row[]; line: 'measured' | 'residual'; height: number; limit?: number | undefined; marks: readonly number[]; band?: number | undefined }) {
  const { language } = useTexts();
  const clip = useId();
  const rows = thinned(all);
  const first = rows[0]?.at ?? 0;
  const last = rows[rows.length - 1]?.at ?? 1;
  const values = rows.flatMap((row) => [row[line], ...(line === 'measured' ? [row.low, row.high] : [])]).filter((value) => value !== undefined);
  const top = Math.max(1, limit ?? 0, band ?? 0, ...values) * 1.05;
  const bottom = Math.min(0, ...values, -(band ?? 0));
  const x = (at: number) => LEFT + ((at - first) / Math.max(1, last - first)) * (WIDTH - LEFT);
  const y = (value: number) => 4 + ((top - value) / (top - bottom)) * (height - BOTTOM - 4);
  const known = rows.filter((row) => row.low !== undefined && row.high !== undefined);
  const area = known.length > 1 ? `${known.map((row, i) => `${i ? 'L' : 'M'}${x(row.at).toFixed(1)} ${y(row.high ?? 0).toFixed(1)}`).join('')}${[...known].reverse().map((row) => `L${x(row.at).toFixed(1)} ${y(row.low ?? 0).toFixed(1)}`).join('')}Z` : '';
  const days = Math.max(1, Math.round((last - first) / 86_400 / 7));
  const midnight = Math.ceil((first + 5 * 3600) / 86_400) * 86_400 - 5 * 3600;
  const ticks = Array.from({ length: Math.max(0, Math.floor((last - midnight) / 86_400 / days) + 1) }, (_, i) => midnight + i * days * 86_400);
  const date = (at: number) => new Date((at + 5 * 3600) * 1000).toISOString().slice(5, 10).split('-').reverse().join('.');
  return (
    <figure className={classes.figure}>
      <figcaption>{title}, {kwUnit(language)}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} className={classes.svg} role="img" aria-label={title}>
        <clipPath id={clip}><rect x={LEFT} y={0} width={WIDTH - LEFT} height={height - BOTTOM} /></clipPath>
        <g clipPath={`url(#${clip})`}>
          {line === 'measured' ? <path d={area} className={classes.band} /> : null}
          {line === 'residual' && band ? <rect x={LEFT} width={WIDTH - LEFT} y={y(band)} height={Math.max(0.5, y(-band) - y(band))} className={classes.band} /> : null}
          <path d={`M${LEFT} ${y(0)}H${WIDTH}`} className={classes.axis} />
          {limit === undefined ? null : <path d={`M${LEFT} ${y(limit)}H${WIDTH}`} className={classes.limit} />}
          {marks.map((at) => <path key={at} d={`M${x(at)} 0V${height}`} className={classes.mark} />)}
          <path d={lineOf(rows.map((row) => ({ x: x(row.at), y: row[line] === undefined ? undefined : y(row[line]) })))} className={classes.line} />
        </g>
        {[top / 1.05, (top / 1.05 + bottom) / 2, bottom].map((value) => <text key={value} x={LEFT - 6} y={y(value) + 3} textAnchor="end">{kwNumber(value, language)}</text>)}
        {ticks.map((at) => <text key={at} x={x(at)} y={height - 4} textAnchor="middle">{date(at)}</text>)}
      </svg>
    </figure>
  );
}
