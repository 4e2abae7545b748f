import { money } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { Section } from '@ui/Page';
import { Table } from '@ui/Table';
import { Facts, LegalDate } from '@ui/values';
import type { Preview } from './api';
import classes from './Reference.module.css';

type Effect = Preview['effects'][number];

/** One line of a change: what ends, what begins, and which values differ. */
function Line({ effect }: { effect: Effect }) {
  const word = useCodeText();
  const { t } = useTexts();
  const before = effect.before?.values ?? {};
  const after = effect.after?.values ?? {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]);
  return (
    <li className={classes.effect}>
      <p>
        <strong className="mono">{effect.key}</strong> {t(effect.after ? (effect.before ? 'reference.replaced' : 'reference.begins') : 'reference.ends')} <LegalDate date={effect.from} />
      </p>
      {effect.after ? (
        <Table label={effect.key}>
          <thead>
            <tr>
              <th scope="col">{t('reference.value')}</th>
              <th scope="col">{t('reference.before')}</th>
              <th scope="col">{t('reference.after')}</th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <td>{word('reference.column', name)}</td>
                <td className={classes.value}>{before[name] ?? '–'}</td>
                <td className={classes.value}>
                  <strong>{after[name] ?? '–'}</strong>
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : null}
    </li>
  );
}

/** What a change would do: rows, cases, due dates, fees. */
export function PreviewView({ preview }: { preview: Preview }) {
  const { t, language } = useTexts();
  return (
    <>
      <Section title={t('reference.preview')}>
        <Facts
          layout="row"
          facts={[
            { label: t('reference.rows'), value: preview.effects.length },
            { label: t('reference.pinned'), value: t('reference.pinnedNone', { count: preview.pinned_cases }) },
            { label: t('reference.moved'), value: preview.moved_due_dates.length },
          ]}
        />
        <ul className={classes.effects}>
          {preview.effects.map((effect) => (
            <Line key={effect.key} effect={effect} />
          ))}
        </ul>
      </Section>
      {preview.fees.length > 0 ? (
        <Section title={t('reference.fees')}>
          <Table label={t('reference.fees')}>
            <thead>
              <tr>
                <th scope="col">{t('reference.column.sub_type')}</th>
                <th scope="col">{t('reference.from')}</th>
                <th scope="col" data-align="end">{t('reference.before')}</th>
                <th scope="col" data-align="end">{t('reference.after')}</th>
              </tr>
            </thead>
            <tbody>
              {preview.fees.map((fee) => (
                <tr key={fee.sub_type + fee.from}>
                  <td>{fee.sub_type}</td>
                  <td><LegalDate date={fee.from} /></td>
                  <td data-align="end" className="num">{money(fee.before_tiyn, language)}</td>
                  <td data-align="end" className="num"><strong>{money(fee.after_tiyn, language)}</strong></td>
                </tr>
              ))}
            </tbody>
          </Table>
        </Section>
      ) : null}
      {preview.moved_due_dates.length > 0 ? (
        <Section title={t('reference.movedTitle')}>
          <Table label={t('reference.movedTitle')}>
            <tbody>
              {preview.moved_due_dates.slice(0, 100).map((due) => (
                <tr key={due.kind + due.application}>
                  <td className="mono">{due.application}</td>
                  <td><LegalDate date={due.before} /> → <strong><LegalDate date={due.after} /></strong></td>
                </tr>
              ))}
            </tbody>
          </Table>
        </Section>
      ) : null}
    </>
  );
}
