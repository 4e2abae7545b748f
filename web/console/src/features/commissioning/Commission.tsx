import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { BackLabel, Page } from '@ui/Page';
import { Callout } from '@ui/states';
import { jobQuery } from './api';
import { CheckStep } from './CheckStep';
import { DoneStep } from './DoneStep';
import { useDraft } from './draft';
import { LinkStep } from './LinkStep';
import { PlaceStep, PlateStep, RatioStep } from './PlateSteps';
import { ReadStep } from './ReadStep';
import { ScanStep, UnitStep } from './ScanStep';
import { SignStep } from './SignStep';
import { reachable, stepOf, steps, type CommissionSearch, type Step } from './search';
import classes from './Commission.module.css';

const route = getRouteApi('/commissioning');

function Steps({ search, now }: { search: CommissionSearch; now: Step }) {
  const { t } = useTexts();
  const allowed = reachable(search);
  return (
    <nav aria-label={t('commission.steps')}>
      <ol className={classes.steps}>
        {steps.map((step) => (
          <li key={step} data-now={step === now || undefined} aria-current={step === now ? 'step' : undefined}>
            {allowed.includes(step) && step !== now ? <Link to="/commissioning" search={{ ...search, step }}>{t(`commission.step.${step}`)}</Link> : t(`commission.step.${step}`)}
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** The questions about a meter that was read: from its plate to its act. */
function Written({ search, step, onGo }: { search: CommissionSearch; step: Step; onGo: (next: CommissionSearch) => void }) {
  const read = search.read ?? '';
  const { draft, change, forget } = useDraft(read);
  const next = (to: Step) => () => onGo({ ...search, step: to });
  const fields = { draft, change };
  switch (step) {
    case 'plate':
      return <PlateStep {...fields} onNext={next('ratio')} />;
    case 'ratio':
      return <RatioStep {...fields} onNext={next('place')} />;
    case 'place':
      return <PlaceStep {...fields} onNext={next('check')} />;
    case 'check':
      return <CheckStep {...fields} search={search} onNext={next('sign')} />;
    default:
      return <SignStep {...fields} read={read} onBound={forget} />;
  }
}

/** Commissions a meter: from the gateway that only a collector reaches to its first reading. */
export function Commission() {
  const { t } = useTexts();
  const search = route.useSearch();
  const navigate = useNavigate();
  const may = useCan()('meter.write');
  const read = useQuery({ ...jobQuery(search.read ?? ''), enabled: search.read !== undefined });
  const bound = read.data?.meter;
  const step = stepOf(search);
  const body = useRef<HTMLDivElement>(null);
  const seen = useRef(step);
  useEffect(() => {
    if (seen.current === step) return;
    seen.current = step;
    body.current?.focus();
  }, [step]);
  const go = (next: CommissionSearch) => void navigate({ to: '/commissioning', search: next });
  const screen = () => {
    if (bound) return <DoneStep meter={bound} />;
    switch (step) {
      case 'link':
        return <LinkStep search={search} onGo={go} />;
      case 'scan':
        return <ScanStep search={search} onGo={go} />;
      case 'unit':
        return <UnitStep key={search.scan} search={search} onGo={go} />;
      case 'read':
        return <ReadStep search={search} onGo={go} />;
      default:
        return <Written key={search.read} search={search} step={step} onGo={go} />;
    }
  };
  return (
    <Page
      title={t('commission.title')}
      lead={search.endpoint ? <><span className="mono">{search.endpoint}</span>{search.unit === undefined ? null : <> · {t('commission.unit.id', { unit: search.unit })}</>}</> : t('commission.lead')}
      back={<Link to="/collectors"><BackLabel>{t('collectors.title')}</BackLabel></Link>}
    >
      {bound ? null : <Steps search={search} now={step} />}
      {may ? <div ref={body} tabIndex={-1} className={classes.body}>{screen()}</div> : <Callout tone="stop">{t('commission.mayNot')}</Callout>}
    </Page>
  );
}
