import { Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Section } from '@ui/Page';
import { StateMark, type Tone } from '@ui/StateMark';
import { Callout } from '@ui/states';
import { LegalDate } from '@ui/values';
import type { Case } from './api';
import classes from './Cases.module.css';

type Rig = NonNullable<Case['seized']>[number];
const tones: Record<Rig['fate'], Tone> = { held: 'stop', returned: 'ok', confiscated: 'refuse' };
const shown = 50;

/** The machines that were seized: what the register said of each, where it lies, what became of it. */
export function Seized({ row }: { row: Case }) {
  const { t } = useTexts();
  const can = useCan();
  const rigs = row.seized ?? [];
  const waiting = row.taken_on_visits ?? [];
  if (rigs.length + waiting.length === 0) return null;
  const line = (rig: Rig) => (
    <tr key={`${rig.number} ${rig.serial}`}>
      <th scope="row" className="mono">{rig.rig && can('equipment.read') ? <Link to="/equipment/$id" params={{ id: rig.rig }}>{rig.serial}</Link> : rig.serial}</th>
      <td>{rig.was ? t(`state.equipment.${rig.was}`) : t('case.notRegistered')}</td>
      <td><span className="mono">{rig.number}</span>, <LegalDate date={rig.on} /></td>
      <td>{rig.place}</td>
      <td><StateMark tone={tones[rig.fate]} label={t(`case.fate.${rig.fate}`)} />{rig.until ? <> <LegalDate date={rig.until} /></> : null}</td>
    </tr>
  );
  const table = (list: readonly Rig[]) => (
    <div className={classes.scroll} role="region" aria-label={t('case.seized')} tabIndex={0}>
      <table className={`${classes.table} ${classes.machines}`}>
        <thead>
          <tr>{(['serial', 'was', 'record', 'place', 'fate'] as const).map((key) => <th key={key} scope="col">{t(`case.seizedHead.${key}`)}</th>)}</tr>
        </thead>
        <tbody>{list.map(line)}</tbody>
      </table>
    </div>
  );
  return (
    <Section title={t('case.seized')} note={t('case.seizedNote')}>
      {waiting.length > 0 ? <Callout tone="wait" title={t('case.takenOnVisits', { n: waiting.length })}><span className="mono small">{waiting.join(' ')}</span></Callout> : null}
      {rigs.length > 0 ? table(rigs.slice(0, shown)) : null}
      {rigs.length > shown ? <details><summary>{t('case.seizedMore', { n: rigs.length - shown })}</summary>{table(rigs.slice(shown))}</details> : null}
    </Section>
  );
}
