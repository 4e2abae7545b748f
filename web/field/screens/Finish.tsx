import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type { VisitScreen } from '../app/App';
import { type Args, catalogueOf, dateTime, day, named, number, own, t, useLanguage } from '../app/text';
import { Choices, Field, Note, Outcome, Screen, StateWord } from '../app/ui';
import { type Signer } from '../outbox/event';
import { type Lack, lacks, tally, type Visit } from '../visit/fold';
import type { Pack, Question } from '../visit/pack';
import { reasonWords } from './Access';
import { Progress } from './Progress';

type Words = (key: string, args?: Args) => string;

/** The protocol as both sides will sign it, in Kazakh or Russian, and the signatures. */
export function Protocol({ open }: VisitScreen) {
  const ui = useLanguage();
  const [language, setLanguage] = useState<'kk' | 'ru'>(ui === 'ru' ? 'ru' : 'kk');
  const [words, setWords] = useState<{ of: string; say: Words } | null>(null);
  useEffect(() => void catalogueOf(language).then((say) => setWords({ of: language, say })), [language]);
  const { id, visit } = open;
  // Whoever has to sign next is within the thumb's reach; the list of all is below the text.
  const next = visit.finished ? undefined : (['inspector', 'subject'] as const).find((who) => !visit.signed.has(who));
  return (
    <Screen
      title={t('protocol.title')}
      back={`#/visit/${id}`}
      foot={next ? <a className="button" href={`#/visit/${id}/sign/${next}`}>{t(`sign.${next}`)}</a> : <a className="button" href={`#/visit/${id}/finish`}>{t('next')}</a>}
    >
      <Outcome open={open} />
      <Choices label={t('protocol.language')} options={[{ id: 'kk', text: 'Қазақша' }, { id: 'ru', text: 'Русский' }]} value={language} onChoose={setLanguage} />
      <div style={{ height: 12 }} />
      {words?.of === language && <Paper pack={open.pack} visit={visit} language={language} say={words.say} />}
      <h2>{t('protocol.signatures')}</h2>
      <ul className="list">
        {(['inspector', 'subject', 'witness'] as Signer[]).map((who) => {
          const signed = visit.signed.get(who);
          return (
            <li key={who}>
              <a className="link" href={`#/visit/${id}/sign/${who}`}>
                <span className="hidden" />
                <span>
                  {t(`sign.${who}`)}
                  <span className="small">
                    <StateWord tone={!signed ? 'none' : 'reason' in signed ? 'stop' : 'ok'}>{!signed ? t('sign.open') : 'reason' in signed ? t('sign.refused') : t('sign.signed', { name: signed.name })}</StateWord>
                  </span>
                </span>
              </a>
            </li>
          );
        })}
      </ul>
    </Screen>
  );
}

