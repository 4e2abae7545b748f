import { Button, Textarea } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useCodeText, useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { ProblemNotice } from '@ui/ProblemNotice';
import { useTriage, type Finding, type Triage } from './api';
import { caseAddress } from './place';
import type { Act } from './search';
import { Watch } from './Watch';
import classes from './FindingPage.module.css';

const possibleIn: Record<Finding['state'], readonly Triage['act'][]> = { open: ['acknowledgement', 'dismissal'], acknowledged: ['dismissal', 'reopening'], dismissed: ['reopening'], closed: [] };

/** What an officer does about a finding, with the reason that the ledger keeps. The act under way stands in the address. */
export function Decide({ finding, act, onAct }: { finding: Finding; act: Act | undefined; onAct: (act: Act | undefined) => void }) {
  const { t } = useTexts();
  const can = useCan();
  const text = useCodeText();
  const [reason, setReason] = useState('');
  const triage = useTriage(finding.id, () => {
    onAct(undefined);
    setReason('');
  });
  if (!can('finding.triage')) return null;
  const problem = triage.error ? asProblem(triage.error) : undefined;
  const possible = possibleIn[finding.state];
  const current = possible.find((item) => item === act);
  const watchable = finding.state === 'open' || finding.state === 'acknowledged';
  if (act === 'watch' && watchable) return <Watch finding={finding} onDone={() => onAct(undefined)} />;
  if (!current)
    return (
      <div className={`${classes.buttons} no-print`}>
        {can('case.write') && watchable ? (
          <Button component={Link} to={caseAddress(finding, text('rule', finding.rule))}>
            {t('case.openFrom')}
          </Button>
        ) : null}
        {watchable ? <Button variant="default" onClick={() => onAct('watch')}>{t('triage.watch.title')}</Button> : null}
        {possible.map((item) => (
          <Button key={item} variant="default" onClick={() => onAct(item)}>
            {t(`finding.do.${item}`)}
          </Button>
        ))}
        <Link to="/findings/$id/print" params={{ id: finding.id }}>{t('gate.print')}</Link>
      </div>
    );
  return (
    <form
      className={`${classes.triage} no-print`}
      onSubmit={(event) => {
        event.preventDefault();
        triage.mutate({ act: current, reason: reason.trim() });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onAct(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Textarea label={t(`finding.reason.${current}`)} description={t(`finding.reasonHelp.${current}`)} autosize minRows={2} autoFocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
      <div className={classes.buttons}>
        <Button type="submit" loading={triage.isPending} disabled={reason.trim() === ''}>
          {t(`finding.do.${current}`)}
        </Button>
        <Button variant="subtle" onClick={() => onAct(undefined)}>
          {t('ui.cancel')}
        </Button>
        {reason.trim() === '' ? <span className="small muted">{t('finding.reasonNeeded')}</span> : null}
      </div>
    </form>
  );
}
