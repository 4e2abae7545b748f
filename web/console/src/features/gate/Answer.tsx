import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useNow } from '@shared/clock';
import { countdown } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { toneOf } from '@shared/states';
import { Facts, Identifier, Instant, Kw } from '@ui/values';
import type { CheckAnswer } from './api';
import classes from './Answer.module.css';

const marks = {
  permit: <circle cx="24" cy="24" r="20" fill="currentColor" />,
  refer: (
    <>
      <circle cx="24" cy="24" r="18" fill="none" stroke="currentColor" strokeWidth="4" />
      <path d="M24 6a18 18 0 0 1 0 36z" fill="currentColor" />
    </>
  ),
  deny: <rect x="5" y="5" width="38" height="38" rx="3" fill="currentColor" />,
};

function Countdown({ until }: { until: string }) {
  const { t } = useTexts();
  const now = useNow(1000);
  const left = new Date(until).getTime() - now.getTime();
  if (left <= 0) return <span>{t('gate.lapsed')}</span>;
  const { days, clock } = countdown(left);
  return (
    <span className="num">
      {days > 0 ? `${t('gate.days', { count: days })} ` : ''}
      {clock}
    </span>
  );
}

function Permit({ permit, name, id }: { permit: string; name: string; id: string }) {
  const { t } = useTexts();
  const download = () => {
    const address = URL.createObjectURL(new Blob([permit], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = `permit-${name}.jwt`;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <div className={classes.permit}>
      <h2>{t('gate.permit')}</h2>
      <p className="small muted">{t('gate.permitHelp')}</p>
      <code className={classes.code} tabIndex={0} aria-label={t('gate.permit')}>{permit}</code>
      <div className={`${classes.buttons} no-print`}>
        <Button size="xs" variant="default" onClick={() => void navigator.clipboard.writeText(permit)}>
          {t('gate.copyPermit')}
        </Button>
        <Button size="xs" variant="default" onClick={download}>
          {t('gate.download')}
        </Button>
        <Button size="xs" variant="default" component={Link} to={`/gate/checks/${id}/print`}>
          {t('gate.print')}
        </Button>
      </div>
    </div>
  );
}

/** The gate's answer: the word, its mark, the cap, the time left, then every reason with what to do about it. */
export function Answer({ answer, linked = true }: { answer: CheckAnswer; linked?: boolean }) {
  const { t } = useTexts();
  const tone = toneOf('decision', answer.decision);
  const { decision } = answer;
  return (
    <section className={classes.answer} data-tone={tone} aria-label={t('gate.answer')}>
      <div className={classes.verdict}>
        <svg viewBox="0 0 48 48" aria-hidden="true" className={classes.mark}>
          {marks[decision]}
        </svg>
        <div>
          <p className={classes.word}>{t(`gate.word.${decision}`)}</p>
          <p className={classes.meaning}>{t(`gate.meaning.${decision}`)}</p>
        </div>
      </div>
      {decision === 'permit' ? (
        <div className={classes.caps}>
          <div>
            <span className={classes.label}>{t('gate.cap')}</span>
            <span className={classes.big}><Kw value={answer.max_kw} /></span>
          </div>
          <div>
            <span className={classes.label}>{t('gate.left')}</span>
            <span className={classes.big}>{answer.valid_until ? <Countdown until={answer.valid_until} /> : '–'}</span>
            <span className="small muted">{t('gate.until')} <Instant at={answer.valid_until} /></span>
          </div>
        </div>
      ) : null}
      {answer.reasons.length > 0 ? (
        <div>
          <h2>{t(decision === 'permit' ? 'gate.notes' : 'gate.reasons')}</h2>
          <ol className={classes.reasons}>
            {answer.reasons.map((reason) => (
              <li key={reason.code} data-severity={reason.severity}>
                <p className={classes.reason}>{reason.text}</p>
                {reason.cure ? <p>{reason.cure}</p> : null}
                <p className="small muted mono">{reason.code}</p>
              </li>
            ))}
          </ol>
        </div>
      ) : null}
      {decision === 'refer' ? <p className={classes.reason}>{t('gate.referCall')}</p> : null}
      {decision === 'permit' ? null : <p className="small muted">{t('gate.denyIsNotOff')}</p>}
      {answer.permit ? <Permit permit={answer.permit} name={answer.reference} id={answer.id} /> : null}
      <Facts
        layout="row"
        facts={[
          { label: t('gate.point'), value: <Identifier value={answer.connection_point} /> },
          { label: t('gate.requested'), value: <Kw value={answer.requested_kw} /> },
          answer.license ? { label: t('license.kind'), value: <Identifier value={answer.license} /> } : null,
          { label: t('gate.reference'), value: answer.reference },
          { label: t('gate.decidedAt'), value: <Instant at={answer.decided_at} /> },
          { label: t('gate.revision'), value: <span className="num">{answer.revision}</span> },
          { label: t('gate.rules'), value: <span className="mono">{answer.rules_version}</span> },
          { label: t('gate.digest'), value: <Identifier value={answer.facts_digest} shorten="middle" /> },
        ]}
      />
      {linked ? (
        <p className="no-print">
          <Link to="/gate/checks/$id" params={{ id: answer.id }}>
            {t('gate.explain')}
          </Link>
        </p>
      ) : null}
    </section>
  );
}
