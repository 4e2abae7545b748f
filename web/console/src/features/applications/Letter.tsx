import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { letterFile, letterQuery, type DecisionInput, type Letter as Words } from './review';
import classes from './Letter.module.css';

type Both = Words['heading'];

function Pair({ text, as: As = 'p' }: { text: Both; as?: 'p' | 'h3' }) {
  return (
    <div className={classes.pair}>
      <As lang="kk">{text.kk}</As>
      <As lang="ru">{text.ru}</As>
    </div>
  );
}

function Paper({ letter }: { letter: Words }) {
  const { t } = useTexts();
  return (
    <article className={classes.paper} aria-label={t('letter.title')}>
      <p className={classes.draft}>
        <span lang="kk">ЖОБА</span> · <span lang="ru">ПРОЕКТ</span>
      </p>
      <Pair text={letter.heading} as="h3" />
      {letter.lead.map((text) => (
        <Pair key={text.kk} text={text} />
      ))}
      {letter.rows.map((row, i) => (
        <div key={`${i}${row.label.kk}`} className={`${classes.pair} ${classes.row}`}>
          {(['kk', 'ru'] as const).map((language) => (
            <div key={language} lang={language}>
              <span className="small muted">{row.label[language]}</span>
              <div>{row.value[language]}</div>
            </div>
          ))}
        </div>
      ))}
      {letter.reasons.map((reason, i) => (
        <div key={reason.text.kk}>
          <Pair text={{ kk: `${i + 1}. ${reason.text.kk}`, ru: `${i + 1}. ${reason.text.ru}` }} />
          <p className="small muted" lang="ru">{reason.legal_ref}</p>
        </div>
      ))}
      {letter.closing.map((text) => (
        <Pair key={text.kk} text={text} />
      ))}
    </article>
  );
}

/** What the letter of a decision would say, in Kazakh and in Russian, before anybody signs it. */
export function Letter({ id, decision }: { id: string; decision: DecisionInput }) {
  const { t } = useTexts();
  const query = useQuery(letterQuery(id, decision));
  const file = useMutation({
    mutationFn: () => letterFile(id, decision),
    onSuccess: (blob) => {
      const address = URL.createObjectURL(blob);
      window.open(address, '_blank', 'noopener');
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    },
  });
  const ready = decision.outcome === 'grant' || (decision.reasons ?? []).length > 0;
  return (
    <Section
      title={t('letter.title')}
      note={t('letter.note')}
      action={
        ready ? (
          <Button size="compact-sm" variant="default" loading={file.isPending} onClick={() => file.mutate()}>
            {t('letter.pdf')}
          </Button>
        ) : null
      }
    >
      {file.error ? <ProblemNotice problem={asProblem(file.error)} /> : null}
      {ready ? (
        <Loaded query={query} rows={6}>
          {(letter) => <Paper letter={letter} />}
        </Loaded>
      ) : (
        <p className="muted">{t('letter.chooseReason')}</p>
      )}
    </Section>
  );
}
