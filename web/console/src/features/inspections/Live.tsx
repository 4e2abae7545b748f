import { useQuery } from '@tanstack/react-query';
import { useTexts } from '@shared/i18n';
import { Section } from '@ui/Page';
import { StateMark } from '@ui/StateMark';
import { Age, Facts, ShareBar } from '@ui/values';
import { isLive, reviewQuery, type Inspection, type Review } from './api';
import classes from './Inspections.module.css';

interface Part {
  name: string;
  answered: number;
  of: number;
}

/** The sections of the checklist with how much of each has been answered. */
export function partsOf(answers: Review['answers'], language: 'kk' | 'ru' | 'en'): Part[] {
  const parts = new Map<string, Part>();
  for (const { section, value } of answers) {
    const part = parts.get(section.en) ?? { name: section[language], answered: 0, of: 0 };
    part.of += 1;
    part.answered += value === undefined ? 0 : 1;
    parts.set(section.en, part);
  }
  return [...parts.values()];
}

/** How far a visit under way has come, as far as it has come in. Numbers change in place; nothing moves. */
export function Live({ row }: { row: Inspection }) {
  const { t, language } = useTexts();
  const { data } = useQuery(reviewQuery(row));
  if (!isLive(row) || !data) return null;
  const parts = partsOf(data.answers, language);
  const found = data.rigs.filter(({ times }) => times > 0).length;
  const declared = data.rigs.filter(({ match }) => match === 'declared' || match === 'missing' || match === 'duplicate').length;
  const waiting = data.gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const shots = data.unanswered.filter((name) => name.startsWith('shot:')).length;
  return (
    <Section title={t('inspection.underWay')} note={t('inspection.live')}>
      <Facts
        layout="row"
        facts={[
          { label: t('inspection.live.sections'), value: <span className="num">{t('inspection.live.of', { n: parts.filter((part) => part.answered === part.of).length, of: parts.length })}</span> },
          { label: t('inspection.live.answers'), value: <span className="num">{t('inspection.live.of', { n: parts.reduce((sum, part) => sum + part.answered, 0), of: data.answers.length })}</span> },
          { label: t('inspection.live.serials'), value: <span className="num">{declared > 0 ? t('inspection.live.ofDeclared', { n: found, of: declared }) : found}</span> },
          { label: t('inspection.live.files'), value: <span className="num">{t('inspection.live.of', { n: row.files_received, of: row.files })}</span> },
          { label: t('inspection.live.contact'), value: <Age at={row.last_event_at} /> },
        ]}
      />
      <ul className={classes.parts}>
        {parts.map((part) => (
          <li key={part.name}>
            <span>{part.name}</span>
            <span className="num small">{t('inspection.live.of', { n: part.answered, of: part.of })}</span>
            <ShareBar value={part.answered} of={part.of} />
          </li>
        ))}
      </ul>
      {shots > 0 ? <p className="small">{t('inspection.shotsLeft', { n: shots })}</p> : null}
      {waiting > 0 ? <StateMark tone="wait" label={t('inspection.live.waiting', { count: waiting })} /> : null}
    </Section>
  );
}
