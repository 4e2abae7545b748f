import { type FormEvent, useState } from 'react';
import type { VisitScreen } from '../app/App';
import { t } from '../app/text';
import { Choices, Field, Onward, Outcome, Screen } from '../app/ui';
import { plainSerial } from '../visit/pack';

type Mode = 'checked' | 'applied' | 'seized';

/** Seals that were found, seals that were put on, and equipment that was seized. */
export function Seals({ open }: VisitScreen) {
  const { id } = open;
  const [mode, setMode] = useState<Mode>('checked');
  const { visit } = open;
  return (
    <Screen title={t('seals.title')} back={`#/visit/${id}`} foot={<><button type="submit" form="seal">{t('save')}</button><Onward open={open} to="protocol" /></>}>
      <Outcome open={open} />
      <Choices label={t('seals.what')} options={(['checked', 'applied', 'seized'] as const).map((one) => ({ id: one, text: t(`seals.${one}`) }))} value={mode} onChoose={setMode} />
      {mode === 'seized' ? <Seize open={open} /> : <Seal key={mode} open={open} mode={mode} />}
      <h2>{t('seals.list')}</h2>
      {visit.seals.length + visit.seized.length === 0 && <p className="small">{t('seals.empty')}</p>}
      <ul className="list">
        {visit.seals.map((one) => (
          <Line key={one.event} open={open} event={one.event} name={one.seal} words={`${'state' in one ? t(`seal.${one.state}`) : t('seals.applied')} · ${one.where}`} />
        ))}
        {visit.seized.map((one) => <Line key={one.event} open={open} event={one.event} name={t('seals.seizedN', { n: one.serials.length })} words={one.serials.join(', ')} />)}
      </ul>
    </Screen>
  );
}

function Line({ open, event, name, words }: Pick<VisitScreen, 'open'> & { event: string; name: string; words: string }) {
  return (
    <li>
      <div className="item">
        <div><b className="mono">{name}</b><span className="small">{words}</span></div>
        <button type="button" className="quiet" onClick={() => void open.undo(event)}>{t('void')}<span className="hidden"> {name}</span></button>
      </div>
    </li>
  );
}

function Seal({ open, mode }: Pick<VisitScreen, 'open'> & { mode: 'checked' | 'applied' }) {
  const [state, setState] = useState<'intact' | 'broken' | 'missing'>('intact');
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const seal = String(data.get('seal')).trim();
    const where = String(data.get('where')).trim();
    const saved = await open.act(mode === 'checked' ? { kind: 'seal.checked', body: { seal, state, where } } : { kind: 'seal.applied', body: { seal, where } }, t('seals.saved', { seal }));
    if (saved) form.reset();
  };
  return (
    <form id="seal" onSubmit={(event) => void submit(event)}>
      <Field label={t('seals.number')}><input name="seal" autoCapitalize="characters" required /></Field>
      {mode === 'checked' && (
        <>
          <p className="label">{t('seals.state')}</p>
          <Choices label={t('seals.state')} options={(['intact', 'broken', 'missing'] as const).map((one) => ({ id: one, text: t(`seal.${one}`) }))} value={state} onChoose={setState} />
        </>
      )}
      <Field label={t('seals.where')}><input name="where" required /></Field>
    </form>
  );
}

function Seize({ open }: Pick<VisitScreen, 'open'>) {
  const seized = new Set(open.visit.seized.flatMap((one) => one.serials));
  const strange = open.visit.serials.filter((one) => (one.match === 'unknown' || one.match === 'elsewhere') && !seized.has(plainSerial(one.serial))).map((one) => one.serial);
  const [text, setText] = useState(strange.join('\n'));
  const serials = [...new Set(text.split(/[\n,;]+/).map(plainSerial).filter(Boolean))];
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget).get('note')).trim();
    if (await open.act({ kind: 'equipment.seized', body: { serials, note } }, t('seals.seizedN', { n: serials.length }))) setText('');
  };
  return (
    <form id="seal" onSubmit={(event) => void submit(event)}>
      <Field label={t('seals.serials', { n: serials.length })} hint={t('seals.serialsHint')}><textarea value={text} required onChange={(event) => setText(event.currentTarget.value)} /></Field>
      <Field label={t('seals.note')}><input name="note" /></Field>
    </form>
  );
}
