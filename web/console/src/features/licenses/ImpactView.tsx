import { Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Section } from '@ui/Page';
import { State } from '@ui/State';
import { Table } from '@ui/Table';
import { Facts, Instant, Kw } from '@ui/values';
import type { Impact } from './acts';
import classes from './Impact.module.css';

type Point = Impact['points'][number];

const gates: Record<Point['effect'], string> = { closes: 'impact.closes', opens: 'impact.opens', stays_closed: 'impact.stays', unchanged: 'impact.unchanged' };

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="num">{children}</dd>
    </div>
  );
}

function Numbers({ impact }: { impact: Impact }) {
  const { t } = useTexts();
  const effect = impact.points[0]?.effect ?? impact.tenants[0]?.effect ?? 'unchanged';
  return (
    <dl className={classes.numbers}>
      <Figure label={t(gates[effect])}>{impact.points.length}</Figure>
      <Figure label={t('impact.energised')}><Kw value={impact.energised_kw} /></Figure>
      <Figure label={t('impact.reserved')}><Kw value={impact.reserved_kw} /></Figure>
      <Figure label={t('impact.tenants')}>{impact.tenants.length}</Figure>
      <Figure label={t('impact.orders')}>{impact.orders.length}</Figure>
      <Figure label={t('impact.letters')}>{impact.letters.reduce((sum, letter) => sum + letter.count, 0)}</Figure>
    </dl>
  );
}

function Points({ impact }: { impact: Impact }) {
  const { t } = useTexts();
  if (impact.points.length === 0) return <p className="muted small">{t('impact.noPoints')}</p>;
  return (
    <Table label={t('impact.points')}>
      <thead>
        <tr>
          <th scope="col">{t('impact.points')}</th>
          <th scope="col" data-align="end">{t('impact.energised')}</th>
          <th scope="col" data-align="end">{t('impact.reserved')}</th>
          <th scope="col" data-align="end">{t('impact.permits')}</th>
          <th scope="col">{t('impact.effect')}</th>
        </tr>
      </thead>
      {impact.utilities.map((utility) => (
        <tbody key={utility.id}>
          <tr className={classes.group}>
            <th scope="rowgroup">{utility.name}</th>
            <td data-align="end"><Kw value={utility.energised_kw} /></td>
            <td colSpan={3} />
          </tr>
          {impact.points
            .filter((point) => point.utility === utility.id)
            .map((point) => (
              <tr key={point.code}>
                <td className="mono">{point.code}</td>
                <td data-align="end"><Kw value={point.energised_kw} /></td>
                <td data-align="end"><Kw value={point.reserved_kw} /></td>
                <td data-align="end" className="num">{point.open_permits}</td>
                <td>
                  {t(`impact.effect.${point.effect}`)} {point.reason ? <span className="mono small muted">{point.reason}</span> : null}
                </td>
              </tr>
            ))}
        </tbody>
      ))}
    </Table>
  );
}

