import { useState } from 'react';
import type { VisitScreen } from '../app/App';
import { named, own, t } from '../app/text';
import { Choices, Field, Note, Outcome, Screen } from '../app/ui';
import type { Question } from '../visit/pack';
import { PhotoButton } from './PhotoButton';

/** One section of the checklist a screen. Each answer is saved when it is given. */
export function Checklist({ open, rest }: VisitScreen) {
  const { pack, id } = open;
  const sections = pack.checklist?.sections ?? [];
  const n = Math.min(Math.max(Number(rest[0]) || 0, 0), Math.max(sections.length - 1, 0));
  const section = sections[n];
  if (!section)
    return <Screen title={t('checklist.title')} back={`#/visit/${id}`}><Note title={t('checklist.empty')} /></Screen>;
  const last = n === sections.length - 1;
  return (
    <Screen
      title={own(section.title)}
      sub={t('checklist.section', { n: n + 1, of: sections.length })}
      back={n === 0 ? `#/visit/${id}` : `#/visit/${id}/checklist/${n - 1}`}
      foot={<a className="button" href={last ? `#/visit/${id}/scan` : `#/visit/${id}/checklist/${n + 1}`}>{t('next')}</a>}
    >
      <Outcome open={open} />
      {section.questions.map((q) => <Ask key={q.id} open={open} q={q} />)}
    </Screen>
  );
}

function Ask({ open, q }: Pick<VisitScreen, 'open'> & { q: Question }) {
  const { visit, act } = open;
  const given = visit.answers.get(q.id);
  const [noting, setNoting] = useState(false);
  const set = (value: string | number, note = given?.note ?? '') => void act({ kind: 'answer.set', body: { question: q.id, value, note } });
  const text = `${own(q.text)}${q.required ? '' : ` (${t('checklist.optional')})`}`;
  return (
    <fieldset>
      <legend>{text}</legend>
      {q.why && own(q.why) && <p className="small">{own(q.why)}</p>}
      <Answer open={open} q={q} label={text} value={given?.value ?? null} set={set} />
      {q.kind !== 'photo' && (given?.note || noting ? (
        <Kept label={t('checklist.note')} value={given?.note ?? ''} save={(note) => set(given?.value ?? '', note)} />
      ) : (
        given && <button type="button" className="quiet" onClick={() => setNoting(true)}>{t('checklist.addNote')}<span className="hidden"> {own(q.text)}</span></button>
      ))}
    </fieldset>
  );
}

function Answer({ open, q, label, value, set }: Pick<VisitScreen, 'open'> & { q: Question; label: string; value: string | number | null; set: (value: string | number) => void }) {
  const chosen = value === null ? null : String(value);
  switch (q.kind) {
    case 'yes_no':
      return <Choices label={label} options={(['yes', 'no'] as const).map((one) => ({ id: one, text: t(`answer.${one}`) }))} value={chosen} onChoose={set} />;
    case 'choice':
      return <Choices label={label} options={(q.choices ?? []).map((one) => (typeof one === 'string' ? { id: one, text: named('choice', one) } : { id: one.id, text: own(one.text) }))} value={chosen} onChoose={set} />;
    case 'number':
      return <Kept label={q.unit ? t('checklist.inUnit', { unit: named('unit', q.unit) }) : t('checklist.number')} value={chosen ?? ''} numeric save={(text) => set(Number(text.replace(',', '.')))} />;
    case 'text':
      return <Kept label={t('checklist.answer')} value={chosen ?? ''} save={set} />;
    case 'photo':
      return <PhotoButton open={open} shot={q.id} label={t('photos.take')} about={own(q.text)} />;
  }
}

/** A text that is saved when the person leaves it, and says so. */
function Kept({ label, value, numeric, save }: { label: string; value: string; numeric?: true; save: (text: string) => void }) {
  const [text, setText] = useState(value);
  const wrong = numeric && text.trim() !== '' && !Number.isFinite(Number(text.replace(',', '.')));
  const leave = () => {
    if (text.trim() !== '' && text.trim() !== value && !wrong) save(text.trim());
  };
  return (
    <>
      <Field label={label}>
        <input value={text} inputMode={numeric ? 'decimal' : 'text'} aria-invalid={wrong || undefined} onChange={(event) => setText(event.currentTarget.value)} onBlur={leave} />
      </Field>
      {wrong && <p className="small" role="alert">{t('checklist.noNumber')}</p>}
    </>
  );
}
