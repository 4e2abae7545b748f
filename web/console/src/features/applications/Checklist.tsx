import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { StateMark } from '@ui/StateMark';
import { commands, useApplicationCommand, type Application, type ChecklistItem } from './api';
import classes from './Checklist.module.css';
import { Files } from './Evidence';

type Result = 'met' | 'not_met' | 'not_applicable';
const results: readonly Result[] = ['met', 'not_met', 'not_applicable'];
const tones = { met: 'ok', not_met: 'refuse', not_applicable: 'unknown' } as const;

/** The text of a requirement in the language of the page. */
export const textOf = (item: { text_kk: string; text_ru: string; text_en: string }, language: 'kk' | 'ru' | 'en') => ({ kk: item.text_kk, ru: item.text_ru, en: item.text_en })[language];

/** Moves between requirements with the arrows and marks one with 1, 2 or 3. */
function onKey(event: React.KeyboardEvent<HTMLLIElement>, mark: (result: number) => void) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = event.key === 'ArrowDown' || event.key === 'j' ? 'nextElementSibling' : event.key === 'ArrowUp' || event.key === 'k' ? 'previousElementSibling' : undefined;
  if (step) event.currentTarget[step]?.querySelector<HTMLButtonElement>('[role="group"] button')?.focus();
  else if (event.key === '1' || event.key === '2' || event.key === '3') mark(Number(event.key) - 1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function Item({ application, item, editable }: { application: Application; item: ChecklistItem; editable: boolean }) {
  const { t, language } = useTexts();
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState(item.note ?? '');
  const check = useApplicationCommand(
    (found: { result: Result; note?: string }) => commands.checkItem(application.id, item.code, found),
    () => setAsking(false),
  );
  const problem = check.error ? asProblem(check.error) : undefined;
  const choose = (result: Result) => {
    if (check.isPending) return; // a disabled button would lose the focus, and the keyboard its place
    if (result === 'not_met') setAsking(true);
    else check.mutate({ result, ...(note.trim() ? { note: note.trim() } : {}) });
  };
  const label = textOf(item, language);
  return (
    <li className={classes.item} data-result={item.result} onKeyDown={editable && !asking ? (event) => onKey(event, (at) => choose(results[at] ?? 'met')) : undefined}>
      <div className={classes.text}>
        <div>{label}</div>
        <div className="small muted">
          {item.legal_ref}
          {item.note ? <> · {item.note}</> : null}
        </div>
        <Files id={application.id} requirement={item.code} />
      </div>
      {editable ? (
        <div className={classes.choices} role="group" aria-label={label}>
          {results.map((result) => (
            <button key={result} type="button" aria-pressed={item.result === result} data-result={result} aria-disabled={check.isPending || undefined} onClick={() => choose(result)}>
              {t(`checklist.${result}`)}
            </button>
          ))}
        </div>
      ) : item.result ? (
        <StateMark tone={tones[item.result as Result]} label={t(`checklist.${item.result}`)} />
      ) : (
        <span className="muted">{t('checklist.open')}</span>
      )}
      {asking ? (
        <form
          className={classes.note}
          onSubmit={(event) => {
            event.preventDefault();
            check.mutate({ result: 'not_met', note: note.trim() });
          }}
        >
          <TextInput label={t('checklist.note')} description={t('checklist.noteHelp')} value={note} onChange={(event) => setNote(event.currentTarget.value)} error={problem?.field('/note')} data-autofocus autoFocus />
          <Button type="submit" size="xs" loading={check.isPending}>
            {t('checklist.saveNotMet')}
          </Button>
          <Button size="xs" variant="subtle" onClick={() => setAsking(false)}>
            {t('ui.cancel')}
          </Button>
        </form>
      ) : null}
      {problem ? (
        <p role="alert" className={classes.problem}>
          {problem.detail || t('ui.problem.unreachableDetail')}
        </p>
      ) : null}
    </li>
  );
}

/** The qualification requirements, and what the officer found for each. */
export function Checklist({ application }: { application: Application }) {
  const { t } = useTexts();
  const editable = application.allowed.includes('check_item');
  if (application.checklist.length === 0) return <p className="muted">{t('checklist.none')}</p>;
  return (
    <>
      {editable ? <p className="small muted">{t('checklist.keys')}</p> : null}
      <ul className={classes.list}>
        {application.checklist.map((item) => (
          <Item key={item.code} application={application} item={item} editable={editable} />
        ))}
      </ul>
    </>
  );
}
