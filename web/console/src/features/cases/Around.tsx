import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Section } from '@ui/Page';
import { State } from '@ui/State';
import { Kw } from '@ui/values';
import { eventsQuery, staffQuery, type Case } from './api';
import classes from './Cases.module.css';

type Linked = NonNullable<Case['links']>[number];

function To({ link, name }: { link: Linked; name: string }) {
  switch (link.role) {
    case 'connection_point':
      return <Link to="/grid" search={{ node: link.ref }} className="mono">{link.ref}</Link>;
    case 'license':
      return <Link to="/licenses/$number" params={{ number: link.ref }} className="mono">{link.ref}</Link>;
    case 'site':
      return <Link to="/cases" search={{ subject: link.ref, view: 'all' }}>{name}</Link>;
    default:
      return <Link to="/parties/$id" params={{ id: link.ref }}>{name}</Link>;
  }
}

/** Where and whose the things are that a case is about: connection, site, license, holder, owner and users of the premises. */
export function Links({ row }: { row: Case }) {
  const { t, language } = useTexts();
  const links = row.links ?? [];
  if (links.length === 0) return null;
  return (
    <Section title={t('caseTask.links')}>
      <ul className={classes.list}>
        {links.map((link) => (
          <li key={`${link.role} ${link.ref}`}>
            <span className="small muted">{t(`caseTask.link.${link.role}`)}</span>
            <To link={link} name={link.name[language] || link.ref} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Other cases that a reader of this one should know of. */
export function Others({ title, note, cases }: { title: string; note: string; cases: Case['related'] }) {
  if (!cases || cases.length === 0) return null;
  return (
    <Section title={title} note={note}>
      <ul className={classes.list}>
        {cases.map((other) => (
          <li key={other.id}>
            <Link to="/cases/$id" params={{ id: other.number }} className="mono">{other.number}</Link>
            <span>{other.title}</span>
            <State noun="case" state={other.state} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Why a drafted dismissal waits for a second person, and who that can be. */
export function SecondLook({ row }: { row: Case }) {
  const { t } = useTexts();
  const can = useCan();
  const events = useQuery({ ...eventsQuery(row.id), enabled: can('ledger.read') });
  const staff = useQuery({ ...staffQuery, enabled: can('staff.read') });
  const drafted = (events.data?.items ?? []).filter(({ kind }) => kind === 'case.dismissal_drafted').sort((a, b) => b.at.localeCompare(a.at))[0];
  const body = (drafted?.body ?? {}) as { lot?: number; percent?: number; from_w?: number };
  const large = body.from_w !== undefined && row.estimated_kw * 1000 >= body.from_w;
  const names = (staff.data?.items ?? []).filter((one) => one.name !== row.drafted_by_name && one.roles.some((role) => role === 'officer' || role === 'head')).map(({ name }) => name);
  return (
    <>
      {large && body.from_w !== undefined ? <p>{t('caseTask.look.size')} <Kw value={body.from_w / 1000} /></p> : null}
      {!large && body.lot !== undefined && body.percent !== undefined ? <p>{t('caseTask.look.lot', { lot: body.lot, percent: body.percent })}</p> : null}
      <p>{names.length > 0 ? t('caseTask.look.who', { names: names.join(', ') }) : t('caseTask.look.whoever')}</p>
    </>
  );
}