/** The protocol's text. It says what was recorded and nothing else. */
function Paper({ pack, visit, language, say }: { pack: Pack; visit: Visit; language: 'kk' | 'ru'; say: Words }) {
  const count = tally(visit, pack);
  const questions = (pack.checklist?.sections ?? []).flatMap((s) => s.questions).filter((q) => visit.answers.has(q.id));
  const answer = (q: Question) => {
    const value = visit.answers.get(q.id)?.value ?? '';
    if (value === 'yes' || value === 'no') return say(`answer.${value}`);
    if (q.kind === 'number') return [number(Number(value)), q.unit && named('unit', q.unit, say)].filter(Boolean).join(' ');
    const chosen = q.choices?.find((one) => typeof one !== 'string' && one.id === value);
    if (chosen && typeof chosen !== 'string') return own(chosen.text, language);
    return q.kind === 'choice' ? named('choice', String(value), say) : String(value);
  };
  const row = (name: string, value: ReactNode) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>;
  return (
    <article className="paper" lang={language}>
      <h2 style={{ marginTop: 0 }}>{say('paper.title', { number: pack.inspection.number })}</h2>
      <dl>
        {row(say('paper.date'), visit.started ? dateTime(visit.started.at) : day(pack.inspection.planned_on))}
        {row(say('paper.place'), [own(pack.site?.name, language), pack.site?.address].filter(Boolean).join(', ') || '—')}
        {row(say('home.holder'), [own(pack.holder?.name, language), pack.holder?.bin].filter(Boolean).join(', ') || '—')}
        {row(say('paper.team'), (pack.inspection.team ?? []).map((one) => one.name).join(', ') || '—')}
        {row(say('paper.act'), `${pack.inspection.legal?.['act_number'] ?? '—'}`)}
      </dl>
      {visit.refusedAccess && <p>{say('paper.access', { who: visit.refusedAccess.who, reason: reasonWords(visit.refusedAccess.reason, say) })}</p>}
      {questions.length > 0 && <dl>{questions.map((q) => row(own(q.text, language), answer(q)))}</dl>}
      <p>{say('paper.rigs', { declared: pack.declared?.length ?? 0, found: count.declared, unknown: count.unknown, elsewhere: count.elsewhere, absent: count.absent })}</p>
      {visit.readings.length > 0 && <dl>{visit.readings.map((one) => row(`${one.meter}${one.phase ? ` ${one.phase}` : ''}`, `${number(one.value)} ${say(`unit.${one.unit}`)}`))}</dl>}
      {visit.seals.length > 0 && <p>{say('paper.seals', { list: visit.seals.map((one) => `${one.seal} (${'state' in one ? say(`seal.${one.state}`) : say('seals.applied')})`).join(', ') })}</p>}
      {visit.seized.length > 0 && <p>{say('paper.seized', { list: visit.seized.flatMap((one) => one.serials).join(', ') })}</p>}
      <p>{say('paper.photos', { n: visit.photos.length })}</p>
      {visit.finished?.summary && <p>{visit.finished.summary}</p>}
    </article>
  );
}

/** Ends the visit when nothing that it demands is lacking, and then shows how it arrives. */
export function Finish({ open }: VisitScreen) {
  const { pack, visit, id, act } = open;
  const ui = useLanguage();
  const [language, setLanguage] = useState<'kk' | 'ru'>(ui === 'ru' ? 'ru' : 'kk');
  const [pressed, setPressed] = useState(false);
  const missing = lacks(visit, pack);
  if (visit.finished) return <Progress open={open} />;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const summary = String(new FormData(event.currentTarget).get('summary')).trim();
    if (missing.length > 0) return setPressed(true);
    await act({ kind: 'visit.finished', body: { summary, language } });
  };
  return (
    <Screen title={t('finish.title')} back={`#/visit/${id}`} foot={<button type="submit" form="finish">{t('finish.do')}</button>}>
      <Outcome open={open} />
      {missing.length > 0 && (
        <Note tone={pressed ? 'refuse' : 'stop'} title={t('finish.left', { n: missing.length })} alert={pressed ? true : undefined}>
          <ul className="list" style={{ margin: 0 }}>
            {missing.map((lack) => (
              <li key={JSON.stringify(lack)} style={{ padding: 0 }}><a className="link" href={`#/visit/${id}/${where(lack)}`}><span className="hidden" /><span>{lackWords(lack, pack)}</span></a></li>
            ))}
          </ul>
        </Note>
      )}
      <form id="finish" onSubmit={(event) => void submit(event)}>
        <Field label={t('finish.summary')}><textarea name="summary" /></Field>
        <p className="label">{t('protocol.language')}</p>
        <Choices label={t('protocol.language')} options={[{ id: 'kk', text: 'Қазақша' }, { id: 'ru', text: 'Русский' }]} value={language} onChoose={setLanguage} />
      </form>
      <p className="small" style={{ marginTop: 12 }}>{t('finish.text')}</p>
    </Screen>
  );
}

const where = (lack: Lack): string => (lack.part === 'checklist' ? `checklist/${lack.section}` : lack.part === 'signatures' ? `sign/${lack.who}` : lack.part);

function lackWords(lack: Lack, pack: Pack): string {
  if (lack.part === 'checklist') return own(pack.checklist?.sections[lack.section]?.questions.find((q) => q.id === lack.question)?.text);
  if (lack.part === 'photos') return t('finish.photo', { name: own(pack.shots?.find((shot) => shot.id === lack.shot)?.title) });
  return lack.part === 'signatures' ? t(`sign.${lack.who}`) : t('start.do');
}
