import type { Schemas } from '@shared/api/client';
import { kw } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Section } from '@ui/Page';
import { Facts, Instant } from '@ui/values';
import classes from './Orders.module.css';

const WIDTH = 480;
const HEIGHT = 48;

/** The power of one meter by the minute; a gap is a gap, a bad reading a hollow mark at the foot. */
function Line({ meter, from, until }: { meter: Schemas['OrderMeterWire']; from: number; until: number }) {
  const { t, language } = useTexts();
  const most = Math.max(1, ...meter.minutes.map((minute) => minute.kw ?? 0));
  const x = (at: string) => ((new Date(at).getTime() - from) / Math.max(1, until - from)) * WIDTH;
  const last = meter.minutes.findLast((minute) => minute.kw !== undefined);
  return (
    <div className={classes.meter}>
      <p className="small">
        {t('order.meter')} <span className="mono">{meter.code}</span>
        {last?.kw === undefined ? null : (
          <>
            {' · '}
            {t('order.lastPower')} <span className="num">{kw(last.kw, language)}</span> <Instant at={last.at} />
          </>
        )}
      </p>
      <svg viewBox={`-4 -4 ${String(WIDTH + 8)} ${String(HEIGHT + 8)}`} className={classes.line} role="img" aria-label={`${meter.code}: ${last?.kw === undefined ? t('order.verdict.silent') : kw(last.kw, language)}`}>
        <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} stroke="currentColor" strokeWidth={0.5} opacity={0.5} />
        {meter.minutes.map((minute) =>
          minute.kw === undefined ? (
            <circle key={minute.at} cx={x(minute.at)} cy={HEIGHT} r={2.5} fill="none" stroke="currentColor" />
          ) : (
            <rect key={minute.at} x={x(minute.at)} y={HEIGHT - (minute.kw / most) * HEIGHT} width={5} height={Math.max(1, (minute.kw / most) * HEIGHT)} fill="currentColor" />
          ),
        )}
      </svg>
    </div>
  );
}

/** What the meters say about an executed order, with their numbers. */
export function Evidence({ evidence }: { evidence: Schemas['OrderEvidenceWire'] }) {
  const { t, language } = useTexts();
  const stamps = evidence.meters.flatMap((meter) => meter.minutes.map((minute) => new Date(minute.at).getTime()));
  const until = new Date(evidence.until).getTime();
  const from = Math.min(new Date(evidence.from).getTime(), ...stamps);
  return (
    <Section title={t('order.evidence')}>
      <p>{t(`order.verdict.${evidence.verdict}`)}</p>
      <Facts
        layout="row"
        facts={[
          { label: t('order.most'), value: <span className="num">{kw(evidence.most_kw, language)}</span> },
          { label: t('order.readings'), value: <span className="num">{evidence.good_readings}</span> },
          { label: t('order.readingsBad'), value: <span className="num">{evidence.bad_readings}</span> },
          {
            label: t('order.looked'),
            value: (
              <>
                <Instant at={evidence.from} /> – <Instant at={evidence.until} />
              </>
            ),
          },
        ]}
      />
      {evidence.meters.map((meter) => (
        <Line key={meter.code} meter={meter} from={from} until={until} />
      ))}
    </Section>
  );
}
