import { Button, Radio, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Actions } from '@ui/Page';
import classes from './ActPage.module.css';
import { groundsQuery, type GroundAct, type License } from './api';

export interface ActDraft {
  ground: string;
  months: number;
  note: string;
}

const months = [1, 2, 3, 4, 5, 6];
const groundsOf: Record<Exclude<GroundFor, 'correct'>, GroundAct> = { suspend: 'suspend', extend: 'suspend', lift: 'lift', revoke: 'revoke', terminate: 'terminate' };

type GroundFor = 'suspend' | 'extend' | 'lift' | 'revoke' | 'terminate' | 'correct';

interface Props {
  act: Exclude<GroundFor, 'correct'>;
  license: License;
  draft: ActDraft;
  onChange: (draft: ActDraft) => void;
  onDone: () => void;
  children: React.ReactNode;
}

/** The first step of an act: its ground, its term and a note. */
export function ActForm({ act, license, draft, onChange, onDone, children }: Props) {
  const { t, language } = useTexts();
  const [tried, setTried] = useState(false);
  const grounds = useQuery(groundsQuery(groundsOf[act]));
  const most = act === 'extend' ? 6 - (license.suspension?.months ?? 0) : 6;
  const hasTerm = act === 'suspend' || act === 'extend';
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (draft.ground) onDone();
      }}
    >
      {children}
      <Loaded query={grounds} rows={3}>
        {(data) => (
          <Radio.Group label={t('act.ground')} description={t('act.groundHelp')} value={draft.ground} onChange={(ground) => onChange({ ...draft, ground })} error={tried && !draft.ground ? t('act.groundMissing') : undefined}>
            <div className={classes.options}>
              {data.items.map((item) => (
                <Radio key={item.code} value={item.code} label={{ kk: item.text_kk, ru: item.text_ru, en: item.text_en }[language]} description={item.legal_ref} />
              ))}
            </div>
          </Radio.Group>
        )}
      </Loaded>
      {hasTerm ? (
        <Radio.Group
          label={t(act === 'extend' ? 'act.addMonths' : 'act.months')}
          description={t(act === 'extend' ? 'act.addMonthsHelp' : 'act.monthsHelp')}
          value={String(draft.months)}
          onChange={(value) => onChange({ ...draft, months: Number(value) })}
        >
          <div className={classes.months}>
            {months.map((count) => (
              <Radio key={count} value={String(count)} disabled={count > most} label={t('act.monthCount', { count })} />
            ))}
          </div>
        </Radio.Group>
      ) : null}
      <Textarea label={t('act.note')} description={t('act.noteHelp')} autosize minRows={3} value={draft.note} onChange={(event) => onChange({ ...draft, note: event.currentTarget.value })} />
      <Actions>
        <Button variant="default" component={Link} to={`/licenses/${license.number}`}>
          {t('ui.cancel')}
        </Button>
        <Button type="submit">{t('act.seeImpact')}</Button>
      </Actions>
    </form>
  );
}
