import { type FormEvent, useState } from 'react';
import type { VisitScreen } from '../app/App';
import { named, t } from '../app/text';
import { Choices, Field, Note, Outcome, Screen } from '../app/ui';
import { go } from '../app/use';

const reasons = ['refused', 'absent', 'locked', 'danger'] as const;

/** Why nobody was let in: one of the reasons, and what was added to it. */
export function reasonWords(reason: string, say: (key: string) => string = t): string {
  const [name = '', ...more] = reason.split(': ');
  return [named('access', name, say), ...more].join(': ');
}

/** The inspector was not let in: that is a fact of its own, and the visit can be finished with it. */
export function Access({ open }: VisitScreen) {
  const { visit, id, act } = open;
  const [reason, setReason] = useState<(typeof reasons)[number]>('refused');
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const more = String(data.get('more')).trim();
    const saved = await act({ kind: 'access.refused', body: { reason: more ? `${reason}: ${more}` : reason, who: String(data.get('who')).trim() } }, t('access.saved'));
    if (saved) go('visit', id);
  };
  return (
    <Screen title={t('access.title')} back={`#/visit/${id}`} foot={<button type="submit" form="access">{t('access.save')}</button>}>
      <Outcome open={open} />
      {visit.refusedAccess && (
        <Note tone="stop" title={t('access.recorded')}>
          <p>{reasonWords(visit.refusedAccess.reason)} · {visit.refusedAccess.who}</p>
          <p><button type="button" className="plain" onClick={() => void open.undo(visit.refusedAccess?.event ?? '')}>{t('void')}</button></p>
        </Note>
      )}
      <p className="small">{t('access.text')}</p>
      <form id="access" onSubmit={(event) => void submit(event)}>
        <Choices label={t('access.reason')} options={reasons.map((one) => ({ id: one, text: t(`access.${one}`) }))} value={reason} onChoose={setReason} />
        <Field label={t('access.who')}><input name="who" required /></Field>
        <Field label={t('access.more')}><textarea name="more" /></Field>
      </form>
    </Screen>
  );
}
