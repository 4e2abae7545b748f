import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useCan } from '@shared/session';
import { ListFoot } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { StateMark } from '@ui/StateMark';
import { Callout, Empty } from '@ui/states';
import { Age, Facts, Identifier } from '@ui/values';
import { bringIn, devicePages, lock, unlock, type Device } from './api';
import { NoArchive } from './archive';
import classes from './Devices.module.css';

/** Locks a device, after a second press that says what it means; a head unlocks it. */
function Act({ row }: { row: Device }) {
  const { t } = useTexts();
  const unlocks = useCan()('field.unlock');
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const locked = row.locked_at !== undefined;
  const act = useMutation({
    mutationFn: () => (locked ? unlock(row) : lock(row)),
    onSuccess: async () => {
      setAsked(false);
      await client.invalidateQueries({ queryKey: devicePages.queryKey });
    },
  });
  if (locked && !unlocks) return null;
  const name = <span className={classes.hidden}> {row.name}</span>;
  return (
    <div className={classes.act}>
      {asked ? <span className="small">{t(locked ? 'devices.unlockMeans' : 'devices.lockMeans')}</span> : null}
      <span className={classes.buttons}>
        {asked ? <Button size="xs" variant="default" onClick={() => setAsked(false)}>{t('ui.cancel')}</Button> : null}
        <Button size="xs" variant={asked ? 'filled' : 'default'} loading={act.isPending} onClick={() => (asked ? act.mutate() : setAsked(true))}>
          {t(locked ? 'devices.unlock' : 'devices.lock')}{name}
        </Button>
      </span>
      {act.isError ? <ProblemNotice problem={asProblem(act.error)} /> : null}
    </div>
  );
}

/** The office takes in a file that a device exported when it could send nothing. */
function BringIn() {
  const { t } = useTexts();
  const client = useQueryClient();
  const file = useMutation({ mutationFn: bringIn, onSuccess: () => client.invalidateQueries({ queryKey: ['inspections'] }) });
  const done = file.data;
  return (
    <Section title={t('devices.bringIn')} note={t('devices.bringInNote')}>
      <label className={classes.file} aria-disabled={file.isPending}>
        {t(file.isPending ? 'devices.bringing' : 'devices.choose')}
        <input
          type="file"
          accept=".rigistry-visit,.tar,application/x-tar"
          disabled={file.isPending}
          onChange={(event) => {
            const [chosen] = event.currentTarget.files ?? [];
            if (chosen) file.mutate(chosen);
            event.currentTarget.value = '';
          }}
        />
      </label>
      <div role="status">
        {done ? (
          <Callout tone={done.refused.length > 0 ? 'stop' : 'ok'} title={t('devices.brought', { events: done.events, files: done.files, visits: done.visits })}>
            {done.refused.length > 0 ? (
              <>
                <p>{t('devices.refused', { n: done.refused.length })}</p>
                <ul>{done.refused.map((one) => <li key={`${one.index} ${one.id ?? ''}`}><span className="mono">{one.id}</span> <span lang="en">{one.detail}</span></li>)}</ul>
              </>
            ) : (
              <p>{t('devices.broughtText')}</p>
            )}
          </Callout>
        ) : null}
      </div>
      {file.isError ? (
        file.error instanceof NoArchive || file.error instanceof SyntaxError ? <Callout tone="refuse" title={t('devices.noArchive')}><p>{t('devices.noArchiveText')}</p></Callout> : <ProblemNotice problem={asProblem(file.error)} />
      ) : null}
    </Section>
  );
}

/** Phones and tablets of the field: which there are, which is locked, and what is brought to the office as a file. */
export function Devices() {
  const { t } = useTexts();
  const { query, more, busy } = usePages(devicePages);
  return (
    <Page title={t('devices.title')} lead={t('devices.lead')} back={<Link to="/inspections" search={{}}><BackLabel>{t('nav.inspections')}</BackLabel></Link>}>
      <Loaded query={query} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('devices.empty')}>{t('devices.emptyHelp')}</Empty>
          ) : (
            <>
              <ul className={classes.list} aria-label={t('devices.title')}>
                {items.map((row) => (
                  <li key={row.id} className={classes.row}>
                    <div className={classes.what}>
                      <strong>{row.name}</strong>
                      <span>{row.locked_at ? <><StateMark tone="refuse" label={t('devices.locked')} /> <Age at={row.locked_at} /></> : <StateMark tone="ok" label={t('devices.inUse')} />}</span>
                    </div>
                    <Facts layout="row" facts={[{ label: t('devices.id'), value: <Identifier value={row.id} /> }, { label: t('devices.since'), value: <Age at={row.registered_at} /> }]} />
                    <Act row={row} />
                  </li>
                ))}
              </ul>
              <ListFoot shown={items.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
      <BringIn />
    </Page>
  );
}
