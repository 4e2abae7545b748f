import { Button, Radio, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { present } from '@shared/search';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { BackLabel, ObjectHeader, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Facts, Instant, Kw } from '@ui/values';
import { alarmQuery, commands, useCommand, type Alarm, type Position, type Rig } from './api';
import classes from './equipment.module.css';

const route = getRouteApi('/equipment/alarms/$id');

const outcomes = ['first_right', 'second_right', 'different_machines', 'typing_error'] as const;
type Outcome = (typeof outcomes)[number];

/** One of the two claims; what differs from the other is marked. */
function Side({ title, rig, position, other, otherPosition, children }: { title: string; rig: Rig; position: Position; other: Rig; otherPosition: Position; children?: React.ReactNode }) {
  const { t } = useTexts();
  const mark = (value: string, against: string, content?: React.ReactNode) => <span className={value === against ? undefined : classes.differs}>{content ?? (value || '–')}</span>;
  return (
    <section className={classes.side} aria-label={title}>
      <h2>{title}</h2>
      <Facts
        facts={[
          { label: t('equipment.serial'), value: mark(rig.serial, other.serial, <span className="mono">{rig.serial}</span>) },
          { label: t('equipment.model'), value: mark(`${rig.manufacturer} ${rig.model}`, `${other.manufacturer} ${other.model}`) },
          { label: t('equipment.owner'), value: mark(position.owner, otherPosition.owner, `${position.owner_name ?? '–'}${position.owner_bin ? ` · ${position.owner_bin}` : ''}`) },
          { label: t('equipment.site'), value: mark(position.site ?? '', otherPosition.site ?? '', [position.site_code, position.site_name].filter(Boolean).join(' · ') || '–') },
          { label: t('equipment.license'), value: mark(position.license ?? '', otherPosition.license ?? '') },
          { label: t('equipment.power'), value: mark(String(rig.nameplate_kw), String(other.nameplate_kw), <Kw value={rig.nameplate_kw} />) },
          { label: t('equipment.customs'), value: mark(rig.customs_declaration ?? '', other.customs_declaration ?? '') },
          { label: t('ui.state'), value: <State noun="equipment" state={position.state} /> },
        ]}
      />
      {children}
    </section>
  );
}

function Resolve({ alarm }: { alarm: Alarm }) {
  const { t } = useTexts();
  const [outcome, setOutcome] = useState<Outcome>();
  const [note, setNote] = useState('');
  const [manufacturer, setManufacturer] = useState('');
  const [serial, setSerial] = useState('');
  const resolve = useCommand((chosen: Outcome) =>
    commands.resolve(alarm, { outcome: chosen, note, ...present({ manufacturer: manufacturer.trim() || undefined, serial: serial.trim() || undefined }) }),
  );
  const problem = resolve.error ? asProblem(resolve.error) : undefined;
  return (
    <Section title={t('equipment.resolve')}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (outcome) resolve.mutate(outcome);
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        <Radio.Group label={t('equipment.outcome')} value={outcome ?? ''} error={problem?.field('/outcome')} onChange={(value) => setOutcome(outcomes.find((one) => one === value))}>
          <div className={classes.outcomes}>
            {outcomes.map((one) => (
              <Radio key={one} value={one} label={t(`equipment.outcome.${one}`)} description={t(`equipment.outcomeHelp.${one}`)} />
            ))}
          </div>
        </Radio.Group>
        {outcome === 'different_machines' || outcome === 'typing_error' ? (
          <div className={classes.pair}>
            <TextInput label={t('equipment.rightMake')} placeholder={alarm.second_rig.manufacturer} value={manufacturer} error={problem?.field('/manufacturer')} onChange={(event) => setManufacturer(event.currentTarget.value)} />
            <TextInput label={t('equipment.rightSerial')} placeholder={alarm.second_rig.serial} value={serial} error={problem?.field('/serial')} onChange={(event) => setSerial(event.currentTarget.value)} />
          </div>
        ) : null}
        <Textarea label={t('equipment.restsOn')} autosize minRows={2} value={note} error={problem?.field('/note')} onChange={(event) => setNote(event.currentTarget.value)} />
        <div>
          <Button type="submit" disabled={!outcome} loading={resolve.isPending}>
            {t('equipment.resolveDo')}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Body({ alarm }: { alarm: Alarm }) {
  const { t } = useTexts();
  const can = useCan();
  return (
    <>
      <ObjectHeader
        back={
          <Link to="/equipment/alarms">
            <BackLabel>{t('equipment.alarmsTitle')}</BackLabel>
          </Link>
        }
        kind={t(`equipment.alarmTitle.${alarm.kind}`)}
        number={<span className="mono">{alarm.second_rig.serial}</span>}
        title={alarm.second_rig.serial}
        state={<State noun="alarm" state={alarm.state} size="large" />}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('equipment.source'), value: alarm.import ? <Link to="/equipment/imports/$id" params={{ id: alarm.import }}>{t(`equipment.source.${alarm.source}`)}</Link> : t(`equipment.source.${alarm.source}`) },
              { label: t('equipment.opened'), value: <Instant at={alarm.opened_at} /> },
              { label: t('equipment.by'), value: alarm.opened_by_name ?? t('actor.system') },
            ]}
          />
        }
      />
      {alarm.outcome ? (
        <Callout tone="ok" title={t(`equipment.outcome.${alarm.outcome}`)}>
          {alarm.note} · {alarm.resolved_by_name} · <Instant at={alarm.resolved_at} />
          {alarm.registered ? (
            <>
              {' · '}
              <Link to="/equipment/$id" params={{ id: alarm.registered }}>{t('equipment.registeredRig')}</Link>
            </>
          ) : null}
        </Callout>
      ) : null}
      <div className={classes.sides} style={{ marginBlock: 20 }}>
        <Side title={t('equipment.firstClaim')} rig={alarm.first_rig} position={alarm.first} other={alarm.second_rig} otherPosition={alarm.second}>
          <Link to="/equipment/$id" params={{ id: alarm.rig }}>{t('equipment.open')}</Link>
        </Side>
        <Side title={t('equipment.secondClaim')} rig={alarm.second_rig} position={alarm.second} other={alarm.first_rig} otherPosition={alarm.first} />
      </div>
      {alarm.allowed.includes('resolve') && can('equipment.alarm_resolve') ? <Resolve alarm={alarm} /> : null}
    </>
  );
}

/** One alarm: both claims side by side, and who decides what. */
export function AlarmPage() {
  const { id } = route.useParams();
  const query = useQuery(alarmQuery(id));
  return <Loaded query={query}>{(alarm) => <Body alarm={alarm} />}</Loaded>;
}
