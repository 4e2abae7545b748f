import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { kwNumber, kwUnit } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Table } from '@ui/Table';
import classes from './HeatStrip.module.css';
import { cellsOf, shadeOf, shades, type Sample } from './heat';

const SIZE = 13;
const LEFT = 30;
const TOP = 4;
const fills = ['var(--sunken)', ...[22, 42, 62, 82, 100].map((part) => `color-mix(in srgb, var(--refuse) ${part}%, var(--sunken))`)];

/** The residual by hour of the day (down) and day (across): a farm is a solid field, a shift a stripe, a mistake of the clock an edge. */
export function HeatStrip({ samples, least, label }: { samples: readonly Sample[]; least: number; label: string }) {
  const { t, language } = useTexts();
  const [table, setTable] = useState(false);
  const days = useMemo(() => cellsOf(samples), [samples]);
  const top = useMemo(() => Math.max(least, ...days.flatMap((day) => day.hours.map((value) => value ?? 0))), [days, least]);
  const date = (day: string) => `${Number(day.slice(8))}.${day.slice(5, 7)}`;
  const unit = kwUnit(language);
  return (
    <figure style={{ margin: 0, minWidth: 0 }}>
      <figcaption style={{ display: 'flex', gap: 12, justifyContent: 'space-between', marginBlockEnd: 6 }}>
        <span style={{ fontWeight: 550 }}>{label}, {unit}</span>
        <Button size="compact-xs" variant="default" className="no-print" aria-pressed={table} onClick={() => setTable(!table)}>
          {t(table ? 'ui.chart.picture' : 'ui.chart.table')}
        </Button>
      </figcaption>
      {table ? (
        <Table label={label}>
          <thead>
            <tr>
              <th>{t('feeder.day')}</th>
              {Array.from({ length: 24 }, (_, hour) => <th key={hour} data-align="end">{hour}</th>)}
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.day}>
                <th scope="row" className="num">{date(day.day)}</th>
                {day.hours.map((value, hour) => <td key={hour} data-align="end" className="num">{value === null ? '–' : kwNumber(value, language)}</td>)}
              </tr>
            ))}
          </tbody>
        </Table>
      ) : (
        <>
          <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
            <svg width={LEFT + days.length * SIZE} height={TOP + 24 * SIZE + 16} className={classes.svg} role="img" aria-label={t('feeder.heatLabel', { label, days: days.length })}>
              {[0, 6, 12, 18].map((hour) => (
                <text key={hour} x={LEFT - 6} y={TOP + hour * SIZE + 10} textAnchor="end" className={classes.label}>{String(hour).padStart(2, '0')}</text>
              ))}
              {days.map((day, x) => (
                <g key={day.day}>
                  {day.hours.map((value, hour) => {
                    const shade = shadeOf(value, least, top);
                    return (
                      <rect key={hour} x={LEFT + x * SIZE} y={TOP + hour * SIZE} width={SIZE - 1} height={SIZE - 1} rx={1} className={shade < 0 ? classes.none : undefined} style={shade < 0 ? undefined : { fill: fills[shade] }}>
                        <title>{`${date(day.day)} ${String(hour).padStart(2, '0')}:00 · ${value === null ? t('ui.chart.noValue') : `${kwNumber(value, language)} ${unit}`}`}</title>
                      </rect>
                    );
                  })}
                  {x % 7 === 0 ? <text x={LEFT + x * SIZE} y={TOP + 24 * SIZE + 12} className={classes.label}>{date(day.day)}</text> : null}
                </g>
              ))}
            </svg>
          </div>
          <p className={`${classes.key} small muted`}>
            {fills.slice(0, top > least ? fills.length : 1).map((fill, i) => (
              <span key={fill}>
                <i style={{ background: fill }} />
                {i === 0 ? `< ${kwNumber(least, language)} ${unit}` : `≥ ${kwNumber(least + ((top - least) * (i - 1)) / shades, language)}`}
              </span>
            ))}
          </p>
        </>
      )}
    </figure>
  );
}
