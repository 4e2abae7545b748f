import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { kwNumber, kwUnit } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { Table } from '@ui/Table';
import { Kw } from '@ui/values';
import { neighboursQuery, type Neighbour } from './api';
import classes from './Neighbours.module.css';

const WIDTH = 200;
const HEIGHT = 48;

/** The line of a small chart, with gaps as gaps; every chart has its own scale from zero, so that shapes are compared and not sizes. */
export function pathOf(values: readonly (number | null)[], width = WIDTH, height = HEIGHT): string {
  const top = Math.max(0.1, ...values.map((value) => value ?? 0));
  const bottom = Math.min(0, ...values.map((value) => value ?? 0));
  let pen = 'M';
  return values
    .map((value, i) => {
      if (value === null) {
        pen = 'M';
        return '';
      }
      const x = values.length > 1 ? (i / (values.length - 1)) * width : 0;
      const y = height - 2 - ((value - bottom) / (top - bottom)) * (height - 4);
      const part = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = 'L';
      return part;
    })
    .join('');
}

/** How the mean changed, as a word of numbers. */
function Change({ of }: { of: Neighbour }) {
  const { language } = useTexts();
  if (of.before_kw === undefined || of.after_kw === undefined) return <Kw value={of.after_kw ?? of.before_kw} />;
  const up = of.after_kw - of.before_kw > Math.max(2, 0.3 * Math.abs(of.before_kw));
  return (
    <span className={`num small ${classes.change}`} data-up={up || undefined}>
      {kwNumber(of.before_kw, language)} → {kwNumber(of.after_kw, language)} {kwUnit(language)}
    </span>
  );
}

function Small({ of, onset }: { of: Neighbour; onset: number | undefined }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const use = of.declared_use ? text('use', of.declared_use) : t('triage.noUse');
  return (
    <li className={classes.one} data-own={of.own || undefined}>
      <span className={classes.head}>
        <Link to="/meters/$id" params={{ id: of.meter }} className="mono small">{of.point}</Link>
        <Change of={of} />
      </span>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes.svg} role="img" aria-label={`${of.point}, ${use}: ${kwNumber(of.before_kw ?? 0, language)} → ${kwNumber(of.after_kw ?? 0, language)} ${kwUnit(language)}`}>
        <path d={`M0 ${HEIGHT - 2}H${WIDTH}`} className={classes.zero} />
        {onset === undefined ? null : <path d={`M${(onset * WIDTH).toFixed(1)} 0V${HEIGHT}`} className={classes.onset} />}
        <path d={pathOf(of.kw)} className={classes.line} />
      </svg>
      <span className="small muted">{of.own ? t('neighbours.own') : use}</span>
    </li>
  );
}

/** The other meters of the feeder over the same window: an honest cause shows in several of them, a farm in one. */
export function Neighbours({ finding }: { finding: string }) {
  const { t } = useTexts();
  const text = useCodeText();
  const query = useQuery(neighboursQuery(finding));
  const [table, setTable] = useState(false);
  return (
    <Section
      title={t('neighbours.title')}
      note={t('neighbours.note')}
      action={
        <Button size="compact-xs" variant="default" className="no-print" aria-pressed={table} onClick={() => setTable(!table)}>
          {t(table ? 'ui.chart.picture' : 'ui.chart.table')}
        </Button>
      }
    >
      <Loaded query={query} rows={4}>
        {(data) => {
          if (data.items.length === 0) return <p className="muted">{t('neighbours.none')}</p>;
          const begin = Date.parse(data.from);
          const length = Math.max(...data.items.map((item) => item.kw.length), 1) * data.step_s * 1000;
          const share = (Date.parse(data.onset) - begin) / length;
          const onset = share > 0 && share < 1 ? share : undefined;
          if (table)
            return (
              <Table label={t('neighbours.title')}>
                <thead>
                  <tr>
                    <th>{t('finding.target')}</th>
                    <th>{t('triage.use')}</th>
                    <th>{t('triage.holder')}</th>
                    <th data-align="end">{t('neighbours.before')}</th>
                    <th data-align="end">{t('neighbours.after')}</th>
                  </tr>
                </thead>
                <tbody>
                  {data.items.map((item) => (
                    <tr key={item.meter}>
                      <td><Link to="/meters/$id" params={{ id: item.meter }} className="mono">{item.point}</Link>{item.own ? ` · ${t('neighbours.own')}` : ''}</td>
                      <td>{item.declared_use ? text('use', item.declared_use) : '–'}</td>
                      <td>{item.holder ?? '–'}</td>
                      <td data-align="end"><Kw value={item.before_kw} /></td>
                      <td data-align="end"><Kw value={item.after_kw} /></td>
                    </tr>
                  ))}
                </tbody>
              </Table>
            );
          return (
            <ul className={classes.grid}>
              {data.items.slice(0, 12).map((item) => (
                <Small key={item.meter} of={item} onset={onset} />
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Section>
  );
}
