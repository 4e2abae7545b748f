import { Button, useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { exactInstant, kwNumber, kwUnit, type Language } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { toColumns, type Point } from '@shared/series';
import classes from './Chart.module.css';

export interface Band {
  at: readonly number[];
  low: readonly (number | null)[];
  high: readonly (number | null)[];
}

export interface Flag {
  at: number;
  label: string;
}

export interface ChartRange {
  from: number;
  to: number;
}

interface Props {
  label: string;
  points: readonly Point[];
  /** What was expected, drawn as a soft band. */
  band?: Band | undefined;
  /** A horizontal dashed limit in kilowatts, with its label at the right end. */
  limit?: { value: number; label: string } | undefined;
  flags?: readonly Flag[];
  /** A span that is shaded, such as where a cause was seen. */
  shade?: ChartRange | undefined;
  range?: ChartRange | undefined;
  onRange?: (range: ChartRange) => void;
  onReset?: () => void;
  height?: number;
  /** Charts with the same key share a crosshair. */
  sync?: string;
}

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Shades a span behind the lines. */
function drawShade(u: uPlot, shade: ChartRange | undefined) {
  if (!shade) return;
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const from = Math.max(left, u.valToPos(shade.from, 'x', true));
  const to = Math.min(left + width, u.valToPos(shade.to, 'x', true));
  if (to <= from) return;
  ctx.save();
  ctx.globalAlpha = 0.55;
  ctx.fillStyle = css('--stop-soft');
  ctx.fillRect(from, top, to - from, height);
  ctx.restore();
}

/** Draws the dashed limit and the flags over the plot, in CSS colours. */
function drawOverlays(u: uPlot, limit: Props['limit'], flags: readonly Flag[]) {
  const { ctx } = u;
  const ratio = devicePixelRatio;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.font = `500 ${11 * ratio}px ${css('--sans')}`;
  if (limit) {
    const y = Math.round(u.valToPos(limit.value, 'y', true));
    ctx.strokeStyle = css('--refuse');
    ctx.lineWidth = 1.25 * ratio;
    ctx.setLineDash([6 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.fillStyle = css('--refuse');
    ctx.textAlign = 'right';
    ctx.textBaseline = y - top < 18 * ratio ? 'top' : 'bottom';
    const at = y + (y - top < 18 * ratio ? 4 : -4) * ratio;
    ctx.strokeStyle = css('--bg');
    ctx.lineWidth = 4 * ratio;
    ctx.strokeText(limit.label, left + width - 4 * ratio, at);
    ctx.fillText(limit.label, left + width - 4 * ratio, at);
  }
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  for (const flag of flags) {
    const x = Math.round(u.valToPos(flag.at, 'x', true));
    ctx.strokeStyle = css('--stop');
    ctx.lineWidth = ratio;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    ctx.fillStyle = css('--stop');
    ctx.fillText(flag.label, x + 4 * ratio, top + 4 * ratio);
  }
  ctx.restore();
}

const hours = (_: uPlot, splits: number[]) => {
  let day = '';
  return splits.map((at) => {
    const shifted = new Date((at + 5 * 3600) * 1000);
    const date = `${shifted.getUTCDate()}.${String(shifted.getUTCMonth() + 1).padStart(2, '0')}`;
    const time = `${String(shifted.getUTCHours()).padStart(2, '0')}:${String(shifted.getUTCMinutes()).padStart(2, '0')}`;
    const first = date !== day;
    day = date;
    if (time === '00:00') return date;
    return first ? `${time}\n${date}` : time;
  });
};

function options({ label, limit, flags = [], shade, onRange, sync }: Props, hasBand: boolean, size: { width: number; height: number }, language: Language): uPlot.Options {
  const ink = () => css('--ink');
  const quiet = () => css('--ink-3');
  const edge = () => css('--band-edge');
  const grid = { stroke: () => css('--line'), width: 1 };
  return {
    ...size,
    title: '',
    ms: 1e-3,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), 'Etc/GMT-5'),
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      ...(sync ? { sync: { key: sync } } : {}),
    },
    scales: {
      x: { time: true },
      y: { range: (_, min, max) => [Math.min(0, min ?? 0), Math.max(max ?? 1, limit?.value ?? 0, 1) * 1.08] },
    },
    axes: [
      { stroke: quiet, grid, ticks: grid, font: `11px ${css('--sans')}`, values: hours, space: 64 },
      { stroke: quiet, grid, ticks: grid, font: `11px ${css('--sans')}`, size: 56, values: (_, splits) => splits.map((value) => (value >= 100 || Number.isInteger(value) ? kwNumber(value, language).replace(/[,.]0$/, '') : kwNumber(value, language))) },
    ],
    // The band comes first, so that the measured line is drawn over it.
    series: [
      {},
      ...(hasBand
        ? [
            { stroke: edge, width: 1, spanGaps: false, points: { show: false } },
            { stroke: edge, width: 1, spanGaps: false, points: { show: false } },
          ]
        : []),
      { label, stroke: ink, width: 1.5, spanGaps: false, points: { show: false } },
      { label: '', stroke: ink, width: 1.25, paths: () => null, points: { show: true, size: 6, fill: () => css('--bg'), stroke: ink } },
    ],
    ...(hasBand ? { bands: [{ series: [2, 1] as [number, number], fill: () => css('--band') }] } : {}),
    hooks: {
      drawClear: [(u) => drawShade(u, shade)],
      draw: [(u) => drawOverlays(u, limit, flags)],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          const from = u.posToVal(u.select.left, 'x');
          const to = u.posToVal(u.select.left + u.select.width, 'x');
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onRange?.({ from: Math.round(from), to: Math.round(to) });
        },
      ],
    },
  };
}

