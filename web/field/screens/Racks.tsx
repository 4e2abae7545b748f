import { type FormEvent, useState } from 'react';
import type { VisitScreen } from '../app/App';
import { t } from '../app/text';
import { Field, Onward, Outcome, Screen } from '../app/ui';

/** Counts by rack: how many rigs stand there, and how many run. */
export function Racks({ open }: VisitScreen) {
  const { pack, visit, id, act } = open;
  const [rack, setRack] = useState('');
  const declared = new Map<string, number>();
  for (const rig of pack.declared ?? []) if (rig.rack) declared.set(rig.rack, (declared.get(rig.rack) ?? 0) + 1);
  const names = [...new Set([...declared.keys(), ...visit.racks.keys()])].sort();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const name = rack.trim();
    const units = Number(data.get('units'));
    const running = Number(data.get('running'));
    if (await act({ kind: 'rack.counted', body: { rack: name, units, running } }, t('racks.saved', { rack: name, n: units }))) {
      form.reset();
      setRack('');
    }
  };
  return (
    <Screen title={t('racks.title')} back={`#/visit/${id}`} foot={<><button type="submit" form="rack">{t('racks.save')}</button><Onward open={open} to="photos" /></>}>
      <Outcome open={open} />
      <form id="rack" onSubmit={(event) => void submit(event)}>
        <Field label={t('racks.rack')}>
          <input value={rack} list="racks" autoCapitalize="characters" required onChange={(event) => setRack(event.currentTarget.value)} />
        </Field>
        <datalist id="racks">{names.map((name) => <option key={name} value={name} />)}</datalist>
        <div className="pair">
          <Field label={t('racks.units')}><input name="units" type="number" inputMode="numeric" min="0" max="10000" required /></Field>
          <Field label={t('racks.running')}><input name="running" type="number" inputMode="numeric" min="0" max="10000" required /></Field>
        </div>
      </form>
      <h2>{t('racks.list')}</h2>
      {names.length === 0 && <p className="small">{t('racks.empty')}</p>}
      <ul className="list">
        {names.map((name) => {
          const counted = visit.racks.get(name);
          return (
            <li key={name}>
              <div className="item">
                <div><b>{name}</b><span className="small">{t('racks.declared', { n: declared.get(name) ?? 0 })}{counted ? ` · ${t('racks.counted', { n: counted.units, running: counted.running })}` : ''}</span></div>
                <button type="button" className="quiet" onClick={() => setRack(name)}>{t(counted ? 'racks.again' : 'racks.count')}<span className="hidden"> {name}</span></button>
              </div>
            </li>
          );
        })}
      </ul>
    </Screen>
  );
}
