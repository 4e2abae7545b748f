import { Button, Radio } from '@mantine/core';
import { useState } from 'react';
import { instant } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { proposal, type Answers, type Field } from './answers';
import { useSay } from './say';
import type { Draft } from './useDraft';
import classes from './portal.module.css';

/** How far what was typed has come: always true, never silent about a failure. */
export function SaveStatus({ draft }: { draft: Draft }) {
  const { t, language } = useTexts();
  const { auto, savedAt, restored, problem, box } = draft;
  const time = (at: string | undefined) => (at ? instant(at, new Date(), language) : '');
  const tone = auto.phase === 'offline' || auto.phase === 'signedOut' ? 'stop' : auto.phase === 'refused' ? 'refuse' : undefined;
  return (
    <div role="status" className={`${classes.save} no-print`} data-tone={tone} data-phase={auto.phase}>
      {auto.phase === 'saved' ? <span>{t('portal.save.saved', { time: time(savedAt) })}</span> : null}
      {auto.phase === 'waiting' || auto.phase === 'saving' ? <span>{t('portal.save.saving')}</span> : null}
      {auto.phase === 'offline' ? <span>{t('portal.save.offline')}</span> : null}
      {auto.phase === 'signedOut' ? <span>{t('portal.save.signedOut')}</span> : null}
      {auto.phase === 'refused' ? <span>{t('portal.save.refused')} {problem?.detail}</span> : null}
      {auto.phase === 'conflict' ? <span>{t('portal.save.conflict')}</span> : null}
      {auto.phase === 'offline' || auto.phase === 'refused' ? (
        <button type="button" className={classes.linkButton} onClick={() => box.retry()}>
          {t('portal.save.retry')}
        </button>
      ) : null}
      {restored ? (
        <>
          <span>{t('portal.save.restored', { time: time(restored) })}</span>
          <button type="button" className={classes.linkButton} onClick={() => void box.discard()}>
            {t('portal.save.discard')}
          </button>
        </>
      ) : null}
    </div>
  );
}

/** Both versions where somebody else saved meanwhile: a person chooses, field by field. */
export function Conflict({ draft, theirs }: { draft: Draft; theirs: Answers }) {
  const { t } = useTexts();
  const say = useSay();
  const { answers, base, box } = draft;
  const [choice, setChoice] = useState(() => proposal(base, answers, theirs));
  const fields = Object.keys(choice) as Field[];
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        box.resolve(choice);
      }}
    >
      <p>{t('portal.conflict.lead')}</p>
      {fields.map((field) => (
        <Radio.Group key={field} label={t(`portal.field.${field}`)} value={choice[field] ?? 'mine'} onChange={(side) => setChoice({ ...choice, [field]: side === 'theirs' ? 'theirs' : 'mine' })}>
          <div className={classes.sides}>
            <div className={classes.box}>
              <Radio value="mine" label={t('portal.conflict.mine')} />
              <div>{say(field, answers)}</div>
            </div>
            <div className={classes.box}>
              <Radio value="theirs" label={t('portal.conflict.theirs')} />
              <div>{say(field, theirs)}</div>
            </div>
          </div>
        </Radio.Group>
      ))}
      <div className={classes.foot}>
        <Button type="submit" size="md">
          {t('portal.conflict.keep')}
        </Button>
      </div>
    </form>
  );
}