function Tenants({ impact }: { impact: Impact }) {
  const { t } = useTexts();
  if (impact.tenants.length === 0) return <p className="muted small">{t('impact.noTenants')}</p>;
  return (
    <Table label={t('impact.tenants')}>
      <tbody>
        {impact.tenants.map((tenant) => (
          <tr key={tenant.number}>
            <td><Link to="/licenses/$number" params={{ number: tenant.number }} className="mono" preload={false}>{tenant.number}</Link></td>
            <td>{tenant.holder_name}</td>
            <td><State noun="license" state={tenant.state} /></td>
            <td className="mono small">{tenant.connection_points.join(', ') || '–'}</td>
            <td data-align="end"><Kw value={tenant.approved_kw} /></td>
            <td>
              {t(`impact.effect.${tenant.effect}`)} {tenant.reason ? <span className="mono small muted">{tenant.reason}</span> : null}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Orders({ impact }: { impact: Impact }) {
  const { t } = useTexts();
  if (impact.orders.length === 0) return <p className="muted small">{t('impact.noOrders')}</p>;
  return (
    <Table label={t('impact.orders')}>
      <thead>
        <tr>
          <th scope="col">{t('impact.points')}</th>
          <th scope="col" data-align="end">{t('impact.order.load')}</th>
          <th scope="col" data-align="end">{t('impact.order.deadline')}</th>
          <th scope="col">{t('impact.what')}</th>
        </tr>
      </thead>
      <tbody>
        {impact.orders.map((order) => (
          <tr key={`${order.connection_point}${order.number ?? ''}`}>
            <td className="mono">{order.connection_point}</td>
            <td data-align="end"><Kw value={order.load_kw || undefined} /></td>
            <td data-align="end"><Instant at={order.deadline} /></td>
            <td>{t(`impact.order.${order.effect}`)} {order.number ? <span className="mono small">{order.number}</span> : null}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Letters({ impact }: { impact: Impact }) {
  const { t } = useTexts();
  return (
    <Table label={t('impact.letters')}>
      <tbody>
        {impact.letters.map((letter, index) => (
          <tr key={index}>
            <td>{t(`impact.letter.${letter.kind}`)}</td>
            <td className="muted">{t(`impact.to.${letter.to}`)}</td>
            <td>{letter.name}</td>
            <td data-align="end" className="num">{letter.count}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** What an act brings about: the numbers first, then points by utility, tenants, orders and letters. */
export function ImpactView({ impact }: { impact: Impact }) {
  const { t } = useTexts();
  const can = useCan();
  return (
    <div className={classes.impact}>
      <Numbers impact={impact} />
      <Facts
        layout="row"
        facts={[
          { label: t('impact.state'), value: <State noun="license" state={impact.state} /> },
          impact.until ? { label: t('impact.until'), value: <Instant at={impact.until} /> } : null,
          { label: t('license.approved'), value: <Kw value={impact.approved_kw} /> },
          impact.points[0]?.reason ? { label: t('impact.reason'), value: t(`gate.reason.${impact.points[0].reason}.text`) } : null,
        ]}
      />
      <Section title={t('impact.points')}><Points impact={impact} /></Section>
      <Section title={t('impact.tenants')}><Tenants impact={impact} /></Section>
      <Section title={t('impact.orders')} action={can('order.read') ? <Link to="/orders" search={{ license: impact.license }}>{t('license.toOrders')}</Link> : null}><Orders impact={impact} /></Section>
      <Section title={t('impact.letters')}><Letters impact={impact} /></Section>
    </div>
  );
}

type Change = { code: string; subject: string; before: string; after: string };

const units = { W: 0.001, kW: 1, MW: 1000 } as const;

/** A value of a change: power in the page's own words, the rest as it is. */
function Said({ text }: { text: string | undefined }) {
  const [, number, unit] = /^(-?[\d.]+) (W|kW|MW)$/.exec(text ?? '') ?? [];
  return number ? <Kw value={Number(number) * units[unit as keyof typeof units]} /> : <>{text || '–'}</>;
}

/** What differs between the impact that the drafter saw and that of now. */
export function ImpactChanges({ changes }: { changes: readonly Change[] }) {
  const { t } = useTexts();
  return (
    <Table label={t('impact.changed')}>
      <thead>
        <tr>
          <th scope="col">{t('impact.what')}</th>
          <th scope="col"><span className="visually-hidden">{t('impact.points')}</span></th>
          <th scope="col" data-align="end">{t('impact.before')}</th>
          <th scope="col" data-align="end">{t('impact.after')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={`${change.code} ${change.subject}`}>
            <td>{t(`impact.change.${change.code}`)}</td>
            <td className="mono">{change.subject}</td>
            <td data-align="end" className="num"><Said text={change.before} /></td>
            <td data-align="end" className="num"><mark className={classes.mark}><Said text={change.after} /></mark></td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
