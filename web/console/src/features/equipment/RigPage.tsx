import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Timeline } from '@ui/Timeline';
import { Facts, Identifier, Kw, LegalDate } from '@ui/values';
import { rigAlarmsQuery, rigEventsQuery, rigQuery, rigSeizuresQuery, type Position, type Rig, type RigEvent } from './api';
import classes from './equipment.module.css';

const route = getRouteApi('/equipment/$id');

/** What an event changed, as "from → to". */
function Change({ event }: { event: RigEvent }) {
  const { t } = useTexts();
  const word = (field: string, p: Position): string =>
    field === 'owner' ? (p.owner_name ?? p.owner) : field === 'site' ? (p.site_code ?? '–') : field === 'license' ? (p.license ?? '–') : t(`state.equipment.${p.state}`);
  const changed = ['owner', 'site', 'license', 'state'].filter((field) => word(field, event.before) !== word(field, event.after));
  return (
    <Facts
      facts={[
        ...changed.map((field) => ({ label: t(field === 'state' ? 'ui.state' : `equipment.${field}`), value: `${word(field, event.before)} → ${word(field, event.after)}` })),
        event.authority ? { label: t('equipment.authority'), value: event.authority } : null,
        event.document ? { label: t('equipment.document'), value: event.document } : null,
        event.note ? { label: t('equipment.note'), value: event.note } : null,
        event.alarm ? { label: t('equipment.alarm'), value: <Link to="/equipment/alarms/$id" params={{ id: event.alarm }}>{t('equipment.openAlarm')}</Link> } : null,
      ]}
    />
  );
}

function Events({ id }: { id: string }) {
  const { t } = useTexts();
  const events = useQuery(rigEventsQuery(id));
  return (
    <Section title={t('equipment.events')}>
      <Loaded query={events} rows={3}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="muted">{t('equipment.noEvents')}</p>
          ) : (
            <Timeline
              entries={[...data.items].reverse().map((event) => ({
                key: event.id,
                at: event.recorded_at,
                actor: event.actor_name || t('equipment.registry'),
                what: (
                  <>
                    {t(`equipment.event.${event.kind}`)} · {t('equipment.effective')} <LegalDate date={event.effective_on} />
                  </>
                ),
                detail: <Change event={event} />,
              }))}
            />
          )
        }
      </Loaded>
    </Section>
  );
}

/** Says which case holds the rig, and that it stays where it is until the case decides. */
function HeldBanner({ id }: { id: string }) {
  const { t } = useTexts();
  const seizures = useQuery(rigSeizuresQuery(id));
  const held = seizures.data?.items.filter((one) => one.fate !== 'returned') ?? [];
  return held.map((one) => (
    <Callout key={one.case + one.number} tone="stop" title={t(`case.fate.${one.fate}`)}>
      {t('case.rigHeld', { number: one.number, place: one.place })}{' '}
      <Link to="/cases/$id" params={{ id: one.case }} className="mono">{one.case}</Link>
    </Callout>
  ));
}

function AlarmBanner({ id }: { id: string }) {
  const { t } = useTexts();
  const alarms = useQuery(rigAlarmsQuery(id));
  const open = alarms.data?.items.filter((alarm) => alarm.state === 'open') ?? [];
  return open.map((alarm) => (
    <Callout key={alarm.id} tone="refuse" title={t(`equipment.alarmTitle.${alarm.kind}`)}>
      {t('equipment.alarmText', { owner: alarm.second.owner_name ?? '–', site: alarm.second.site_code ?? '–' })}{' '}
      <Link to="/equipment/alarms/$id" params={{ id: alarm.id }}>
        {t('equipment.openAlarm')}
      </Link>
    </Callout>
  ));
}

function Body({ rig, id }: { rig: Rig; id: string }) {
  const { t } = useTexts();
  const can = useCan();
  const allowed = can('equipment.write') ? (rig.allowed ?? []) : [];
  const [first, ...rest] = allowed;
  return (
    <>
      <ObjectHeader
        back={
          <Link to="/equipment">
            <BackLabel>{t('equipment.title')}</BackLabel>
          </Link>
        }
        kind={`${rig.manufacturer} ${rig.model}`}
        number={<Identifier value={rig.serial} />}
        title={rig.serial}
        state={<State noun="equipment" state={rig.state} size="large" />}
        action={
          first ? (
            <>
              {rest.map((act) => (
                <Button key={act} variant="default" component={Link} to={`/equipment/${id}/${act}`}>
                  {t(`equipment.act.${act}`)}
                </Button>
              ))}
              <Button component={Link} to={`/equipment/${id}/${first}`}>
                {t(`equipment.act.${first}`)}
              </Button>
            </>
          ) : undefined
        }
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('equipment.owner'), value: can('party.read') ? <Link to="/parties/$id" params={{ id: rig.owner }}>{rig.owner_name ?? rig.owner}</Link> : (rig.owner_name ?? rig.owner) },
              { label: t('equipment.site'), value: rig.site_code ? `${rig.site_code}${rig.site_name ? ` · ${rig.site_name}` : ''}` : '–' },
              { label: t('equipment.license'), value: rig.license ? <Link to="/licenses/$number" params={{ number: rig.license }} className="mono">{rig.license}</Link> : '–' },
            ]}
          />
        }
      />
      {rig.state === 'seized' && can('case.read') ? <HeldBanner id={id} /> : null}
      {can('equipment.alarm_read') ? <AlarmBanner id={id} /> : null}
      <Columns
        facts={
          <Section title={t('equipment.facts')}>
            <Facts
              facts={[
                { label: t('equipment.power'), value: <Kw value={rig.nameplate_kw} /> },
                { label: t('equipment.hashrate'), value: rig.hashrate_th ? <span className="num">{rig.hashrate_th} TH/s</span> : '–' },
                { label: t('equipment.algorithm'), value: rig.algorithm ?? '–' },
                { label: t('equipment.customs'), value: rig.customs_declaration ? <span className="mono">{rig.customs_declaration}</span> : '–' },
                { label: t('equipment.country'), value: rig.import_country ?? '–' },
                { label: t('equipment.importDate'), value: rig.import_date ? <LegalDate date={rig.import_date} /> : '–' },
                rig.import && can('import.read') ? { label: t('equipment.fromImport'), value: <Link to="/equipment/imports/$id" params={{ id: rig.import }}>{t('equipment.openImport')}</Link> } : null,
              ]}
            />
          </Section>
        }
      >
        <div className={classes.form} style={{ maxWidth: 'none' }}>
          <Events id={id} />
        </div>
      </Columns>
    </>
  );
}

/** One rig: what it is, whose and where, and what happened to it. */
export function RigPage() {
  const { id } = route.useParams();
  const query = useQuery(rigQuery(id));
  return <Loaded query={query}>{(rig) => <Body rig={rig} id={id} />}</Loaded>;
}
