import { type FormEvent, useState } from 'react';
import type { VisitScreen } from '../app/App';
import { number, t } from '../app/text';
import { Choices, Field, Onward, Outcome, Screen } from '../app/ui';

const quantities = { energy: 'kWh', power: 'kW', current: 'A', voltage: 'V' } as const;
type Quantity = keyof typeof quantities;

/** What a meter's display shows, and what a clamp measures on each phase. */
export function Readings({ open }: VisitScreen) {
  const { pack, visit, id, act } = open;
  const [how, setHow] = useState<'display' | 'clamp'>('display');
  const [quantity, setQuantity] = useState<Quantity>('energy');
  const [phase, setPhase] = useState<'L1' | 'L2' | 'L3'>('L1');
  const [wrong, setWrong] = useState(false);
  const meters = (pack.connection_points ?? []).flatMap((cp) => (cp.meter_serial ? [cp.meter_serial] : []));
  const unit = quantities[quantity];
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const value = Number(String(data.get('value')).replace(/\s/g, '').replace(',', '.'));
    if (!Number.isFinite(value)) return setWrong(true);
    setWrong(false);
    const body = { meter: String(data.get('meter')).trim(), how, quantity, value, unit, ...(how === 'clamp' && { phase }) };
    if (await act({ kind: 'reading.taken', body }, t('readings.saved', { value: number(value), unit: t(`unit.${unit}`) }))) {
      const field = form.elements.namedItem('value');
      if (field instanceof HTMLInputElement) field.value = '';
    }
  };
  return (
    <Screen title={t('readings.title')} back={`#/visit/${id}`} foot={<><button type="submit" form="reading">{t('readings.save')}</button><Onward open={open} to="seals" /></>}>
      <Outcome open={open} />
      <Choices label={t('readings.how')} options={(['display', 'clamp'] as const).map((one) => ({ id: one, text: t(`readings.${one}`) }))} value={how} onChoose={(one) => { setHow(one); setQuantity(one === 'clamp' ? 'current' : 'energy'); }} />
      <form id="reading" onSubmit={(event) => void submit(event)}>
        <Field label={t('readings.meter')}><input name="meter" list="meters" defaultValue={meters[0] ?? ''} required /></Field>
        <datalist id="meters">{meters.map((serial) => <option key={serial} value={serial} />)}</datalist>
        <Field label={t('readings.quantity')}>
          <select value={quantity} onChange={(event) => setQuantity(event.currentTarget.value as Quantity)}>
            {(Object.keys(quantities) as Quantity[]).map((one) => <option key={one} value={one}>{t(`quantity.${one}`)}</option>)}
          </select>
        </Field>
        {how === 'clamp' && (
          <>
            <p className="label">{t('readings.phase')}</p>
            <Choices label={t('readings.phase')} options={(['L1', 'L2', 'L3'] as const).map((one) => ({ id: one, text: one }))} value={phase} onChoose={setPhase} />
          </>
        )}
        <Field label={t('readings.value', { unit: t(`unit.${unit}`) })}><input name="value" inputMode="decimal" autoComplete="off" required aria-invalid={wrong || undefined} /></Field>
        {wrong && <p className="small" role="alert">{t('checklist.noNumber')}</p>}
      </form>
      <h2>{t('readings.list')}</h2>
      {visit.readings.length === 0 && <p className="small">{t('readings.empty')}</p>}
      <ul className="list">
        {visit.readings.map((one) => (
          <li key={one.event}>
            <div className="item">
              <div><b>{number(one.value)} {t(`unit.${one.unit}`)}</b><span className="small">{one.meter} · {t(`readings.${one.how}`)}{one.phase ? ` · ${one.phase}` : ''}</span></div>
              <button type="button" className="quiet" onClick={() => void open.undo(one.event)}>{t('void')}<span className="hidden"> {one.value} {one.meter}</span></button>
            </div>
          </li>
        ))}
      </ul>
    </Screen>
  );
}