/** Puts the band on the chart's own instants; both come from the same intervals or the band is sparser. */
function onInstants(at: readonly number[], band: Band): [(number | null)[], (number | null)[]] {
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  let i = 0;
  for (const instant of at) {
    while (i + 1 < band.at.length && (band.at[i + 1] ?? Infinity) <= instant) i++;
    const covered = (band.at[0] ?? Infinity) <= instant;
    low.push(covered ? (band.low[i] ?? null) : null);
    high.push(covered ? (band.high[i] ?? null) : null);
  }
  return [low, high];
}

/** A time series in kilowatts: measured in ink, expected as a band, the limit dashed, gaps as gaps, doubtful values hollow. */
export function Chart(props: Props) {
  const { label, points, band, range, onReset, height = 300 } = props;
  const { t, language } = useTexts();
  const scheme = useComputedColorScheme('light');
  const [table, setTable] = useState(false);
  const [readout, setReadout] = useState<{ at: number; value: number | null }>();
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  const columns = useMemo(() => toColumns(points), [points]);
  const data = useMemo<uPlot.AlignedData>(() => {
    const expected = band ? onInstants(columns.at, band) : [];
    return [columns.at, ...expected, columns.measured, columns.doubtful];
  }, [columns, band]);
  const hasBand = band !== undefined;
  const limitValue = props.limit?.value;
  const limitLabel = props.limit?.label;

  useEffect(() => {
    const element = host.current;
    if (!element || table) return undefined;
    const built = options({ ...latest.current, onRange: (next) => latest.current.onRange?.(next) }, hasBand, { width: element.clientWidth, height }, language);
    const u = new uPlot(
      {
        ...built,
        hooks: {
          ...built.hooks,
          setCursor: [
            (chart) => {
              const index = chart.cursor.idx;
              const at = index === null || index === undefined ? undefined : chart.data[0][index];
              setReadout(at === undefined ? undefined : { at, value: chart.data[hasBand ? 3 : 1]?.[index ?? 0] ?? null });
            },
          ],
        },
      },
      hasBand ? [[], [], [], [], []] : [[], [], []],
      element,
    );
    plot.current = u;
    const observer = new ResizeObserver(() => u.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      u.destroy();
      plot.current = undefined;
    };
  }, [scheme, language, table, height, hasBand, limitValue, limitLabel]);

  useEffect(() => {
    const u = plot.current;
    if (!u) return;
    u.setData(data, true);
    if (range) u.setScale('x', { min: range.from, max: range.to });
  }, [data, range, scheme, language, table, height, hasBand, limitValue, limitLabel]);

  const onKey = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape' && onReset) onReset();
    else if (event.key === 't' && !event.ctrlKey && !event.metaKey && !event.altKey) setTable((before) => !before);
  };
  const between = ({ at, low, high }: Band, instant: number) => {
    const index = at.findLastIndex((one) => one <= instant);
    const [from, to] = [low[index], high[index]];
    return from === undefined || from === null || to === undefined || to === null ? '–' : `${kwNumber(from, language)} – ${kwNumber(to, language)}`;
  };
  const instantText = (at: number) => exactInstant(new Date(at * 1000), language);

  return (
    <figure className={classes.root} onKeyDown={onKey}>
      <figcaption className={classes.caption}>
        <span className={classes.title}>{label}, {kwUnit(language)}</span>
        <span className={`num ${classes.readout}`} aria-hidden="true">
          {readout ? `${instantText(readout.at)} · ${readout.value === null ? t('ui.chart.noValue') : `${kwNumber(readout.value, language)} ${kwUnit(language)}`}` : ''}
        </span>
        <span className={`${classes.buttons} no-print`}>
          {onReset ? (
            <Button size="compact-xs" variant="default" onClick={onReset}>
              {t('ui.chart.reset')}
            </Button>
          ) : null}
          <Button size="compact-xs" variant="default" aria-pressed={table} onClick={() => setTable(!table)}>
            {t(table ? 'ui.chart.picture' : 'ui.chart.table')}
          </Button>
        </span>
      </figcaption>
      {table ? (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('ui.chart.time')}</th>
                <th scope="col">{kwUnit(language)}</th>
                {band ? <th scope="col">{t('ui.chart.expected')}</th> : null}
                <th scope="col">{t('ui.chart.quality')}</th>
              </tr>
            </thead>
            <tbody>
              {[...points].reverse().slice(0, 500).map((point) => (
                <tr key={point.at}>
                  <td className="num">{instantText(point.at)}</td>
                  <td className="num">{point.value === null ? '–' : kwNumber(point.value, language)}</td>
                  {band ? <td className="num">{between(band, point.at)}</td> : null}
                  <td>{t(point.good ? 'ui.chart.good' : 'ui.chart.doubtful')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div ref={host} className={classes.plot} style={{ minHeight: height }} tabIndex={0} role="img" aria-label={t('ui.chart.label', { name: label, count: points.length })} />
      )}
    </figure>
  );
}
